"""How far events have travelled, over all services: what operators look at, and what the demo counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from aiokafka.errors import KafkaError
from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from deploy.databases import DatabaseSilent, transaction_of
from deploy.running import Surroundings
from shared.settings import ServiceSettings
from shared.travel.broker import kafka_address
from shared.travel.gaps import Gap, list_gaps
from shared.travel.status import database_status, group_lags, groups_of
from shared.travel.stops import Stop, list_stops
from shared.travel.tables import dead_letters, inbox, outbox
from shared.travel.topics import SERVICES, TOPICS, Service, Topic

Returned = TypeVar("Returned")

KAFKA_SECONDS = 10.0


class KafkaSilent(Exception):
    """Kafka does not answer; `str(error)` can be shown as it is."""


@dataclass(frozen=True)
class EventCounts:
    """What one service's database says of its events, by the short name of their topic.

    `written` counts what its outbox holds, `published` what of it was sent; `applied` what its inbox holds, `dead` the
    open dead letters.
    """

    written: Mapping[str, int]
    published: Mapping[str, int]
    applied: Mapping[str, int]
    dead: Mapping[str, int]


@dataclass(frozen=True)
class TopicCount:
    """The events of one topic: how many were written and sent, how many each consumer applied, how many died there."""

    topic: str
    written: int
    published: int
    consumed: Mapping[Service, int]
    dead: Mapping[Service, int]

    @property
    def lost(self) -> int:
        """How many were sent and neither applied nor kept as a dead letter, summed over the consumers.

        While events are on their way they count, so this speaks of what is at rest.
        """
        return sum(max(0, self.published - count - self.dead[service]) for service, count in self.consumed.items())

    @property
    def is_at_rest(self) -> bool:
        """Whether everything written was sent, and applied by everybody or found dead."""
        return self.written == self.published and self.lost == 0


@dataclass(frozen=True)
class ServiceTravel:
    """What one service's database says of its events; counts by the short name of their topic.

    `unapplied` counts the events among the dead letters that were never applied, whatever became of them.
    """

    outbox_depth: int
    outbox_age: float
    counts: EventCounts
    parked: Mapping[str, int]
    unapplied: Mapping[str, int]
    stops: Sequence[Stop]
    gaps: Sequence[Gap]


@dataclass(frozen=True)
class Travel:
    """How far events have travelled, as far as anybody answers: `silent` has a sentence for each part that does not.

    `lags` says how many messages of a topic wait for a consumer; None where Kafka does not answer.
    """

    known: Mapping[Service, ServiceTravel]
    published: Mapping[str, int]
    lags: Mapping[Service, Mapping[str, int]] | None
    silent: Sequence[str]

    def missing(self, topic: Topic, consumer: Service) -> int | None:
        """How many events of a topic were sent, wait nowhere, and never reached a consumer; None where it is not known.

        It is not known while a database or Kafka is silent, and while events are on their way.
        """
        known = self.known.get(consumer)
        if (
            known is None
            or self.lags is None
            or self.lags[consumer].get(topic.name, 0)
            or topic.name not in self.published
        ):
            return None
        reached = known.counts.applied.get(topic.name, 0) + known.unapplied.get(topic.name, 0)
        return max(0, self.published[topic.name] - reached)


async def travel_of(surroundings: Surroundings) -> Travel:
    """How far events have travelled, over all services, as far as databases and Kafka answer."""
    silent: list[str] = []
    # What was sent is counted first and what was applied last: in between nothing can look lost that is not.
    published = await _from_databases(surroundings, _published, silent)
    lags = await _lags(surroundings, silent)
    known = await _from_databases(surroundings, _known, silent)
    sent = {topic.name: published[topic.producer].get(topic.name, 0) for topic in TOPICS if topic.producer in published}
    return Travel(known, sent, lags, list(dict.fromkeys(silent)))


async def counts_of(session: AsyncSession) -> EventCounts:
    """What one service's database says of its events: cheap enough to ask several times a second."""
    sent = await _tally(session, outbox.c.topic, outbox.c.published_at.is_not(None))
    waiting = await _tally(session, outbox.c.topic, outbox.c.published_at.is_(None))
    applied = await _tally(session, inbox.c.topic, inbox.c.event_id.is_not(None))
    letter = dead_letters.c
    dead = await _tally(session, letter.topic, and_(letter.settled_at.is_(None), not_(letter.parked)))
    return EventCounts(Counter(sent) + Counter(waiting), sent, applied, dead)


def topic_counts(counts: Mapping[Service, EventCounts]) -> list[TopicCount]:
    """The counts of each topic of the registry, in its order."""
    return [
        TopicCount(
            topic.full_name(),
            counts[topic.producer].written.get(topic.name, 0),
            counts[topic.producer].published.get(topic.name, 0),
            {service: counts[service].applied.get(topic.name, 0) for service in topic.consumers},
            {service: counts[service].dead.get(topic.name, 0) for service in topic.consumers},
        )
        for topic in TOPICS
    ]


async def _tally(session: AsyncSession, column: ColumnElement[str], condition: ColumnElement[bool]) -> dict[str, int]:
    connection = await session.connection()
    rows = await connection.execute(select(column, func.count()).where(condition).group_by(column))
    return {str(topic): int(count) for topic, count in rows}


async def _from_databases(
    surroundings: Surroundings, ask: Callable[[AsyncSession], Awaitable[Returned]], silent: list[str]
) -> dict[Service, Returned]:
    """The answers of the databases that answer; the sentences of the others go to `silent`."""
    answers = {}
    for service in SERVICES:
        try:
            async with transaction_of(surroundings.settings[service]) as session:
                answers[service] = await ask(session)
        except DatabaseSilent as error:
            silent.append(f"{service}: {error}")
    return answers


async def _lags(surroundings: Surroundings, silent: list[str]) -> dict[Service, dict[str, int]] | None:
    try:
        return {service: await _lags_of(surroundings.settings[service], service) for service in SERVICES}
    except KafkaSilent as error:
        silent.append(str(error))
        return None


async def _lags_of(settings: ServiceSettings, service: Service) -> dict[str, int]:
    kafka = kafka_address(settings)
    try:
        async with asyncio.timeout(KAFKA_SECONDS):
            lags = await group_lags(kafka, groups_of(service, kafka))
    except (KafkaError, OSError) as error:
        raise KafkaSilent(
            f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__}): check that it runs."
        ) from error
    return {topic: sum(lag.values()) for topic, lag in lags.items()}


async def _published(session: AsyncSession) -> dict[str, int]:
    return await _tally(session, outbox.c.topic, outbox.c.published_at.is_not(None))


async def _known(session: AsyncSession) -> ServiceTravel:
    status = await database_status(session)
    letter = dead_letters.c
    was_applied = select(inbox.c.event_id).where(inbox.c.event_id == letter.event_id).exists()
    return ServiceTravel(
        status.outbox_depth,
        status.outbox_age,
        await counts_of(session),
        await _tally(session, letter.topic, and_(letter.parked, letter.settled_at.is_(None))),
        await _tally(session, letter.topic, and_(letter.event_id.is_not(None), not_(was_applied))),
        await list_stops(session),
        await list_gaps(session),
    )
