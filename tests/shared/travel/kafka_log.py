"""What lies on a topic, read from its beginning without a group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from shared.travel.broker import KafkaAddress, create_producer
from tests.shared.travel.small_service import DEADLINE


async def read_topic(kafka: KafkaAddress, topic: str, *, at_least: int) -> list[ConsumerRecord]:
    """All messages of a topic, partition by partition, once there are ``at_least`` so many."""
    consumer = AIOKafkaConsumer(topic, **kafka.client_options(), auto_offset_reset="earliest")
    found: list[ConsumerRecord] = []
    await consumer.start()
    try:
        async with asyncio.timeout(DEADLINE):
            while len(found) < at_least or len(found) < sum((await _ends(consumer)).values()):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found.extend(records)
    finally:
        await consumer.stop()
    return sorted(found, key=lambda record: (record.partition, record.offset))


async def _ends(consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    ends: dict[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
    return ends


@asynccontextmanager
async def producing(kafka: KafkaAddress) -> AsyncIterator[AIOKafkaProducer]:
    """A producer of our own, for messages that no relay would send."""
    producer = create_producer(kafka, client_id="test")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
