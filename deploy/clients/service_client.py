"""The services' HTTP APIs as the commands use them: who asks, and what a refusal is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx

from deploy.running import Surroundings
from shared.identity import Person, Role, wall_clock
from shared.tokens import TokenSigner
from shared.travel.topics import Service

TIMEOUT = httpx.Timeout(60.0, connect=5.0)

_COMMAND_LINE = uuid5(NAMESPACE_URL, "urn:vernissage:command-line")
OPERATOR = Person(_COMMAND_LINE, Role.OPERATOR)
"""Who imports and looks at the state of things from a terminal."""


def adviser_of(agency_id: UUID) -> Person:
    """Who asks for a rematch and approves it from a terminal: an adviser of the meetup's agency."""
    return Person(_COMMAND_LINE, Role.ADVISER, agency_id)


class NotAnswering(Exception):
    """A service does not answer; `str(error)` can be shown as it is."""

    def __init__(self, service: Service, url: str) -> None:
        super().__init__(f"The service {service} does not answer at {url}: look at “vernissage status” and its log.")


class ServiceRefused(Exception):
    """A service refuses what it was asked, for a reason that it tells; `str(error)` can be shown as it is."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


class SignedFor:
    """Puts a token of somebody on each request, signed anew: who holds registration's secret vouches for them."""

    def __init__(self, person: Person, service: Service, signer: TokenSigner) -> None:
        self._person, self._service, self._signer = person, service, signer

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """The request, with its token."""
        token = self._signer.sign(self._person, self._service, now=wall_clock())
        request.headers["authorization"] = f"Bearer {token}"
        return request


class ServiceClient:
    """One service's API, asked by one person."""

    def __init__(self, service: Service, client: httpx.AsyncClient) -> None:
        self.service = service
        self.http = client

    async def get(self, path: str, **query: Any) -> Any:
        """The answer to a GET, as JSON."""
        return await self.ask("GET", path, params=query)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer to a POST of JSON, as JSON; None where there is no content."""
        return await self.ask("POST", path, json=body)

    async def ask(self, method: str, path: str, **how: Any) -> Any:
        """The answer to a request, as JSON. Raises `ServiceRefused` or `NotAnswering`."""
        try:
            response = await self.http.request(method, path, **how)
        except httpx.TransportError as error:
            raise self.not_answering() from error
        check(response)
        return response.json() if response.content else None

    def not_answering(self) -> NotAnswering:
        """What to raise when the service is silent."""
        return NotAnswering(self.service, str(self.http.base_url).rstrip("/"))


def check(response: httpx.Response) -> None:
    """Raise `ServiceRefused` with the problem's own words where a service refused."""
    if response.is_success:
        return
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    sentences = [str(problem[key]) for key in ("title", "detail") if problem.get(key)]
    sentences += [f"{each.get('path', '')}: {each.get('message', '')}" for each in problem.get("errors", ())]
    sentence = " – ".join(sentences) or f"The answer was {response.status_code}."
    raise ServiceRefused(response.status_code, str(problem.get("code", "")), sentence)


@asynccontextmanager
async def service_client(surroundings: Surroundings, service: Service, person: Person) -> AsyncIterator[ServiceClient]:
    """A service's API for as long as the context lasts, asked by `person`."""
    async with httpx.AsyncClient(
        base_url=surroundings.url(service),
        auth=SignedFor(person, service, surroundings.signer),
        timeout=TIMEOUT,
        trust_env=False,
    ) as client:
        yield ServiceClient(service, client)
