"""Mails to staff, sent through notification: the only service that knows a mail server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol, Self

import httpx

from shared.identity import Clock
from shared.tokens import SignsForItself, TokenSigner

log = logging.getLogger(__name__)

PAUSES = (1.0, 5.0, 15.0)
"""Seconds to wait after each time that notification or the mail server did not take it."""


class StaffMail(Protocol):
    """Whoever can write to staff."""

    async def send_link(self, email: str, link: str, language: str) -> None:
        """Send somebody their link to sign in."""


class MailByNotification:
    """Asks notification, a few times where it must be; use as an async context manager."""

    def __init__(self, url: str, signer: TokenSigner, clock: Clock, pauses: Sequence[float] = PAUSES) -> None:
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
        body = {"email": email, "link": link, "language": language}
        for pause in (*self._pauses, None):
            trouble = await self._try(body)
            if trouble is None:
                return
            log.warning("a link to sign in was not sent: %s", trouble)
            if pause is not None:
                await asyncio.sleep(pause)

    async def _try(self, body: dict[str, str]) -> str | None:
        try:
            response = await self._client.post("/internal/sign-in-mails", json=body)
        except httpx.HTTPError as error:
            return type(error).__name__
        return None if response.is_success else str(response.status_code)
