"""A small service that does nothing but note the events that reach it: enough to see what travel promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from uuid import UUID

from asgi_lifespan import LifespanManager
from faststream.kafka import KafkaRouter
from pydantic import SecretStr
from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table, Uuid, func, insert, select, text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Envelope
from shared.contracts.observations import SkillObserved
from shared.database import Sessions, create_engine, unit_of_work
from shared.ids import new_id
from shared.revisions import known_revisions
from shared.settings import ServiceSettings
from shared.travel import outbox
from shared.travel.inbox import Handler, Subscription
from shared.travel.subscribing import IN_BATCHES, Envelopes, Session
from shared.travel.tables import metadata as travel_metadata
from shared.travel.topics import OBSERVATIONS
from shared.travel.worker import Worker

DEADLINE = 30.0
POISON = "Poison"
"""The venue whose events the handler rejects."""

metadata = MetaData()
effects = Table(
    "effects",
    metadata,
    Column("position", BigInteger, Identity(), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("participant", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
)


class Rejected(Exception):
    """The handler does not want this event."""


async def note_effects(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
    """Note each event, even twice: what is seen twice was applied twice."""
    rows = []
    for envelope in envelopes:
        assert isinstance(envelope.event, SkillObserved)
        if envelope.event.venue == POISON:
            raise Rejected("this venue is not wanted")
        rows.append(
            {
                "event_id": envelope.id,
                "participant": envelope.event.participant_id,
                "revision": envelope.event.revision,
            }
        )
    connection = await session.connection()
    await connection.execute(insert(effects), rows)


SUBSCRIPTION = Subscription(OBSERVATIONS, note_effects)


def observation(participant: UUID, revision: int, *, venue: str = "Louvre-Lens", skill: str = "6D101") -> Envelope:
    """An event of one participant; revisions count up in the order in which they are written."""
    return Envelope(
        id=new_id(),
        source="/registration",
        time=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        event=SkillObserved(
            participant_id=participant,
            observation_id=new_id(),
            revision=revision,
            rater_id=new_id(),
            workshop_id=new_id(),
            venue=venue,
            exercise="describe-unseen",
            seen_on=date(2026, 11, 20),
            framework="rome-4",
            skill=skill,
            level=3,
        ),
    )


def observations(participants: int, each: int) -> list[Envelope]:
    """``each`` events of each of several participants, interleaved, revisions counting up."""
    people = [new_id() for _ in range(participants)]
    return [observation(person, revision) for revision in range(1, each + 1) for person in people]


async def prepare(url: str) -> None:
    """Make the tables of the small service in an empty database."""
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(travel_metadata.create_all)
        await connection.run_sync(metadata.create_all)
        # Served as the product does, the worker asks whether its database is as new as itself.
        await connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num text)"))
        newest = known_revisions("matching")[-1]
        await connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": newest})
    await engine.dispose()


async def write(sessions: Sessions, events: Sequence[Envelope]) -> None:
    """Put events into the outbox, as a use case does."""
    async with unit_of_work(sessions) as session:
        await outbox.add(session, *events)


def settings_of(url: str, bootstrap: str, prefix: str, *, limit: int = 20) -> ServiceSettings:
    """The settings of the small service."""
    return ServiceSettings(
        database_url=url,
        seal_secret=SecretStr("s" * 32),
        web_port=0,
        worker_port=0,
        public_url="http://127.0.0.1",
        kafka_bootstrap=bootstrap,
        topic_prefix=prefix,
        dead_letters_in_a_row=limit,
    )


def worker_of(settings: ServiceSettings, subscriptions: Sequence[Subscription] = (SUBSCRIPTION,)) -> Worker:
    """A worker that relays the small service's outbox and consumes it again."""
    return Worker(
        service="matching",
        settings=settings,
        engine=create_engine(settings.database_url),
        metadata=metadata,
        router=router_of(*subscriptions),
    )


def router_of(*subscriptions: Subscription) -> KafkaRouter:
    """The small service's subscribers."""
    router = KafkaRouter()
    for subscription in subscriptions:
        router.subscriber(subscription.topic.full_name(), **IN_BATCHES)(_asking(subscription.handler))
    return router


def _asking(handler: Handler) -> Callable[[Session, Envelopes], Awaitable[None]]:
    async def handle(session: Session, envelopes: Envelopes) -> None:
        await handler(session, envelopes)

    return handle


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[Worker]:
    """Run a worker's parts for the length of a block."""
    async with LifespanManager(worker, startup_timeout=DEADLINE, shutdown_timeout=DEADLINE):
        yield worker


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = DEADLINE) -> None:
    """Wait until a condition holds; fail when it does not in time."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  what is waited for is in another process
            await asyncio.sleep(0.02)


async def applied(sessions: Sessions) -> list[tuple[UUID, UUID, int]]:
    """Every effect in the order in which it was noted: event, participant, revision."""
    query = select(effects.c.event_id, effects.c.participant, effects.c.revision).order_by(effects.c.position)
    async with sessions() as session:
        return [tuple(row) for row in await (await session.connection()).execute(query)]


async def count_applied(sessions: Sessions) -> int:
    """How many effects there are."""
    async with sessions() as session:
        result = await (await session.connection()).execute(select(func.count()).select_from(effects))
        return int(result.scalar_one())
