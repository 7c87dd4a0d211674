"""Mails that registration itself sends, through notification: the only service that knows a mail server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol, Self

import httpx
from pydantic_core import to_jsonable_python

from services.registration.domain.owed_mails import MailContent, StaffInvitation
from services.registration.settings import Settings
from shared.identity import Clock, wall_clock
from shared.tokens import SignsForItself, TokenSigner

log = logging.getLogger(__name__)

PAUSES = (1.0, 5.0, 15.0)
"""Seconds to wait after each time that notification or the mail server did not take it."""


class StaffMail(Protocol):
    """Whoever can write to staff."""

    async def send_link(self, email: str, link: str, language: str) -> None:
        """Send somebody their link to sign in."""


class OwedMailSender(Protocol):
    """Whoever can send what registration owes."""

    async def send_owed(self, mail: MailContent) -> str | None:
        """Try once; gives what went wrong, in words that name nobody."""


class MailByNotification:
    """Asks notification, a few times where it must be; use as an async context manager."""

    def __init__(
        self, url: str, signer: TokenSigner, clock: Clock, *, sign_in_page: str, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._sign_in_page = sign_in_page
        self._pauses = pauses
        self._client = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(40),
            trust_env=False,
            auth=SignsForItself(signer, "notification", clock),
        )

    async def __aenter__(self) -> Self:
        """Keep connections open from now on."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send_link(self, email: str, link: str, language: str) -> None:
        """Send somebody their link; where that does not succeed it is logged, without a word of whom."""
        body = {"kind": "sign-in", "email": email, "link": link, "language": language}
        for pause in (*self._pauses, None):
            trouble = await self._try(body)
            if trouble is None:
                return
            log.warning("a link to sign in was not sent: %s", trouble)
            if pause is not None:
                await asyncio.sleep(pause)

    async def send_owed(self, mail: MailContent) -> str | None:
        """Try once; gives what went wrong, in words that name nobody."""
        link = {"link": self._sign_in_page} if isinstance(mail, StaffInvitation) else {}
        return await self._try(to_jsonable_python({**asdict(mail), **link}))

    async def _try(self, body: dict[str, Any]) -> str | None:
        try:
            response = await self._client.post("/internal/mails", json=body)
        except httpx.HTTPError as error:
            return type(error).__name__
        return None if response.is_success else str(response.status_code)


def mail_by_notification(settings: Settings) -> MailByNotification:
    """Mail as the settings say: where notification answers, and where staff sign in."""
    return MailByNotification(
        settings.notification_url, settings.signer("registration"), wall_clock, sign_in_page=settings.sign_in_page
    )
