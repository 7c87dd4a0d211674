"""A consumer that cannot get past a message stands still alone, says where, and goes on at an operator's word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import httpx
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Envelope
from shared.contracts.participants import ParticipantErased
from shared.database import Sessions, unit_of_work
from shared.ids import new_id
from shared.travel import dead_letters, stops
from shared.travel.broker import KafkaAddress, apply_topics
from shared.travel.inbox import Subscription
from shared.travel.relay import partition_of
from shared.travel.stops import Stop
from shared.travel.topics import OBSERVATIONS, PARTICIPANTS, REMATCHES
from shared.travel.worker import Worker
from tests.shared.travel.checks import check_effects, has_applied
from tests.shared.travel.kafka_log import producing
from tests.shared.travel.small_service import (
    POISON,
    SUBSCRIPTION,
    note_effects,
    observation,
    observations,
    running,
    settings_of,
    until,
    worker_of,
    write,
)

LIMIT = 3


def small_worker(database: str, address: KafkaAddress, *subscriptions: Subscription) -> Worker:
    return worker_of(settings_of(database, address.bootstrap, address.prefix, limit=LIMIT), subscriptions)


def poison_of_one(count: int) -> list[Envelope]:
    """Events of one participant, so on one partition, that the handler rejects."""
    person = new_id()
    return [observation(person, revision, venue=POISON) for revision in range(1, count + 1)]


async def stops_of(sessions: Sessions) -> list[Stop]:
    async with sessions() as session:
        return await stops.list_stops(session)


async def stands_still(sessions: Sessions) -> bool:
    return len(await stops_of(sessions)) == 1


async def goes_on(sessions: Sessions) -> bool:
    return await stops_of(sessions) == []


async def count_letters(sessions: Sessions) -> int:
    async with sessions() as session:
        return len(await dead_letters.list_open(session))


async def health(worker: Worker) -> tuple[int, dict[str, str]]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(worker), base_url="http://worker") as client:
        assert (await client.get("/health/live")).status_code == 200
        answer = await client.get("/health/ready")
    return answer.status_code, answer.json()["troubles"]


async def is_ready(worker: Worker) -> bool:
    return (await health(worker))[0] == 200


async def test_one_consumer_stands_still_while_all_others_go_on_and_burying_moves_it_on(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    heard: list[Envelope] = []

    async def hear(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        heard.extend(envelopes)

    worker = small_worker(database, address, SUBSCRIPTION, Subscription(PARTICIPANTS, hear))
    poison = poison_of_one(2 * LIMIT)
    async with running(worker):
        await write(sessions, poison)
        await until(lambda: stands_still(sessions))
        (stop,) = await stops_of(sessions)
        assert (stop.topic, stop.error) == ("observations", "Rejected")
        status, troubles = await health(worker)
        assert status == 503
        assert troubles[f"{address.prefix}matching.observations"] == (
            f"stands still before observations {stop.partition}@{stop.offset}: Rejected"
        )
        later = observations(5, 2)
        await write(sessions, [erasure(), *later])
        await until(lambda: has_heard(heard, 1))
        async with unit_of_work(sessions) as session:
            assert await stops.bury(session, OBSERVATIONS)
        await until(lambda: has_applied(sessions, len(later)))
        await until(lambda: goes_on(sessions))
        await until(lambda: is_ready(worker))
        async with unit_of_work(sessions) as session:
            assert not await stops.bury(session, OBSERVATIONS)
    assert await count_letters(sessions) == len(poison)
    await check_effects(sessions, later)


async def test_after_burying_the_limit_holds_again(database: str, sessions: Sessions, address: KafkaAddress) -> None:
    async with running(small_worker(database, address, SUBSCRIPTION)):
        await write(sessions, poison_of_one(2 * LIMIT))
        await until(lambda: stands_still(sessions))
        async with unit_of_work(sessions) as session:
            await stops.bury(session, OBSERVATIONS)
        await write(sessions, observations(20, 1))
        await until(lambda: has_applied(sessions, 20))
        await until(lambda: goes_on(sessions))
        await write(sessions, poison_of_one(2 * LIMIT))
        await until(lambda: stands_still(sessions))


async def test_a_message_that_is_tried_again_and_again_can_be_skipped(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    tries: list[int] = []

    async def stumble(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        if any(envelope.event.aggregate_id == bad.event.aggregate_id for envelope in envelopes):
            tries.append(len(envelopes))
            raise ConnectionResetError
        await note_effects(session, envelopes)

    (bad,) = poison_of_one(1)
    good = observations(3, 2)
    await apply_topics(address, [OBSERVATIONS])
    async with running(small_worker(database, address, Subscription(OBSERVATIONS, stumble))) as worker:
        await write(sessions, [bad, *good])
        await until(lambda: has_tried(tries))
        partition = await partition_of_first(address, bad)
        async with unit_of_work(sessions) as session:
            await stops.skip(session, OBSERVATIONS, partition, 0)
        await until(lambda: has_applied(sessions, len(good)))
        await until(lambda: is_ready(worker))
    await check_effects(sessions, good)
    assert await count_letters(sessions) == 0
    async with sessions() as session:
        assert (await stops.word_on(session, OBSERVATIONS)).skips == frozenset()


async def test_a_skipped_message_moves_a_consumer_on_that_stands_still_before_it(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    async with running(small_worker(database, address, SUBSCRIPTION)):
        await write(sessions, poison_of_one(LIMIT + 1))
        await until(lambda: stands_still(sessions))
        (stop,) = await stops_of(sessions)
        async with unit_of_work(sessions) as session:
            await stops.skip(session, OBSERVATIONS, stop.partition, stop.offset)
        await until(lambda: goes_on(sessions))
        good = observations(4, 1)
        await write(sessions, good)
        await until(lambda: has_applied(sessions, len(good)))


async def test_a_worker_with_a_better_version_goes_on_by_itself(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    async with running(small_worker(database, address, SUBSCRIPTION)):
        await write(sessions, poison_of_one(2 * LIMIT))
        await until(lambda: stands_still(sessions))
    mended: list[Envelope] = []

    async def accept(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        mended.extend(envelopes)

    async with running(small_worker(database, address, Subscription(OBSERVATIONS, accept))):
        await until(lambda: goes_on(sessions))
    assert mended


async def test_nothing_on_an_open_topic_stops_its_consumer(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    async def hear(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        raise AssertionError("nothing here can be read")

    await apply_topics(address, [REMATCHES])
    async with producing(address) as producer:
        for _ in range(10 * LIMIT):
            await producer.send_and_wait(REMATCHES.full_name(address.prefix), b"junk", partition=1)
    worker = small_worker(database, address, Subscription(REMATCHES, hear))
    async with running(worker):
        await until(lambda: has_letters(sessions, 10 * LIMIT))
        await until(lambda: is_ready(worker))
    assert await goes_on(sessions)


async def test_a_word_holds_for_its_own_topic_alone_however_often_it_is_said(sessions: Sessions) -> None:
    async with unit_of_work(sessions) as session:
        for topic in (OBSERVATIONS, PARTICIPANTS):
            await stops.note_stop(session, topic, (0, 7), "Rejected")
        for _ in range(2):
            assert await stops.bury(session, OBSERVATIONS)
            await stops.skip(session, OBSERVATIONS, 0, 8)
        said, unsaid = await stops.word_on(session, OBSERVATIONS), await stops.word_on(session, PARTICIPANTS)
        await stops.end_stop(session, OBSERVATIONS)
        await stops.end_skips(session, PARTICIPANTS, frozenset({(0, 8)}))
        later = await stops.word_on(session, OBSERVATIONS)
    assert (said.buries, said.skips) == (True, frozenset({(0, 8)}))
    assert (unsaid.buries, unsaid.skips) == (False, frozenset())
    assert (later.stop, later.skips) == (None, frozenset({(0, 8)}))
    assert [stop.topic for stop in await stops_of(sessions)] == ["participants"]


async def test_what_was_said_of_a_stop_does_not_hold_of_the_next_one(sessions: Sessions) -> None:
    async with unit_of_work(sessions) as session:
        await stops.note_stop(session, OBSERVATIONS, (0, 7), "Rejected")
        await stops.bury(session, OBSERVATIONS)
        await stops.note_stop(session, OBSERVATIONS, (1, 3), "WrongKey")
        word = await stops.word_on(session, OBSERVATIONS)
    assert not word.buries
    assert not word.moves_on_from((1, 3))
    assert word.stop is not None
    assert (word.stop.partition, word.stop.offset, word.stop.error) == (1, 3, "WrongKey")


async def partition_of_first(address: KafkaAddress, envelope: Envelope) -> int:
    async with producing(address) as producer:
        numbers = await producer.partitions_for(OBSERVATIONS.full_name(address.prefix))
    return partition_of(str(envelope.event.aggregate_id).encode(), len(numbers))


async def has_heard(heard: list[Envelope], count: int) -> bool:
    return len(heard) >= count


async def has_tried(tries: list[int]) -> bool:
    return len(tries) >= 2


async def has_letters(sessions: Sessions, count: int) -> bool:
    return await count_letters(sessions) == count


def erasure() -> Envelope:
    return Envelope(
        id=new_id(),
        source=PARTICIPANTS.source,
        time=datetime(2026, 11, 22, tzinfo=UTC),
        event=ParticipantErased(participant_id=new_id(), revision=1, erased_at=datetime.now(UTC)),
    )
