"""A service whose tables are lost is rebuilt from what the others know now, and nobody is written to anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from asgi_lifespan import LifespanManager
from pydantic import SecretStr
from sqlalchemy import MetaData, insert, text

from deploy.commands.rebuild import tell_all_anew
from services.matching import subscribers as matching_subscribers
from services.matching.domain.situation import Policy
from services.matching.repository import pairings
from services.matching.tables import Base as MatchingBase
from services.matching.use_cases import approving, rematches
from services.matching.use_cases.computing import Computer, compute_next
from services.notification import subscribers as notification_subscribers
from services.notification.domain.replying import Answer, Choice, EmployerChoice
from services.notification.domain.rules import Rules
from services.notification.repository import shortlists
from services.notification.repository import told as notification_told
from services.notification.tables import Base as NotificationBase
from services.notification.use_cases import attending, replying
from services.notification.use_cases import telling as notification_telling
from services.notification.use_cases.inviting import catch_up
from services.registration import subscribers as registration_subscribers
from services.registration.settings import Settings as RegistrationSettings
from services.registration.tables import Base as RegistrationBase
from services.registration.web import create_app
from shared.asking import THE_SERVICE
from shared.contracts.vocabulary import RematchReason
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.identity import wall_clock
from shared.ids import new_id
from shared.moment import Moment
from shared.settings import ServiceSettings
from shared.sql import run
from shared.travel.broker import apply_topics, kafka_address
from shared.travel.tables import consumer_gaps
from shared.travel.topics import SERVICES, TOPICS, Service
from shared.travel.worker import Worker
from tests.services.registration import bodies
from tests.services.registration.office import ADDRESS, NOW, SECRET, Office, open_agencies
from tests.support.brokers import Broker
from tests.support.tokens import KEYS

ADVISER = new_id()
NAMES = ("Anselme", "Bathilde", "Clotaire", "Dagobert", "Euphrasie", "Frédégonde")

METADATA: Mapping[Service, MetaData] = {
    "registration": RegistrationBase.metadata,
    "matching": MatchingBase.metadata,
    "notification": NotificationBase.metadata,
}

PROJECTIONS: Mapping[Service, tuple[str, ...]] = {
    "matching": ("participants", "consents", "observations", "needs", "meetups", "enrolments", "replies"),
    "notification": ("participants", "needs", "meetups", "pairings", "meetings"),
    "registration": (
        "pairing_states",
        "pairings_in_force",
        "paired_participants",
        "invitation_states",
        "employer_answers",
    ),
}
"""What each service was told by others, and can hear anew."""

DECISIONS: Mapping[Service, tuple[str, ...]] = {
    "matching": ("pairings", "pairing_runs", "rematch_requests", "pair_rules"),
    "notification": ("invitations", "messages", "shortlists", "answers", "silences"),
    "registration": ("participants", "meetups", "meetup_enrolments", "meetup_outcomes", "erasures"),
}
"""What each decided itself, and nothing that it hears anew may change."""

PATIENCE = 90.0


@dataclass
class Programme:
    """Three services that hear of each other over a real Kafka."""

    office: Office
    settings: Mapping[Service, ServiceSettings]
    sessions: Mapping[Service, Sessions]

    async def rows(self, service: Service, query: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        async with unit_of_work(self.sessions[service]) as session:
            return [dict(row) for row in (await run(session, text(query))).mappings()]

    async def dump(self, service: Service, tables: tuple[str, ...]) -> dict[str, list[str]]:
        """All rows of some tables, but for revisions: what is told anew bears the present one."""
        return {
            table: sorted(
                str({name: value for name, value in row.items() if "revision" not in name})
                for row in await self.rows(service, f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own
            )
            for table in tables
        }

    async def wipe(self, service: Service) -> None:
        """Lose everything that a service was told, and that it ever was."""
        async with unit_of_work(self.sessions[service]) as session:
            for name in (*PROJECTIONS[service], "inbox"):
                await run(session, text(f"DELETE FROM {name}"))  # noqa: S608 - names of our own

    async def miss_something(self, service: Service) -> None:
        """Have a service notice that messages are missing."""
        gap = {"topic": "participants", "partition": 0, "expected": 3, "found": 9}
        async with unit_of_work(self.sessions[service]) as session:
            await run(session, insert(consumer_gaps).values(gap))

    async def settled(self) -> None:
        """Wait until everything that was written has been applied by everybody who listens."""
        async with asyncio.timeout(PATIENCE):
            while not await self._all_is_applied():  # noqa: ASYNC110 - what is waited for happens on Kafka
                await asyncio.sleep(0.1)

    async def _all_is_applied(self) -> bool:
        written = {service: await self.rows(service, "SELECT event_id, topic FROM outbox") for service in SERVICES}
        heard = {
            service: {row["event_id"] for row in await self.rows(service, "SELECT event_id FROM inbox")}
            for service in SERVICES
        }
        topics = {topic.name: topic for topic in TOPICS}
        return all(
            row["event_id"] in heard[consumer]
            for rows in written.values()
            for row in rows
            for consumer in topics[row["topic"]].consumers
        )


@pytest.fixture
async def programme(
    service_database: Callable[[str], str], kafka: Broker, topic_prefix: str
) -> AsyncIterator[Programme]:
    """The three services with their relays and consumers, in this process; nobody sends mails."""
    settings = {
        service: ServiceSettings(
            database_url=service_database(service),
            seal_secret=SecretStr(SECRET),
            web_port=0,
            worker_port=0,
            public_url="http://127.0.0.1",
            kafka_bootstrap=kafka.bootstrap_servers,
            topic_prefix=topic_prefix,
        )
        for service in SERVICES
    }
    await apply_topics(kafka_address(settings["matching"]), TOPICS)
    routers = {
        "registration": registration_subscribers.create_router(),
        "matching": matching_subscribers.create_router(),
        "notification": notification_subscribers.create_router(),
    }
    async with AsyncExitStack() as open_parts:
        sessions: dict[Service, Sessions] = {}
        for service in SERVICES:
            engine = create_engine(settings[service].database_url)
            open_parts.push_async_callback(engine.dispose)
            sessions[service] = create_sessions(engine, THE_SERVICE)
            worker = Worker(
                service=service,
                settings=settings[service],
                engine=create_engine(settings[service].database_url, pool_size=8),
                metadata=METADATA[service],
                router=routers[service],
                given={"policy": Policy(), "rules": Rules()},
            )
            await open_parts.enter_async_context(LifespanManager(worker, startup_timeout=60, shutdown_timeout=60))
        own = RegistrationSettings(
            database_url=settings["registration"].database_url,
            seal_secret=SecretStr(SECRET),
            public_url=ADDRESS,
        )
        app = create_app(own, keys=KEYS, clock=lambda: NOW)
        await open_parts.enter_async_context(LifespanManager(app))
        client = await open_parts.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS)
        )
        lens, lille = await open_agencies(sessions["registration"])
        office = Office(app, client, sessions["registration"], lens, lille, own.database_url)
        yield Programme(office, settings, sessions)


async def live(programme: Programme) -> UUID:
    """A meetup with an approved pairing; somebody left, somebody was erased, a need closed, a meetup cancelled."""
    office = programme.office
    people = [
        (await office.post("/api/v1/participants", person(name, number)))["id"] for number, name in enumerate(NAMES)
    ]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, *people)
    seen = [
        (await office.post("/api/v1/observations", bodies.observation(workshop, one, skill=skill, level=number % 5)))[
            "id"
        ]
        for number, one in enumerate(people)
        for skill in ("6D102", "6D109")
    ]
    await office.ask("DELETE", f"/api/v1/observations/{seen[0]}")
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    needs = [
        (await office.post("/api/v1/needs", bodies.need(employer, title=title)))["id"] for title in ("A", "B", "C")
    ]
    starts_at = (wall_clock() + timedelta(days=20)).replace(hour=9, minute=0, second=0, microsecond=0)
    meetup = UUID((await office.post("/api/v1/meetups", bodies.meetup(starts_at=starts_at.isoformat())))["id"])
    other = (await office.post("/api/v1/meetups", bodies.meetup(title="Autre", starts_at=starts_at.isoformat())))["id"]
    for need in needs[:2]:
        await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    for one in people:
        await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{one}", json={})
    await office.ask("DELETE", f"/api/v1/meetups/{meetup}/participants/{people[4]}")
    await office.ask("DELETE", f"/api/v1/participants/{people[5]}/consents/pairing")
    erased = (await office.post("/api/v1/participants", person("Gontran", 77)))["id"]
    await office.ask("DELETE", f"/api/v1/participants/{erased}")
    await office.ask("POST", f"/api/v1/needs/{needs[2]}/close")
    await office.ask("POST", f"/api/v1/meetups/{other}/cancel")
    await programme.settled()
    await approve_a_pairing(programme, meetup)
    await programme.settled()
    await answer_all(programme, meetup, starts_at)
    await programme.settled()
    return meetup


async def answer_all(programme: Programme, meetup: UUID, starts_at: datetime) -> None:
    """People answer on the phone, the meetup moves by a day, an employer answers, something comes of a meeting."""
    rules, moment = Rules(), Moment(wall_clock(), new_id, by=ADVISER)
    invited = [row["id"] for row in await programme.rows("notification", "SELECT id FROM invitations ORDER BY id")]
    for number, (one, choice) in enumerate(zip(invited, (Choice.ACCEPT, Choice.DECLINE, Choice.CALL), strict=False)):
        async with unit_of_work(programme.sessions["notification"]) as session:
            await replying.reply_by_phone(session, one, choice, None, moment=moment)
            if number == 2:
                await attending.tell_participant(session, one, moment=moment, rules=rules)
    await programme.settled()
    moved = bodies.meetup(starts_at=(starts_at + timedelta(days=1)).isoformat())
    assert (await programme.office.ask("PUT", f"/api/v1/meetups/{meetup}", json=moved)).status_code == 200
    await programme.settled()
    async with unit_of_work(programme.sessions["notification"]) as session:
        await replying.reply_by_phone(session, invited[0], Choice.ACCEPT, None, moment=moment)
        # Whoever sends would find the question answered; nobody sends here.
        await catch_up(session, [meetup], moment=moment, rules=rules)
        met = (await notification_told.meetings_of(session, meetup))[0]
        shortlist = next(
            each for each in await shortlists.of_meetup(session, meetup) if each.employer_id == met.employer_id
        )
        given = Answer(met.need_id, met.participant_id, EmployerChoice.HIRE)
        await shortlists.write_answer(session, shortlist.id, given, moment.now)
        await notification_telling.tell(session, notification_telling.employer_replied(shortlist, given), moment=moment)
    outcome = await programme.office.ask(
        "PUT",
        f"/api/v1/meetups/{meetup}/outcomes",
        json={"participant_id": str(met.participant_id), "need_id": str(met.need_id), "outcome": "trial"},
    )
    assert outcome.status_code == 200, outcome.text


def person(name: str, number: int) -> dict[str, Any]:
    """Somebody who resembles nobody else."""
    return bodies.participant(
        first_name=name, last_name=f"Du Val{number}", email=f"{number}@courriel.example", phone=None, licences=[]
    )


async def approve_a_pairing(programme: Programme, meetup: UUID) -> None:
    """An adviser asks for a pairing, and approves it."""
    moment = Moment(wall_clock(), new_id, by=ADVISER)
    async with unit_of_work(programme.sessions["matching"]) as session:
        await rematches.ask_for_pairing(
            session,
            meetup_id=meetup,
            requested_by=ADVISER,
            reason=RematchReason.FIRST_PAIRING,
            note=None,
            pins=[],
            forbids=[],
            moment=moment,
        )
    await programme.settled()
    computer = Computer(programme.sessions["matching"], Policy(), wall_clock, new_id)
    while await compute_next(computer):
        pass
    async with unit_of_work(programme.sessions["matching"]) as session:
        proposal = await pairings.proposed(session, meetup)
        assert proposal is not None
        await approving.approve(
            session,
            proposal.id,
            approved_by=ADVISER,
            edits=approving.Edits(),
            moment=Moment(wall_clock(), new_id, by=ADVISER),
            policy=Policy(),
        )


async def test_a_service_that_lost_what_it_was_told_knows_it_again(programme: Programme) -> None:
    await live(programme)
    told = {service: await programme.dump(service, PROJECTIONS[service]) for service in SERVICES}
    decided = {service: await programme.dump(service, DECISIONS[service]) for service in SERVICES}
    assert told["notification"]["meetings"], "nothing was in force"
    assert decided["notification"]["messages"], "nobody was invited"
    assert len({row.split("'state': ")[1] for row in told["registration"]["invitation_states"]}) >= 3
    for service in SERVICES:
        await programme.wipe(service)
        await programme.miss_something(service)
        assert not any((await programme.dump(service, PROJECTIONS[service])).values())
        counts = await tell_all_anew(service, programme.settings)
        assert all(counts.values())
        assert await programme.rows(service, "SELECT * FROM consumer_gaps") == [], "what was lost is told"
        async with asyncio.timeout(PATIENCE):
            while await programme.dump(service, PROJECTIONS[service]) != told[service]:  # noqa: ASYNC110 - on Kafka
                await asyncio.sleep(0.1)
    assert {service: await programme.dump(service, DECISIONS[service]) for service in SERVICES} == decided


async def test_a_service_that_knows_all_of_it_changes_nothing(programme: Programme) -> None:
    await live(programme)
    everything = {
        service: await programme.dump(service, (*PROJECTIONS[service], *DECISIONS[service])) for service in SERVICES
    }
    for service in SERVICES:
        await tell_all_anew(service, programme.settings)
    await programme.settled()
    assert everything == {
        service: await programme.dump(service, (*PROJECTIONS[service], *DECISIONS[service])) for service in SERVICES
    }
