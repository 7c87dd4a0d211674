"""The broker in memory speaks Kafka's protocol and fails on request."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from deploy.embedded.errors import BrokerUnavailable
from deploy.embedded.memory_kafka import MemoryKafka, Request

REQUEST_TIMED_OUT = 7
MESSAGE_TOO_LARGE = 10


@pytest.fixture
def broker() -> Iterator[MemoryKafka]:
    with MemoryKafka() as broker:
        yield broker


@pytest.fixture
async def producer(broker: MemoryKafka) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers, retry_backoff_ms=10) as producer:
        yield producer


async def test_a_group_reads_what_was_sent_without_the_first_long_wait(
    broker: MemoryKafka, producer: AIOKafkaProducer
) -> None:
    broker.create_topic("seen", partitions=2)
    for number in range(10):
        await producer.send_and_wait("seen", str(number).encode(), partition=number % 2)
    async with (
        asyncio.timeout(2.5),
        AIOKafkaConsumer(
            "seen", bootstrap_servers=broker.bootstrap_servers, group_id="readers", auto_offset_reset="earliest"
        ) as consumer,
    ):
        values = sorted([int((await consumer.getone()).value) for _ in range(10)])
        await consumer.commit()
    assert values == list(range(10))


async def test_errors_are_answered_in_their_order(broker: MemoryKafka, producer: AIOKafkaProducer) -> None:
    await producer.send_and_wait("seen", b"first")
    broker.fail_next(Request.PRODUCE, [REQUEST_TIMED_OUT, MESSAGE_TOO_LARGE])
    with pytest.raises(Exception, match="MessageSizeTooLargeError"):
        await producer.send_and_wait("seen", b"second")
    assert (await producer.send_and_wait("seen", b"third")).topic == "seen"


async def test_pushed_errors_can_be_taken_back(broker: MemoryKafka, producer: AIOKafkaProducer) -> None:
    broker.fail_next(Request.PRODUCE, [MESSAGE_TOO_LARGE] * 5)
    broker.stop_failing(Request.PRODUCE)
    assert (await producer.send_and_wait("seen", b"first")).topic == "seen"


async def test_a_slow_broker_takes_its_time(broker: MemoryKafka, producer: AIOKafkaProducer) -> None:
    await producer.send_and_wait("seen", b"first")
    broker.slow_down(1, 0.2)
    began = asyncio.get_running_loop().time()
    await producer.send_and_wait("seen", b"second")
    assert asyncio.get_running_loop().time() - began >= 0.2
    broker.slow_down(1, 0.0)


async def test_a_broker_that_is_down_refuses_and_comes_back(broker: MemoryKafka) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers)
    broker.take_down(1)
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    broker.bring_up(1)
    await producer.start()
    assert (await producer.send_and_wait("seen", b"first")).topic == "seen"
    await producer.stop()


def test_a_stopped_broker_says_so(broker: MemoryKafka) -> None:
    broker.stop()
    broker.stop()
    with pytest.raises(BrokerUnavailable, match="has not been started"):
        broker.create_topic("seen", 1)
    with pytest.raises(BrokerUnavailable, match="has not been started"):
        assert broker.bootstrap_servers
