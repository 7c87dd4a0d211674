"""What the demo plays on: the services' public addresses, the people signed in, and waiting for what must come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

import httpx

from deploy.clients.service_client import TIMEOUT, ServiceClient
from deploy.clients.session_tokens import TokensOfSession
from deploy.databases import sessions_of
from deploy.demo.browser import Browser
from deploy.embedded.caught_mail import MailFolder
from deploy.running import Surroundings
from deploy.travel_status import EventCounts, TopicCount, counts_of, topic_counts
from shared.database import Sessions, unit_of_work
from shared.travel.topics import SERVICES, Service

POLL_SECONDS = 0.1
LONGEST_SECONDS = 90.0

Value = TypeVar("Value")


class DemoFailed(Exception):
    """A step of the demo did not do what it should; the sentence says which."""


@dataclass(frozen=True)
class Signed:
    """Somebody signed in with a browser, and the services' APIs as they see them."""

    browser: Browser
    apis: dict[Service, ServiceClient]

    @property
    def registration(self) -> ServiceClient:
        """Registration's API."""
        return self.apis["registration"]

    @property
    def matching(self) -> ServiceClient:
        """Matching's API."""
        return self.apis["matching"]

    @property
    def notification(self) -> ServiceClient:
        """Notification's API."""
        return self.apis["notification"]


@dataclass(frozen=True)
class DemoMeetup:
    """A meetup as its adviser's program knows it."""

    id: UUID
    identifier: str
    title: str
    venue: str
    agency_id: UUID
    starts_at: datetime
    slot_minutes: int
    slots: int


@dataclass
class Stage:
    """Everything a step may need. Inside `async with`; people sign in on it and stay so until it ends."""

    surroundings: Surroundings
    mails: MailFolder
    meetups: list[DemoMeetup] = field(default_factory=list)
    advisers: dict[UUID, Signed] = field(default_factory=dict)
    """By agency."""
    people: dict[UUID, str] = field(default_factory=dict)
    """How participants are called on the terminal and in the report: all of them are invented."""
    needs: dict[UUID, str] = field(default_factory=dict)
    _sessions: dict[Service, Sessions] = field(default_factory=dict)
    _closing: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def sign_in(self, person: str) -> Signed:
        """Sign in on registration's page as one of those it offers: a role of the region, or somebody's id."""
        registration = await self._client("registration")
        browser = Browser(registration)
        page = await browser.open("/sign-in")
        await browser.press(page, page.form_with(person), person)
        apis: dict[Service, ServiceClient] = {"registration": ServiceClient("registration", registration)}
        for service in SERVICES[1:]:
            client = await self._client(service)
            client.auth = TokensOfSession(registration, service)
            apis[service] = ServiceClient(service, client)
        return Signed(browser, apis)

    async def browser(self) -> Browser:
        """The browser of somebody who is not signed in, such as an employer."""
        return Browser(await self._client("notification"))

    def adviser_of(self, meetup: DemoMeetup) -> Signed:
        """The adviser of the meetup's agency."""
        return self.advisers[meetup.agency_id]

    async def until_at_rest(self) -> list[TopicCount]:
        """Wait until every event that was written has been applied by everybody who listens to it; their counts."""

        async def look() -> list[TopicCount] | None:
            counts = topic_counts({service: await self._counts(service) for service in SERVICES})
            return counts if all(each.is_at_rest for each in counts) else None

        return await until(look, "all events have arrived")

    async def _counts(self, service: Service) -> EventCounts:
        if service not in self._sessions:
            opening = sessions_of(self.surroundings.settings[service])
            self._sessions[service] = await self._closing.enter_async_context(opening)
        async with unit_of_work(self._sessions[service]) as session:
            return await counts_of(session)

    async def _client(self, service: Service) -> httpx.AsyncClient:
        client = httpx.AsyncClient(base_url=self.surroundings.url(service), timeout=TIMEOUT, trust_env=False)
        return await self._closing.enter_async_context(client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._closing.aclose()


async def until(look: Callable[[], Awaitable[Value | None]], what: str, every: float = POLL_SECONDS) -> Value:
    """Look `every` so many seconds until there is something to see, and give it.

    Raises `DemoFailed` after 90 seconds.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    while (seen := await look()) is None:
        if time.monotonic() >= deadline:
            raise DemoFailed(f"It was waited {LONGEST_SECONDS:g} s in vain until {what}.")
        await asyncio.sleep(every)
    return seen
