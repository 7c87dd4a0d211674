"""How somebody signed in at registration asks the other services: by tokens that registration gives for minutes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import httpx

from deploy.clients.service_client import check
from shared.travel.topics import Service

RENEWED_BEFORE = timedelta(minutes=1)
"""How long before its end a token is exchanged for a new one."""


class TokensOfSession(httpx.Auth):
    """Puts a token on each request, asked for with the session of ``registration``; raises `ServiceRefused`."""

    def __init__(self, registration: httpx.AsyncClient, service: Service) -> None:
        self._registration = registration
        self._service = service
        self._token = ""
        self._ends_at = datetime(2000, 1, 1, tzinfo=UTC)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The request, with its token."""
        if datetime.now(UTC) > self._ends_at - RENEWED_BEFORE:
            await self._renew()
        request.headers["authorization"] = f"Bearer {self._token}"
        yield request

    async def _renew(self) -> None:
        response = await self._registration.post("/api/v1/tokens", json={"service": self._service})
        check(response)
        given = response.json()
        self._token, self._ends_at = given["token"], datetime.fromisoformat(given["ends_at"])
