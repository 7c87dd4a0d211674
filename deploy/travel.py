"""How far events have travelled, over all services: what operators look at, and what the demo counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from sqlalchemy import ColumnElement, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from deploy.databases import transaction_of
from deploy.running import Surroundings
from shared.travel.broker import kafka_address
from shared.travel.status import TravelStatus, travel_status
from shared.travel.tables import dead_letters, inbox, outbox
from shared.travel.topics import SERVICES, TOPICS, Service

Travel = Mapping[Service, TravelStatus]


class KafkaSilent(Exception):
    """Kafka does not answer; `str(error)` can be shown as it is."""


@dataclass(frozen=True)
class Counts:
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


async def travel_of(surroundings: Surroundings) -> Travel:
    """The status of every service, Kafka's word included. Raises `DatabaseSilent` or `KafkaSilent`."""
    found = await asyncio.gather(*(_travel_of(surroundings, service) for service in SERVICES))
    return dict(zip(SERVICES, found, strict=True))


async def counts_of(session: AsyncSession) -> Counts:
    """What one service's database says of its events: cheap enough to ask several times a second."""
    sent = await _tally(session, outbox.c.topic, outbox.c.published_at.is_not(None))
    waiting = await _tally(session, outbox.c.topic, outbox.c.published_at.is_(None))
    applied = await _tally(session, inbox.c.topic, inbox.c.event_id.is_not(None))
    dead = await _tally(session, dead_letters.c.topic, dead_letters.c.settled_at.is_(None))
    return Counts(Counter(sent) + Counter(waiting), sent, applied, dead)


def topic_counts(counts: Mapping[Service, Counts]) -> list[TopicCount]:
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


async def _travel_of(surroundings: Surroundings, service: Service) -> TravelStatus:
    settings = surroundings.settings[service]
    try:
        async with transaction_of(settings) as session:
            return await travel_status(session, kafka_address(settings), service)
    except KafkaError as error:
        raise KafkaSilent(
            f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__}): check that it runs."
        ) from error
