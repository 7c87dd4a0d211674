"""The watch measures the lag, and has a consumer that fell silent begin anew."""

import asyncio
from typing import cast

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deploy.embedded.ports import free_port
from shared.database import Sessions
from shared.travel import watch as watch_module
from shared.travel.broker import KafkaAddress, apply_topics
from shared.travel.consumer import Consumer, FellSilent
from shared.travel.hearing import Hearing
from shared.travel.inbox import apply_batch
from shared.travel.metrics import TravelMetrics
from shared.travel.relay import Relay
from shared.travel.status import group_name
from shared.travel.topics import OBSERVATIONS, Topic
from shared.travel.watch import Watch
from tests.shared.travel.kafka_log import producing
from tests.shared.travel.records import DAMAGE, deliver
from tests.shared.travel.small_service import SUBSCRIPTION, observations, router_of, until, write


class StandIn:
    """A consumer as the watch sees it; what it holds and whether it works is the test's to say."""

    def __init__(self, address: KafkaAddress, partitions: int) -> None:
        self.topic: Topic = OBSERVATIONS
        self.group = group_name(address, "matching", OBSERVATIONS)
        self.attempts = 0
        self.began_anew = 0
        name = OBSERVATIONS.full_name(address.prefix)
        self._held = frozenset(TopicPartition(name, number) for number in range(partitions))

    def assignment(self) -> frozenset[TopicPartition]:
        return self._held

    def begin_anew(self) -> None:
        self.began_anew += 1


async def fill(database: str, sessions: Sessions, address: KafkaAddress) -> None:
    """Put twenty events on the topic."""
    await apply_topics(address, [OBSERVATIONS])
    await write(sessions, observations(10, 2))
    relay = Relay(database, address, TravelMetrics(CollectorRegistry()), service="registration")
    async with relay.lead() as connection, producing(address) as producer:
        await relay.relay_events(connection, producer)


@pytest.mark.parametrize(
    ("partitions", "works", "begins_anew"), [(4, False, True), (4, True, False), (0, False, False)]
)
async def test_only_a_consumer_that_leaves_its_own_events_alone_begins_anew(
    database: str,
    sessions: Sessions,
    address: KafkaAddress,
    monkeypatch: pytest.MonkeyPatch,
    partitions: int,
    works: bool,
    begins_anew: bool,
) -> None:
    monkeypatch.setattr(watch_module, "SILENCE", 0.0)
    await fill(database, sessions, address)
    registry = CollectorRegistry()
    metrics = TravelMetrics(registry)
    consumer = StandIn(address, partitions)
    watch = Watch([cast(Consumer, consumer)], sessions, address, metrics)

    async def has_measured() -> bool:
        """Look once; a Kafka that is too busy to answer is asked again."""
        metrics.lag.labels("observations").set(-1)
        await watch.look()
        return registry.get_sample_value("vernissage_consumer_lag", {"topic": "observations"}) == 20

    for _ in range(2):
        await until(has_measured)
        consumer.attempts += works
    assert consumer.began_anew == begins_anew
    assert registry.get_sample_value("vernissage_outbox_depth") == 0


async def test_the_watch_leaves_a_kafka_that_is_away_to_others_and_counts_what_died(sessions: Sessions) -> None:
    damaged = [DAMAGE["UndecodableEvent"](record) for record in deliver(observations(1, 3))]
    await apply_batch(sessions, SUBSCRIPTION, damaged, dead_in_a_row=0, limit=20)
    registry, nowhere = CollectorRegistry(), KafkaAddress(f"127.0.0.1:{free_port()}")
    consumer = StandIn(nowhere, OBSERVATIONS.partitions)
    await Watch([cast(Consumer, consumer)], sessions, nowhere, TravelMetrics(registry)).look()
    assert registry.get_sample_value("vernissage_dead_letters_open", {"topic": "observations"}) == 3


async def test_a_consumer_told_to_begin_anew_ends_with_the_reason(sessions: Sessions, address: KafkaAddress) -> None:
    await apply_topics(address, [OBSERVATIONS])
    consumer = consumer_of(sessions, address)
    running = asyncio.create_task(consumer.run())
    await until(lambda: is_healthy(consumer))
    assert len(consumer.assignment()) == OBSERVATIONS.partitions
    consumer.begin_anew()
    with pytest.raises(FellSilent):
        await running
    assert consumer.trouble is not None


async def test_a_consumer_told_twice_to_end_still_leaves_its_group(sessions: Sessions, address: KafkaAddress) -> None:
    await apply_topics(address, [OBSERVATIONS])
    consumer = consumer_of(sessions, address)
    running = asyncio.create_task(consumer.run())
    await until(lambda: is_healthy(consumer))
    assert await members_of(address, consumer.group)
    while not running.done():
        running.cancel()
        await asyncio.sleep(0)
    assert running.cancelled()
    assert not await members_of(address, consumer.group)


def consumer_of(sessions: Sessions, address: KafkaAddress) -> Consumer:
    """The consumer of the small service."""
    metrics = TravelMetrics(CollectorRegistry())
    hearing = Hearing("matching", router_of(SUBSCRIPTION), kafka=address)
    return Consumer(hearing, OBSERVATIONS, sessions, metrics, limit=20)


async def members_of(address: KafkaAddress, group: str) -> list[object]:
    """The members that Kafka counts in a group."""
    admin = AIOKafkaAdminClient(**address.client_options())
    await admin.start()
    try:
        [response] = await admin.describe_consumer_groups([group])
        [[_error, _group, _state, _protocol_type, _protocol, members, *_]] = response.groups
        return list(members)
    finally:
        await admin.close()


async def is_healthy(consumer: Consumer) -> bool:
    return consumer.trouble is None


async def test_an_error_of_the_database_quotes_no_parameter(sessions: Sessions) -> None:
    async with sessions() as session:
        connection = await session.connection()
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(text("SELECT nothing_such FROM inbox WHERE topic = :topic"), {"topic": "Durand"})
    assert "Durand" not in str(caught.value)
