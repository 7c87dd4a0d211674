"""A meetup as tests need it: people with planted names, their events, a clock, a directory, a real mail server."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID, uuid4, uuid5

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from services.notification.adapters.directory import DirectoryUnavailable
from services.notification.adapters.transport import MailServer
from services.notification.domain.replying import Choice
from services.notification.domain.rules import Rules
from services.notification.subscribers import Subscribers
from services.notification.use_cases import deadlines, replying, shortlisting
from services.notification.use_cases.sender import Sender, SenderParts
from shared.contracts import pairings
from shared.contracts.envelope import Envelope as EventEnvelope
from shared.contracts.envelope import Event
from shared.contracts.meetups import InvitedNeed, MeetupChanged, MeetupScheduled
from shared.contracts.participants import ConsentGranted, ConsentWithdrawn, ParticipantRegistered
from shared.contracts.vocabulary import Bilingual, Place
from shared.database import Sessions, unit_of_work
from shared.directory import AgencyEntry, EmployerEntry, Entries, MeetupEntry, NeedEntry, ParticipantEntry
from shared.identity import Seal
from shared.language import Language
from shared.moment import Moment
from shared.travel.topics import TOPIC_OF_EVENT

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STARTS_AT = datetime(2026, 12, 8, 8, 30, tzinfo=UTC)
SECRET = "a secret that only tests share, long enough"
LENS = Place(commune="62498", latitude=50.4, longitude=2.8)
PUBLIC_URL = "http://vernissage.localhost:8003"

PLANTED = (
    "Zéphyrine",
    "Quatrepommes",
    "zephyrine.quatrepommes",
    "0611223344",
    "Barnabé",
    "Troisfontaines",
    "trois.font",
)
"""Names and addresses that must turn up in mails and on pages only."""


def an_id(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(UUID(int=7), name)


MEETUP, AGENCY = an_id("meetup"), an_id("agency")


@dataclass
class FakeDirectory:
    """Registration's directory, in memory; it can be told not to answer."""

    entries: Entries = field(default_factory=Entries)
    is_down: bool = False

    async def look_up(
        self,
        *,
        participants: Collection[UUID] = (),
        employers: Collection[UUID] = (),
        needs: Collection[UUID] = (),
        meetups: Collection[UUID] = (),
        agencies: Collection[UUID] = (),
    ) -> Entries:
        """What is asked for and known."""
        if self.is_down:
            raise DirectoryUnavailable("ConnectError")
        known = self.entries
        return Entries(
            participants={id_: known.participants[id_] for id_ in participants if id_ in known.participants},
            employers={id_: known.employers[id_] for id_ in employers if id_ in known.employers},
            needs={id_: known.needs[id_] for id_ in needs if id_ in known.needs},
            meetups={id_: known.meetups[id_] for id_ in meetups if id_ in known.meetups},
            agencies={id_: known.agencies[id_] for id_ in agencies if id_ in known.agencies},
        )


def a_directory() -> FakeDirectory:
    """Zéphyrine and Barnabé have e-mail, Colette has none; two employers with a need each."""
    people = {
        "zephyrine": ParticipantEntry(
            first_name="Zéphyrine",
            last_name="Quatrepommes",
            email="zephyrine.quatrepommes@mail.example",
            phone="0611223344",
            contact_consent=True,
        ),
        "barnabe": ParticipantEntry(
            first_name="Barnabé",
            last_name="Troisfontaines",
            email="barnabe.trois.font@mail.example",
            contact_consent=True,
        ),
        "colette": ParticipantEntry(
            first_name="Colette",
            last_name="Septvents",
            postal_address="3 rue des Tisserands\n62300 Lens",
            contact_consent=True,
        ),
    }
    employers = {
        "bakery": EmployerEntry(name="Boulangerie Dupain", contact_name="Mme Dupain", email="accueil@dupain.example"),
        "garage": EmployerEntry(name="Garage du Canal", email="garage@canal.example", language="en"),
    }
    return FakeDirectory(
        Entries(
            participants={an_id(name): entry for name, entry in people.items()},
            employers={an_id(name): entry for name, entry in employers.items()},
            needs={
                an_id("baker"): NeedEntry(title="Vente en boulangerie", employer_id=an_id("bakery")),
                an_id("mechanic"): NeedEntry(title="Aide mécanicien", employer_id=an_id("garage")),
            },
            meetups={
                MEETUP: MeetupEntry(
                    title="Rencontre de décembre",
                    venue="Louvre-Lens",
                    commune="Lens",
                    address="99 rue Paul Bert",
                    access="Bus 41, arrêt Louvre-Lens",
                    agency_id=AGENCY,
                )
            },
            agencies={AGENCY: AgencyEntry(name="Agence de Lens", phone="+33321000000")},
        )
    )


def registered(name: str, revision: int = 1, language: Language = "fr") -> ParticipantRegistered:
    """A participant joined."""
    return ParticipantRegistered(
        participant_id=an_id(name),
        revision=revision,
        agency_id=AGENCY,
        language=language,
        home=LENS,
        travel_limit_km=30,
        transport="car",
        available_from=NOW.date(),
        hours=("day",),
        licences=(),
        wishes=(),
        refused_occupations=(),
    )


