"""What the other services hold of somebody, asked of them when their whole record is handed over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol, Self
from uuid import UUID

import httpx

from services.registration.settings import Settings
from shared.identity import Clock
from shared.tokens import SignsForItself, TokenSigner
from shared.travel.topics import Service


class RecordUnavailable(Exception):
    """A service does not tell what it holds of somebody, so that the record would not be whole."""


class RecordsElsewhere(Protocol):
    """Whoever knows what the other services hold."""

    async def of(self, participant_id: UUID) -> Mapping[str, Any]:
        """What each other service holds of somebody. Raises `RecordUnavailable`."""


class RecordsOfServices:
    """Asks the services, at the same time; use as an async context manager."""

    def __init__(
        self,
        settings: Settings,
        signer: TokenSigner,
        clock: Clock,
        transports: Mapping[Service, httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        urls: Mapping[Service, str] = {"matching": settings.matching_url, "notification": settings.notification_url}
        self._clients = {
            service: httpx.AsyncClient(
                base_url=url,
                timeout=httpx.Timeout(20),
                trust_env=False,
                auth=SignsForItself(signer, service, clock),
                transport=(transports or {}).get(service),
            )
            for service, url in urls.items()
        }

    async def __aenter__(self) -> Self:
        """Keep connections open from now on."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))

    async def of(self, participant_id: UUID) -> Mapping[str, Any]:
        """What each other service holds of somebody. Raises `RecordUnavailable`."""
        told = await asyncio.gather(*(self._ask(client, participant_id) for client in self._clients.values()))
        return dict(zip(self._clients, told, strict=True))

    async def _ask(self, client: httpx.AsyncClient, participant_id: UUID) -> Any:
        try:
            response = await client.get(f"/internal/participants/{participant_id}/record")
            response.raise_for_status()
            return response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise RecordUnavailable from error
