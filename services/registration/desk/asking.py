"""Asks another service in the name of whoever is signed in: it decides what they may see; the desk sees no more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

import httpx
from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from services.registration.domain.accounts import SignedIn
from services.registration.settings import Settings
from shared.identity import Person, current_person, now_of
from shared.tokens import TokenSigner
from shared.travel.topics import Service
from shared.web.templating import language_of

Heard = TypeVar("Heard", bound=BaseModel)

PATIENCE_SECONDS = 4.0
"""How long a page waits for a neighbour before it shows its own part alone."""


class Away(Exception):
    """A service does not answer now."""


class NotDone(Exception):
    """A service refused what was asked of it; ``detail`` says why, to people, in their language."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail


class Narrow(BaseModel):
    """What a page needs of an answer; whatever else the service tells is left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Neighbours:
    """The connections to the other services; use as an async context manager."""

    def __init__(
        self, settings: Settings, transports: Mapping[Service, httpx.AsyncBaseTransport] | None = None
    ) -> None:
        urls: Mapping[Service, str] = {"matching": settings.matching_url, "notification": settings.notification_url}
        self._clients = {
            service: httpx.AsyncClient(
                base_url=url,
                timeout=httpx.Timeout(PATIENCE_SECONDS),
                trust_env=False,
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

    async def ask(self, service: Service, method: str, path: str, **asked: Any) -> httpx.Response:
        """The answer of a service. Raises `Away` where there is none, or none that can be trusted."""
        try:
            answer = await self._clients[service].request(method, path, **asked)
        except httpx.HTTPError as error:
            raise Away(service) from error
        if answer.status_code >= 500:
            raise Away(service)
        return answer


class Desk:
    """The other services, asked by the request's own person with a token that stands for them alone."""

    def __init__(self, request: Request, person: Annotated[Person, Depends(current_person)]) -> None:
        self._request, self._person = request, person
        self._neighbours: Neighbours = request.app.state.neighbours

    async def get(self, service: Service, path: str, answer: type[Heard], **query: Any) -> Heard | None:
        """What a service tells; `None` where it knows nothing of it. Raises `Away` or `NotDone`."""
        response = await self._ask(service, "GET", path, params=query)
        if response.status_code == 404:
            return None
        return _read(service, response, answer)

    async def do(
        self, service: Service, method: str, path: str, answer: type[Heard] | None = None, body: Any = None
    ) -> Heard | None:
        """Have a service do something; what it answers where that is asked for. Raises `Away` or `NotDone`."""
        response = await self._ask(service, method, path, json=body)
        if answer is None:
            _check(response)
            return None
        return _read(service, response, answer)

    async def page(self, service: Service, path: str) -> str:
        """A page of a service for people, as it lays it out. Raises `Away` or `NotDone`."""
        response = await self._ask(service, "GET", path)
        _check(response)
        return response.text

    async def _ask(self, service: Service, method: str, path: str, **asked: Any) -> httpx.Response:
        signer: TokenSigner = self._request.app.state.signer
        signed_in: SignedIn | None = getattr(self._request.state, "signed_in", None)
        session_id = signed_in.id if signed_in else None
        token = signer.sign(self._person, service, now=now_of(self._request), session_id=session_id)
        headers = {"authorization": f"Bearer {token}", "accept-language": language_of(self._request)}
        return await self._neighbours.ask(service, method, path, headers=headers, **asked)


DeskOfRequest = Annotated[Desk, Depends(Desk)]
"""The other services, asked in the name of whoever looks at the page."""


def _read(service: Service, response: httpx.Response, answer: type[Heard]) -> Heard:
    _check(response)
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        raise Away(service) from error


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    try:
        told = response.json()
    except ValueError:
        told = {}
    raise NotDone(response.status_code, str(told.get("code", "")), str(told.get("detail", "")))