def consented(name: str, revision: int = 2) -> ConsentGranted:
    """A participant may be written to."""
    return ConsentGranted(participant_id=an_id(name), revision=revision, purpose="contact")


def unconsented(name: str, revision: int = 3) -> ConsentWithdrawn:
    """A participant may no longer be written to."""
    return ConsentWithdrawn(participant_id=an_id(name), revision=revision, purpose="contact")


def scheduled(revision: int = 1, *, changed: bool = False, **said: Any) -> MeetupScheduled | MeetupChanged:
    """The meetup at the Louvre-Lens, in fifteen days."""
    event_class = MeetupChanged if changed else MeetupScheduled
    return event_class(
        **{
            "meetup_id": MEETUP,
            "revision": revision,
            "agency_id": AGENCY,
            "venue": "Louvre-Lens",
            "place": LENS,
            "starts_at": STARTS_AT,
            "slot_minutes": 15,
            "slots": 8,
            "needs": (InvitedNeed(need_id=an_id("baker")), InvitedNeed(need_id=an_id("mechanic"))),
            **said,
        }
    )


def meeting(name: str, need: str = "baker", slot: int = 0, table: int = 1) -> pairings.Meeting:
    """A participant meets an employer."""
    employer = {"baker": "bakery", "mechanic": "garage"}[need]
    return pairings.Meeting(
        meeting_id=an_id(f"{name} {need}"),
        participant_id=an_id(name),
        need_id=an_id(need),
        employer_id=an_id(employer),
        slot=slot,
        length=1,
        table=table,
        position=1,
        score=0.7,
        for_participant=Bilingual(
            fr="Vous avez persévéré devant la consigne du dessin dicté.", en="You persisted in the dictated drawing."
        ),
        for_employer=Bilingual(
            fr="A montré de la persévérance au Louvre-Lens, dans le dessin dicté.",
            en="Showed perseverance at the Louvre-Lens, in the dictated drawing.",
        ),
    )


def in_force(*meetings: pairings.Meeting, revision: int = 1) -> pairings.PairingApproved | pairings.PairingRevised:
    """The pairing in force: approved first, revised later."""
    event_class = pairings.PairingApproved if revision == 1 else pairings.PairingRevised
    return event_class(
        meetup_id=MEETUP,
        pairing_id=an_id(f"pairing {revision}"),
        run_id=None,
        revision=revision,
        meetings=meetings,
        reserve=(),
        difference=pairings.Difference(),
        approved_by=an_id("adviser"),
    )


class MailBox:
    """What a real SMTP server received, and how it behaves: override `on_data` to misbehave."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.reply_to_recipient = "250 OK"
        self.reply_to_data = "250 OK"
        self.drops_after_data = False
        self.hangs_up_at_data = False
        self.connections = 0

    async def handle_EHLO(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.reply_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.reply_to_recipient

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        content = envelope.original_content or b""
        if self.drops_after_data:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 OK"
        if self.reply_to_data.startswith("250"):
            self.raw.append(content)
            received = message_from_bytes(content, policy=default)
            assert isinstance(received, EmailMessage)
            self.messages.append(received)
        return self.reply_to_data


class Conversation(SMTP):
    """A conversation that may be cut where the server would ask for the text."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - named by aiosmtpd
        """Take the text, unless the line is cut before."""
        if self.event_handler.hangs_up_at_data and isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class MailCatcher:
    """A real SMTP server on a free loopback port."""

    def __init__(self) -> None:
        self.box = MailBox()
        self._server: asyncio.Server | None = None
        self._conversations: list[SMTP] = []

    async def __aenter__(self) -> MailCatcher:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._converse, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    def _converse(self) -> SMTP:
        self._conversations.append(Conversation(self.box, hostname="catcher.example"))
        return self._conversations[-1]

    async def hang_up(self) -> None:
        """Close all open connections, as a server does with idle ones."""
        for each in self._conversations:
            if isinstance(each.transport, asyncio.WriteTransport):
                each.transport.close()
        await asyncio.sleep(0)

    @property
    def server(self) -> MailServer:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return MailServer("127.0.0.1", port, timeout=5)


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
        subscribers = Subscribers(self.rules, self.clock, uuid4)
        handlers = {each.topic.name: each.handler for each in subscribers.subscriptions()}
        for event in events:
            envelope = EventEnvelope(id=uuid4(), source="/tests", time=self.now, event=event)
            async with unit_of_work(self.sessions) as session:
                await handlers[TOPIC_OF_EVENT[type(event)].name](session, [envelope])

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
        rows = await self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = ", ".join(f'"{row["tablename"]}"' for row in rows if row["tablename"] != "alembic_version")
        async with unit_of_work(self.sessions) as session:
            await (await session.connection()).exec_driver_sql(f"TRUNCATE {names} CASCADE")

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
