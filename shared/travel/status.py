"""Status: how far a service's events have travelled, in numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import and_, func, not_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.travel.broker import KafkaAddress, see_started
from shared.travel.tables import dead_letters, outbox
from shared.travel.topics import TOPICS, Service, Topic

Lag = Mapping[TopicPartition, int]
"""How many messages of each partition wait for a consumer group."""


@dataclass(frozen=True)
class DatabaseStatus:
    """What a service's database knows of how its events travel; counts by the short name of their topic.

    ``outbox_age`` is the age in seconds of the oldest event that waits for Kafka, 0 where none waits.
    """

    outbox_depth: int
    outbox_age: float
    dead_letters_open: Mapping[str, int]


async def database_status(session: AsyncSession) -> DatabaseStatus:
    """What waits in the outbox, and which dead letters are open: cheap enough to ask every few seconds."""
    waiting = select(func.count(), func.extract("epoch", func.clock_timestamp() - func.min(outbox.c.written_at))).where(
        outbox.c.published_at.is_(None)
    )
    connection = await session.connection()
    depth, age = (await connection.execute(waiting)).one()
    dead = await _counts(
        session, dead_letters.c.topic, and_(dead_letters.c.settled_at.is_(None), not_(dead_letters.c.parked))
    )
    return DatabaseStatus(depth, float(age or 0), dead)


def groups_of(service: Service, kafka: KafkaAddress) -> dict[str, Topic]:
    """The consumer groups of a service with the topic of each."""
    return {group_name(kafka, service, topic): topic for topic in TOPICS if service in topic.consumers}


def group_name(kafka: KafkaAddress, service: str, topic: Topic) -> str:
    """The consumer group of a service for a topic, such as ``matching.participants``."""
    return f"{kafka.prefix}{service}.{topic.name}"


async def group_lags(kafka: KafkaAddress, groups: Mapping[str, Topic]) -> dict[str, Lag]:
    """How far each group is behind its topic, by the topic's short name. Raises `KafkaError` when Kafka is away."""
    async with _clients(kafka) as (admin, consumer):
        lags: dict[str, Lag] = {}
        for group, topic in groups.items():
            partitions = await _partitions(admin, topic.full_name(kafka.prefix))
            lags[topic.name] = await _lag(admin, consumer, group, partitions) if partitions else {}
        return lags


async def _lag(
    admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, group: str, partitions: list[TopicPartition]
) -> Lag:
    committed = await admin.list_consumer_group_offsets(group, partitions=partitions)
    begins = await consumer.beginning_offsets(partitions)
    ends = await consumer.end_offsets(partitions)
    applied = {place: max(committed[place].offset, begins[place]) for place in partitions if place in committed}
    return {place: ends[place] - applied.get(place, begins[place]) for place in partitions}


async def _partitions(admin: AIOKafkaAdminClient, topic: str) -> list[TopicPartition]:
    (found,) = await admin.describe_topics([topic])
    return [TopicPartition(topic, each["partition"]) for each in found["partitions"]]


async def _counts(session: AsyncSession, column: Any, condition: Any) -> dict[str, int]:
    connection = await session.connection()
    rows = await connection.execute(select(column, func.count()).where(condition).group_by(column).order_by(column))
    return dict(rows.all())


@asynccontextmanager
async def _clients(kafka: KafkaAddress) -> AsyncIterator[tuple[AIOKafkaAdminClient, AIOKafkaConsumer]]:
    admin = AIOKafkaAdminClient(**kafka.client_options())
    consumer = AIOKafkaConsumer(**kafka.client_options(), enable_auto_commit=False)
    try:
        await see_started(admin.start())
        await see_started(consumer.start())
        yield admin, consumer
    finally:
        await consumer.stop()
        await admin.close()
