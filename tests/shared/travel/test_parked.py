"""What a newer producer says waits apart, and is applied when this service is newer too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.observations import SkillObserved
from shared.database import Sessions
from shared.ids import new_id
from shared.travel import dead_letters
from shared.travel.broker import KafkaAddress
from shared.travel.dead_letters import DeadLetter
from shared.travel.inbox import BatchTally, Subscription, apply_batch, apply_parked
from shared.travel.status import database_status
from shared.travel.topics import OBSERVATIONS, REMATCHES
from tests.shared.travel.checks import check_effects, has_applied
from tests.shared.travel.records import NEWER, deliver, with_header
from tests.shared.travel.small_service import (
    POISON,
    SUBSCRIPTION,
    applied,
    note_effects,
    observation,
    observations,
    running,
    settings_of,
    until,
    worker_of,
)

OLDER = Subscription(replace(OBSERVATIONS, events=()), note_effects)
"""The small service as it was before it knew any event of the topic."""


async def parked(sessions: Sessions) -> list[DeadLetter]:
    async with sessions() as session:
        return await dead_letters.list_parked(session)


async def open_letters(sessions: Sessions) -> list[DeadLetter]:
    async with sessions() as session:
        return await dead_letters.list_open(session)


@pytest.mark.parametrize("kind", NEWER)
async def test_newer_events_are_parked_however_many_follow_each_other(sessions: Sessions, kind: str) -> None:
    newer = [NEWER[kind](record) for record in deliver(observations(10, 3))]
    outcome = await apply_batch(sessions, SUBSCRIPTION, newer, dead_in_a_row=0, limit=1)
    assert outcome == BatchTally(applied=0, seen=0, dead=0, dead_in_a_row=0, parked=30)
    assert {letter.error for letter in await parked(sessions)} == {kind}
    assert await open_letters(sessions) == []
    async with sessions() as session:
        assert (await database_status(session)).dead_letters_open == {}


async def test_an_event_in_words_of_newer_tables_is_parked_and_applied_once_they_are_known(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = [observation(new_id(), 1, skill="ZZ9") for _ in range(3)]
    outcome = await apply_batch(sessions, SUBSCRIPTION, deliver(newer), dead_in_a_row=0, limit=1)
    assert outcome == BatchTally(applied=0, seen=0, dead=0, dead_in_a_row=0, parked=3)
    assert {letter.error for letter in await parked(sessions)} == {"UnknownWord"}
    monkeypatch.setattr("shared.travel.inbox.is_known", lambda _word: True)
    assert await apply_parked(sessions, SUBSCRIPTION) == 3
    assert await parked(sessions) == []


async def test_an_event_whose_words_are_still_unknown_when_it_is_tried_again_is_dead(sessions: Sessions) -> None:
    await apply_batch(
        sessions, SUBSCRIPTION, deliver([observation(new_id(), 1, skill="ZZ9")]), dead_in_a_row=0, limit=1
    )
    await apply_parked(sessions, SUBSCRIPTION)
    assert [letter.error for letter in await open_letters(sessions)] == ["UnknownWord"]


async def test_a_newer_event_neither_ends_nor_lengthens_a_row_of_dead_ones(sessions: Sessions) -> None:
    bad = deliver([observation(new_id(), 1, venue=POISON) for _ in range(2)])
    (newer,) = deliver(observations(1, 1), first_offset=7)
    batch = [bad[0], NEWER["UnknownEventType"](newer), bad[1]]
    outcome = await apply_batch(sessions, SUBSCRIPTION, batch, dead_in_a_row=0, limit=2)
    assert (outcome.dead, outcome.dead_in_a_row, outcome.parked) == (2, 2, 1)


async def test_what_was_parked_is_applied_in_order_after_the_upgrade(sessions: Sessions) -> None:
    events = observations(6, 5)
    await apply_batch(sessions, OLDER, deliver(events), dead_in_a_row=0, limit=1)
    assert await apply_parked(sessions, OLDER) == 0
    assert await applied(sessions) == []
    assert await apply_parked(sessions, SUBSCRIPTION) == 30
    await check_effects(sessions, events)
    assert [event for event, *_ in await applied(sessions)] == [envelope.id for envelope in events]
    assert await parked(sessions) == []
    assert await apply_parked(sessions, SUBSCRIPTION) == 0


async def test_a_parked_event_that_came_again_meanwhile_is_applied_once(sessions: Sessions) -> None:
    events = observations(1, 2)
    await apply_batch(sessions, OLDER, deliver(events), dead_in_a_row=0, limit=1)
    await apply_batch(sessions, SUBSCRIPTION, deliver(events, first_offset=9), dead_in_a_row=0, limit=1)
    assert await apply_parked(sessions, SUBSCRIPTION) == 2
    await check_effects(sessions, events)


async def test_a_parked_event_that_cannot_be_applied_even_now_is_dead(sessions: Sessions) -> None:
    poison = observation(new_id(), 1, venue=POISON)
    good = observations(1, 2)
    await apply_batch(sessions, OLDER, deliver([good[0], poison, good[1]]), dead_in_a_row=0, limit=1)
    assert await apply_parked(sessions, SUBSCRIPTION) == 3
    await check_effects(sessions, good)
    (letter,) = await open_letters(sessions)
    assert (letter.event_id, letter.error) == (poison.id, "Rejected")
    assert await parked(sessions) == []


async def test_a_worker_takes_up_what_waited_when_it_starts(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    events = observations(3, 4)
    await apply_batch(sessions, OLDER, deliver(events), dead_in_a_row=0, limit=1)
    async with running(worker_of(settings_of(database, address.bootstrap, address.prefix))):
        await until(lambda: has_applied(sessions, 12))
    await check_effects(sessions, events)


async def test_on_an_open_topic_only_the_producer_can_be_newer(sessions: Sessions) -> None:
    async def accept(session: AsyncSession, envelopes: object) -> None:
        raise AssertionError(SkillObserved)

    (record,) = deliver(observations(1, 1))
    ours = replace(with_header(record, "ce_source", b"/matching"), offset=1)
    strange = with_header(record, "ce_source", b"https://elsewhere.example")
    outcome = await apply_batch(sessions, Subscription(REMATCHES, accept), [strange, ours], dead_in_a_row=0, limit=None)
    assert (outcome.dead, outcome.parked) == (1, 1)
