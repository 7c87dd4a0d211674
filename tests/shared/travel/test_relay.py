"""The relay keeps order per key, hands the lead over, and lets no topic hold up another."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select, text

from deploy.embedded.memory_kafka import MemoryKafka
from shared.contracts.envelope import Envelope
from shared.contracts.participants import ParticipantErased
from shared.database import Sessions, unit_of_work
from shared.ids import new_id
from shared.travel import outbox
from shared.travel import relay as relay_module
from shared.travel.broker import KafkaAddress, apply_topics
from shared.travel.inbox import apply_batch
from shared.travel.metrics import TravelMetrics
from shared.travel.relay import ProducerStuck, Relay
from shared.travel.status import database_status
from shared.travel.tables import dead_letters
from shared.travel.topics import OBSERVATIONS, PARTICIPANTS
from tests.shared.travel.kafka_log import producing, read_topic, stored_bytes
from tests.shared.travel.records import DAMAGE, NEWER, deliver
from tests.shared.travel.small_service import DEADLINE, SUBSCRIPTION, observation, observations, until, write


class OneRelay:
    """A relay with metrics of its own, which tell whether it leads."""

    def __init__(self, database: str, address: KafkaAddress) -> None:
        self._registry = CollectorRegistry()
        self.relay = Relay(database, address, TravelMetrics(self._registry), service="registration")

    async def leads(self) -> bool:
        return self._registry.get_sample_value("vernissage_relay_leading") == 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.relay.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def depth(sessions: Sessions) -> int:
    async with sessions() as session:
        return (await database_status(session)).outbox_depth


async def is_empty(sessions: Sessions) -> bool:
    return await depth(sessions) == 0


async def test_order_per_key_is_the_order_of_writing(database: str, sessions: Sessions, address: KafkaAddress) -> None:
    await apply_topics(address, [OBSERVATIONS])
    events = observations(30, 100)
    # More than is claimed at once waits already: while Kafka receives a batch, others are claimed behind it.
    await write(sessions, events[:2500])
    async with OneRelay(database, address).running():
        for start in range(2500, len(events), 100):
            await write(sessions, events[start : start + 100])
        messages = await read_topic(address, OBSERVATIONS.full_name(address.prefix), at_least=3000)
    by_key = defaultdict(list)
    for message in messages:
        by_key[message.key.decode()].append(dict(message.headers)["ce_id"].decode())
    for person in {envelope.event.aggregate_id for envelope in events}:
        expected = [str(envelope.id) for envelope in events if envelope.event.aggregate_id == person]
        assert by_key[str(person)] == expected


async def test_what_is_sent_takes_a_fifth_of_its_bytes_at_most(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    await apply_topics(address, [OBSERVATIONS])
    await write(sessions, observations(30, 40))
    topic = OBSERVATIONS.full_name(address.prefix)
    async with OneRelay(database, address).running():
        messages = await read_topic(address, topic, at_least=1200)
    assert await stored_bytes(address, topic) < sum(len(message.value) for message in messages) / 5


async def test_an_event_committed_late_is_not_passed_over(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    await apply_topics(address, [OBSERVATIONS])
    late, early = observations(2, 1)
    async with OneRelay(database, address).running():
        async with unit_of_work(sessions) as slow:
            await outbox.add(slow, late)
            await write(sessions, [early])
            await until(lambda: is_empty(sessions))
        messages = await read_topic(address, OBSERVATIONS.full_name(address.prefix), at_least=2)
    assert {dict(message.headers)["ce_id"].decode() for message in messages} == {str(late.id), str(early.id)}


async def test_a_topic_that_is_missing_holds_up_no_other(
    database: str, sessions: Sessions, address: KafkaAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "BATCH", 2)
    await apply_topics(address, [OBSERVATIONS])
    await write(sessions, [erasure(), erasure(), observation(new_id(), 1)])
    async with OneRelay(database, address).running():
        assert len(await read_topic(address, OBSERVATIONS.full_name(address.prefix), at_least=1)) == 1
        assert await depth(sessions) >= 2
        await apply_topics(address, [PARTICIPANTS])
        assert len(await read_topic(address, PARTICIPANTS.full_name(address.prefix), at_least=2)) >= 2
        await until(lambda: is_empty(sessions))


async def test_what_kafka_does_not_take_in_time_stays_and_is_sent_again_in_order(
    database: str, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "BATCH", 10)
    events = observations(3, 10)
    with MemoryKafka() as kafka:
        address = KafkaAddress(kafka.bootstrap_servers)
        await apply_topics(address, [OBSERVATIONS])
        one = OneRelay(database, address)
        await write(sessions, events)
        async with one.relay.lead() as connection, producing(address) as producer:
            await producer.partitions_for(OBSERVATIONS.full_name())
            kafka.slow_down(1, DEADLINE)
            with monkeypatch.context() as patched:
                patched.setattr(relay_module, "DEADLINE", 0.5)
                with pytest.raises(ProducerStuck):
                    await asyncio.wait_for(one.relay.relay_events(connection, producer), DEADLINE)
            assert await depth(sessions) == len(events)
            kafka.slow_down(1, 0)
        async with one.running():
            await until(lambda: is_empty(sessions))
            messages = await read_topic(address, OBSERVATIONS.full_name(), at_least=len(events))
    arrived = list(dict.fromkeys(dict(message.headers)["ce_id"].decode() for message in messages))
    for person in {envelope.event.aggregate_id for envelope in events}:
        theirs = [str(envelope.id) for envelope in events if envelope.event.aggregate_id == person]
        assert [event for event in arrived if event in theirs] == theirs


async def test_an_event_is_sent_when_it_is_written_and_not_only_now_and_then(
    database: str, sessions: Sessions, address: KafkaAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "SAFETY_POLL", 3600.0)
    await apply_topics(address, [OBSERVATIONS])
    async with OneRelay(database, address).running():
        for _ in range(3):
            await write(sessions, observations(1, 1))
            await until(lambda: is_empty(sessions))


async def test_what_is_dead_goes_to_the_dead_letter_topic_and_what_waits_for_a_newer_version_does_not(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    dead, newer = deliver(observations(2, 1))
    batch = [DAMAGE["UndecodableEvent"](dead), NEWER["UnknownEventType"](newer)]
    await apply_topics(address, [OBSERVATIONS])
    await apply_batch(sessions, SUBSCRIPTION, batch, dead_in_a_row=0, limit=20)
    async with OneRelay(database, address).running():
        await until(lambda: is_published(sessions, parked=False))
        assert not await is_published(sessions, parked=True)


async def is_published(sessions: Sessions, *, parked: bool) -> bool:
    """Whether the one letter that is parked, or is not, went to Kafka."""
    async with sessions() as session:
        query = select(dead_letters.c.published_at).where(dead_letters.c.parked == parked)
        return (await (await session.connection()).execute(query)).scalar_one() is not None


async def test_one_relay_leads_and_another_takes_over(database: str, sessions: Sessions, address: KafkaAddress) -> None:
    await apply_topics(address, [OBSERVATIONS])
    first, second = OneRelay(database, address), OneRelay(database, address)
    async with first.running():
        await until(first.leads)
        async with second.running():
            await write(sessions, observations(3, 2))
            await until(lambda: is_empty(sessions))
            await until(lambda: is_healthy(second))
            assert not await second.leads()
            await cut_the_leader(sessions)
            await until(lambda: any_leads(first, second))
            await write(sessions, observations(3, 2))
            await until(lambda: is_empty(sessions))
            assert [await first.leads(), await second.leads()].count(True) == 1


async def is_healthy(one: OneRelay) -> bool:
    return one.relay.trouble is None


async def any_leads(*relays: OneRelay) -> bool:
    return any([await each.leads() for each in relays])


async def cut_the_leader(sessions: Sessions) -> None:
    """End the database connection of whoever holds the leader's lock."""
    async with sessions() as session:
        await (await session.connection()).execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
                " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
            )
        )


def erasure() -> Envelope:
    return Envelope(
        id=new_id(),
        source="/registration",
        time=datetime(2026, 11, 22, tzinfo=UTC),
        event=ParticipantErased(participant_id=new_id(), revision=1, erased_at=datetime.now(UTC)),
    )
