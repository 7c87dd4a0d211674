"""Names and addresses, asked of registration when a message leaves or a page is shown, and kept nowhere."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

import httpx
from pydantic import ValidationError

from shared.directory import Entries
from shared.identity import Clock
from shared.tokens import SignsForItself, TokenSigner

_TIMEOUT = httpx.Timeout(10)


class DirectoryUnavailable(Exception):
    """Registration did not answer, or not as agreed. The text holds nothing of the answer."""


class Directory(Protocol):
    """Whoever knows names and addresses."""

    async def look_up(
        self,
        *,
        participants: Collection[UUID] = (),
        employers: Collection[UUID] = (),
        needs: Collection[UUID] = (),
        meetups: Collection[UUID] = (),
        agencies: Collection[UUID] = (),
    ) -> Entries:
        """What is known under these ids; raises `DirectoryUnavailable`."""


class RegistrationDirectory:
    """The directory behind registration's internal API; use as an async context manager."""

    def __init__(self, url: str, signer: TokenSigner, clock: Clock) -> None:
        auth = SignsForItself(signer, "registration", clock)
        self._client = httpx.AsyncClient(base_url=url, timeout=_TIMEOUT, auth=auth)

    async def __aenter__(self) -> RegistrationDirectory:
        """Keep connections open from now on."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def look_up(
        self,
        *,
        participants: Collection[UUID] = (),
        employers: Collection[UUID] = (),
        needs: Collection[UUID] = (),
        meetups: Collection[UUID] = (),
        agencies: Collection[UUID] = (),
    ) -> Entries:
        """What registration knows under these ids; raises `DirectoryUnavailable`."""
        asked = {
            "participants": participants,
            "employers": employers,
            "needs": needs,
            "meetups": meetups,
            "agencies": agencies,
        }
        body = {kind: sorted({str(id_) for id_ in ids}) for kind, ids in asked.items()}
        try:
            response = await self._client.post("/internal/directory", json=body)
            response.raise_for_status()
            return Entries.model_validate_json(response.content)
        except (httpx.HTTPError, ValidationError) as error:
            # The chained error would quote the answer.
            raise DirectoryUnavailable(type(error).__name__) from None
