"""What a topic lost before it was read is noticed, and sent again where the outbox still keeps it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from shared.database import Sessions, unit_of_work
from shared.travel import worker as worker_module
from shared.travel.broker import KafkaAddress
from shared.travel.gaps import Gap, gaps_in_words, list_gaps, settle_gaps
from shared.travel.inbox import Subscription, apply_batch
from shared.travel.status import database_status
from shared.travel.topics import OBSERVATIONS, REMATCHES
from tests.shared.travel.checks import has_applied, has_no_lag
from tests.shared.travel.records import DAMAGE, Delivered, deliver
from tests.shared.travel.small_service import (
    SUBSCRIPTION,
    applied,
    observations,
    running,
    settings_of,
    until,
    worker_of,
    write,
)


async def gaps_of(sessions: Sessions) -> list[Gap]:
    async with sessions() as session:
        return await list_gaps(session)


async def take(sessions: Sessions, records: Sequence[Delivered]) -> int:
    return (await apply_batch(sessions, SUBSCRIPTION, records, dead_in_a_row=0, limit=20)).gaps


async def test_batches_that_follow_each_other_or_come_again_have_no_gap(sessions: Sessions) -> None:
    events = observations(2, 6)
    first, second = deliver(events[:5], first_offset=100), deliver(events[5:], first_offset=105)
    other = deliver(observations(1, 3), partition=2, first_offset=7)
    for batch in (first, [*second, *other], [*first[2:], *second], second):
        assert await take(sessions, batch) == 0
    assert await gaps_of(sessions) == []


async def test_an_old_batch_that_comes_again_moves_nothing_back(sessions: Sessions) -> None:
    records = deliver(observations(3, 3), first_offset=100)
    for batch in (records[:3], records[3:6], records[:3], records[6:]):
        assert await take(sessions, batch) == 0


async def test_a_topic_that_is_open_to_others_has_no_gaps(sessions: Sessions) -> None:
    (junk,) = deliver(observations(1, 1), topic=REMATCHES)
    for offset in (5, 50, 500):
        batch = [DAMAGE["NotACloudEvent"](replace(junk, offset=offset))]
        subscription = Subscription(REMATCHES, SUBSCRIPTION.handler)
        assert (await apply_batch(sessions, subscription, batch, dead_in_a_row=0, limit=None)).gaps == 0


async def test_dead_letters_are_no_gap(sessions: Sessions) -> None:
    records = deliver(observations(1, 5))
    records[1:4] = [DAMAGE["UndecodableEvent"](record) for record in records[1:4]]
    for record in records:
        assert await take(sessions, [record]) == 0


async def test_messages_that_are_missing_are_a_gap(sessions: Sessions) -> None:
    events = observations(1, 9)
    await take(sessions, deliver(events[:3], first_offset=10))
    assert await take(sessions, deliver(events[3:6], first_offset=33)) == 1
    assert await take(sessions, deliver(events[6:], first_offset=36)) == 0
    (gap,) = await gaps_of(sessions)
    assert (gap.topic, gap.partition, gap.expected, gap.found) == ("observations", 0, 13, 33)
    async with unit_of_work(sessions) as session:
        assert await settle_gaps(session, noticed_before=gap.noticed_at) == 0, "it was noticed while others told anew"
        assert await settle_gaps(session, noticed_before=gap.noticed_at + timedelta(seconds=1)) == 1
    assert await gaps_of(sessions) == []


async def test_a_topic_that_began_anew_is_a_gap_once(sessions: Sessions) -> None:
    events = observations(1, 9)
    await take(sessions, deliver(events[:3], first_offset=500))
    assert await take(sessions, deliver(events[3:6], first_offset=0)) == 1
    assert await take(sessions, deliver(events[6:], first_offset=3)) == 0
    (gap,) = await gaps_of(sessions)
    assert (gap.expected, gap.found) == (503, 0)


async def test_messages_deleted_before_they_were_read_are_told(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    events = observations(40, 3)
    settings = settings_of(database, address.bootstrap, address.prefix)
    async with running(worker_of(settings)):
        await write(sessions, events[:40])
        await until(lambda: has_applied(sessions, 40))
        await until(lambda: has_no_lag(address))
    async with running(worker_of(settings, [])):
        await write(sessions, events[40:80])
        await until(lambda: is_sent(sessions))
    async with administration(address) as admin:
        topic = OBSERVATIONS.full_name(address.prefix)
        ends = {number: RecordsToDelete(before_offset=-1) for number in range(OBSERVATIONS.partitions)}
        await admin.delete_records({TopicPartition(topic, number): end for number, end in ends.items()})
    async with running(worker_of(settings)) as worker:
        await write(sessions, events[80:])
        await until(lambda: has_applied(sessions, 80))
        assert sum(gap.found - gap.expected for gap in await gaps_of(sessions)) == 40
        await until(lambda: says(worker, "observations does not go on where matching had read to"))


async def test_a_topic_that_was_deleted_is_made_again_and_what_was_on_it_is_sent_again(
    database: str, sessions: Sessions, address: KafkaAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "TOPICS_EVERY", timedelta(seconds=1))
    events = observations(20, 4)
    settings = settings_of(database, address.bootstrap, address.prefix)
    producing = worker_of(settings, [])
    producing.service = OBSERVATIONS.producer
    async with running(producing):
        await write(sessions, events[:60])
        await until(lambda: is_sent(sessions))
        async with administration(address) as admin:
            await admin.delete_topics([OBSERVATIONS.full_name(address.prefix)])
        await write(sessions, events[60:])
        async with running(worker_of(settings)):
            await until(lambda: has_applied(sessions, 80), seconds=60)
    # What is sent again comes behind what was written meanwhile: handlers converge.
    assert sorted(event for event, *_ in await applied(sessions)) == sorted(envelope.id for envelope in events)


@asynccontextmanager
async def administration(address: KafkaAddress) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**address.client_options())
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def is_sent(sessions: Sessions) -> bool:
    async with sessions() as session:
        return (await database_status(session)).outbox_depth == 0


def test_a_topic_whose_partitions_all_have_gaps_is_told_of_once() -> None:
    (told,) = gaps_in_words("matching", [("participants", partition) for partition in range(4)])
    assert (
        "participants does not go on where matching had read to, in 4 partitions: “vernissage rebuild matching”" in told
    )
    assert len(gaps_in_words("matching", [("participants", 0), ("employers", 0), ("employers", 1)])) == 2


async def says(worker: worker_module.Worker, words: str) -> bool:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(worker), base_url="http://worker") as client:
        notices = (await client.get("/health/ready")).json()["notices"]
    return any(words in notice for notice in notices)
