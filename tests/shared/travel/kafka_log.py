"""What lies on a topic, read from its beginning without a group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest

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


async def stored_bytes(kafka: KafkaAddress, topic: str) -> int:
    """How many bytes the messages of a topic take on the broker and on their way."""
    client = AIOKafkaClient(**kafka.client_options())
    await client.bootstrap()
    try:
        await client.set_topics([topic])
        return sum([await _bytes_of(client, topic, each) for each in client.cluster.partitions_for_topic(topic)])
    finally:
        await client.close()


async def _bytes_of(client: AIOKafkaClient, topic: str, partition: int) -> int:
    most = 50_000_000
    leader = client.cluster.leader_for_partition(TopicPartition(topic, partition))
    response = await client.send(leader, FetchRequest(100, 1, most, 0, [(topic, [(partition, 0, most)])]))
    return sum(len(answer[-1] or b"") for _, answers in response.topics for answer in answers)


@asynccontextmanager
async def producing(kafka: KafkaAddress) -> AsyncIterator[AIOKafkaProducer]:
    """A producer of our own, for messages that no relay would send."""
    producer = create_producer(kafka, client_id="test")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
