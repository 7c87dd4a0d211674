"""A meetup as tests play it: a database, a clock, events told, mails sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, text

from services.notification.adapters.transport import MailServer
from services.notification.domain.replying import Choice
from services.notification.domain.rules import Rules
from services.notification.subscribers import create_router
from services.notification.tables import Base
from services.notification.use_cases import deadlines, replying, shortlisting
from services.notification.use_cases.sender import Sender, SenderParts
from shared.contracts.envelope import Envelope as EventEnvelope
from shared.contracts.envelope import Event
from shared.database import Sessions, unit_of_work
from shared.identity import Seal
from shared.moment import Moment
from shared.sql import run
from shared.travel import tables as travel_tables
from shared.travel.hearing import Hearing
from shared.travel.topics import TOPIC_OF_EVENT
from tests.services.notification.directory import FakeDirectory, a_directory
from tests.services.notification.events import MEETUP, NOW, an_id, consented, registered, scheduled
from tests.services.notification.mail_catcher import MailCatcher

SECRET = "a secret that only tests share, long enough"
PUBLIC_URL = "http://vernissage.localhost:8003"


@dataclass
class Story:
    """One database with a clock, told events and sending mails."""

    sessions: Sessions
    directory: FakeDirectory = field(default_factory=a_directory)
    now: datetime = NOW
    rules: Rules = field(default_factory=Rules)
    seal: Seal = field(default_factory=lambda: Seal(SECRET))
    lease: timedelta = timedelta(seconds=60)

    def clock(self) -> datetime:
        """The story's time."""
        return self.now

    async def hear(self, *events: Event) -> None:
        """Let the service hear events, each topic by its own handler, in this order."""
        hearing = self.hearing()
        for event in events:
            subscription = hearing.subscription(TOPIC_OF_EVENT[type(event)])
            envelope = EventEnvelope(id=uuid4(), source="/tests", time=self.now, event=event)
            async with unit_of_work(self.sessions) as session:
                await subscription.handler(session, [envelope])

    def hearing(self) -> Hearing:
        """What notification listens to, in the story's time."""
        return Hearing("notification", create_router(), {"rules": self.rules, "clock": self.clock})

    async def begin(self, *names: str) -> None:
        """The meetup is scheduled, and these participants can be written to."""
        await self.hear(scheduled())
        for name in names:
            await self.hear(registered(name), consented(name))

    def sender(self, server: MailServer, connections: int = 2) -> Sender:
        """A sender on this story's database."""
        return Sender(
            SenderParts(
                sessions=self.sessions,
                directory=self.directory,
                mail_server=server,
                seal=self.seal,
                rules=self.rules,
                public_url=PUBLIC_URL,
                mail_from="Vernissage <ne-pas-repondre@vernissage.example>",
                domain="vernissage.example",
                lease=self.lease,
                connections=connections,
                clock=self.clock,
                new_id=uuid4,
            )
        )

    def moment(self) -> Moment:
        """The story's time, for an adviser."""
        return Moment(self.now, uuid4, by=an_id("adviser"))

    async def request_shortlists(self) -> tuple[int, int]:
        """An adviser asks for the meetup's shortlists."""
        async with unit_of_work(self.sessions) as session:
            return await shortlisting.request_shortlists(session, MEETUP, moment=self.moment(), rules=self.rules)

    async def reply_by_phone(self, name: str, choice: Choice) -> None:
        """A participant answers on the phone."""
        invitation = await self.invitation(name)
        async with unit_of_work(self.sessions) as session:
            await replying.reply_by_phone(session, invitation["id"], choice, None, moment=self.moment())

    async def send(self, catcher: MailCatcher) -> dict[str, int]:
        """Send all that is due."""
        sender = self.sender(catcher.server)
        try:
            return dict(await sender.send_due())
        finally:
            await sender.close()

    async def keep_deadlines(self) -> list[tuple[str, str]]:
        """Run the timers once; say which messages are new."""
        known = {row["id"] for row in await self.rows("SELECT id FROM messages")}
        async with unit_of_work(self.sessions) as session:
            await deadlines.keep_deadlines(session, moment=self.moment(), rules=self.rules)
        rows = await self.rows("SELECT id, kind, state FROM messages ORDER BY written_at, edition, kind")
        return [(row["kind"], row["state"]) for row in rows if row["id"] not in known]

    async def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """The rows of a query."""
        async with self.sessions() as session:
            return [dict(row._mapping) for row in await (await session.connection()).execute(text(query), values)]

    async def change(self, statement: str, **values: Any) -> None:
        """Change rows behind the service's back."""
        async with unit_of_work(self.sessions) as session:
            await (await session.connection()).execute(text(statement), values)

    async def value(self, query: str, **values: Any) -> Any:
        """The single value of a query."""
        [row] = await self.rows(query, **values)
        return next(iter(row.values()))

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        """The events told so far, oldest first: short name and body."""
        rows = await self.rows("SELECT type, convert_from(body, 'UTF8')::jsonb AS body FROM outbox ORDER BY position")
        return [(row["type"].split(".", 1)[1].removesuffix(".v1"), row["body"]) for row in rows]

    async def event_names(self) -> list[str]:
        """The names of the events told so far."""
        return [name for name, _ in await self.events()]

    async def invitation(self, name: str = "zephyrine") -> dict[str, Any]:
        """One participant's invitation."""
        [row] = await self.rows("SELECT * FROM invitations WHERE participant_id = :id", id=an_id(name))
        return row

    async def states(self) -> list[tuple[str, str]]:
        """Kind and state of all messages, in the order of writing."""
        rows = await self.rows("SELECT kind, state FROM messages ORDER BY written_at, edition, kind")
        return [(row["kind"], row["state"]) for row in rows]

    async def forget_everything(self) -> None:
        """Empty all tables but the one that knows the migrations."""
        tables = (*reversed(Base.metadata.sorted_tables), *travel_tables.metadata.sorted_tables)
        async with unit_of_work(self.sessions) as session:
            for table in tables:
                await run(session, delete(table))

    async def whole_database(self) -> str:
        """All rows of all tables, as text."""
        tables = await self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        dumps = [await self.rows(f'SELECT t::text FROM "{row["tablename"]}" t') for row in tables]  # noqa: S608 - names
        bodies = await self.rows("SELECT convert_from(body, 'UTF8') FROM outbox")
        return repr(dumps) + repr(bodies)


def link_in(mail: EmailMessage) -> str:
    """The path of the page that a mail links to."""
    text_part = mail.get_body(("plain",))
    assert text_part is not None
    lines: Sequence[str] = text_part.get_content().split()
    [link] = {word for word in lines if word.startswith(PUBLIC_URL) and not word.endswith("/stop")}
    return str(link.removeprefix(PUBLIC_URL))
