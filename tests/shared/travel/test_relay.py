"""The relay keeps order per key, hands the lead over, and lets no topic hold up another."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry
from sqlalchemy import text

from shared.contracts.envelope import Envelope
from shared.contracts.participants import ParticipantErased
from shared.database import Sessions, unit_of_work
from shared.ids import new_id
from shared.travel import outbox
from shared.travel.broker import KafkaAddress, apply_topics
from shared.travel.metrics import TravelMetrics
from shared.travel.relay import Relay
from shared.travel.status import database_status
from shared.travel.topics import OBSERVATIONS, PARTICIPANTS
from tests.shared.travel.kafka_log import read_topic, stored_bytes
from tests.shared.travel.small_service import observation, observations, until, write


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
    async with OneRelay(database, address).running():
        for start in range(0, len(events), 500):
            await write(sessions, events[start : start + 500])
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
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    await apply_topics(address, [OBSERVATIONS])
    await write(sessions, [erasure(), observation(new_id(), 1), erasure()])
    async with OneRelay(database, address).running():
        assert len(await read_topic(address, OBSERVATIONS.full_name(address.prefix), at_least=1)) == 1
        assert await depth(sessions) >= 2
        await apply_topics(address, [PARTICIPANTS])
        assert len(await read_topic(address, PARTICIPANTS.full_name(address.prefix), at_least=2)) >= 2
        await until(lambda: is_empty(sessions))


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
