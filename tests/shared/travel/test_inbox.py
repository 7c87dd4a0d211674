"""The inbox applies each event once, buries what cannot be applied, and keeps nothing half-done."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Envelope, InvalidEnvelope, UndecodableEvent
from shared.database import Sessions, is_transient, unit_of_work
from shared.ids import new_id
from shared.travel import dead_letters
from shared.travel.dead_letters import DeadLetter
from shared.travel.inbox import BatchTally, Subscription, TooManyDeadLetters, apply_batch, retry_dead_letter
from shared.travel.tables import dead_letters as dead_letters_table
from shared.travel.topics import OBSERVATIONS
from tests.shared.travel.records import DAMAGE, ODD_HEADER, Delivered, deliver
from tests.shared.travel.small_service import POISON, SUBSCRIPTION, Rejected, applied, observation, observations

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


async def take(sessions: Sessions, records: Sequence[Delivered], *, before: int = 0, limit: int = 20) -> BatchTally:
    return await apply_batch(sessions, SUBSCRIPTION, records, dead_in_a_row=before, limit=limit)


async def open_letters(sessions: Sessions) -> list[DeadLetter]:
    async with sessions() as session:
        return await dead_letters.list_open(session)


async def test_applies_a_batch_in_order(sessions: Sessions) -> None:
    events = observations(3, 4)
    assert await take(sessions, deliver(events)) == BatchTally(applied=12, seen=0, dead=0, dead_in_a_row=0)
    assert [event for event, *_ in await applied(sessions)] == [envelope.id for envelope in events]


async def test_applies_nothing_twice(sessions: Sessions) -> None:
    events = observations(2, 3)
    await take(sessions, deliver(events[:4]))
    again = deliver([*events, *events], first_offset=4)
    assert await take(sessions, again) == BatchTally(applied=2, seen=10, dead=0, dead_in_a_row=0)
    assert len(await applied(sessions)) == 6


@pytest.mark.parametrize("error", DAMAGE)
async def test_damaged_messages_die_while_their_neighbours_live(sessions: Sessions, error: str) -> None:
    first, bad, last = deliver(observations(3, 1))
    bad = replace(DAMAGE[error](bad), offset=1)
    bad = replace(bad, headers=[*bad.headers, ODD_HEADER])
    outcome = await take(sessions, [first, bad, last])
    assert (outcome.applied, outcome.dead) == (2, 1)
    (letter,) = await open_letters(sessions)
    assert (letter.error, letter.topic, letter.partition, letter.offset) == (error, "observations", 0, 1)


async def test_an_event_that_the_handler_rejects_dies_alone(sessions: Sessions) -> None:
    events = observations(5, 5)
    poison = [observation(new_id(), 1, venue=POISON) for _ in range(2)]
    batch = [*events[:7], poison[0], *events[7:20], poison[1], *events[20:]]
    outcome = await take(sessions, deliver(batch))
    assert (outcome.applied, outcome.dead) == (25, 2)
    assert [event for event, *_ in await applied(sessions)] == [envelope.id for envelope in events]
    assert {letter.event_id for letter in await open_letters(sessions)} == {envelope.id for envelope in poison}


async def test_a_dead_letter_holds_the_message_but_not_what_the_error_said(sessions: Sessions) -> None:
    (record,) = deliver([observation(new_id(), 1, venue=POISON)])
    await take(sessions, [replace(record, headers=[*record.headers, ODD_HEADER])])
    async with sessions() as session:
        row = (await (await session.connection()).execute(select(dead_letters_table))).mappings().one()
    assert row["error"] == Rejected.__name__
    assert row["body"] == record.value
    assert row["key"] == record.key
    assert dead_letters.message_headers(dict(row)) == [
        *record.headers,
        ODD_HEADER,
        ("dead-letter-error", b"Rejected"),
        ("dead-letter-partition", b"0"),
        ("dead-letter-offset", b"0"),
    ]


async def test_a_message_delivered_again_is_buried_once(sessions: Sessions) -> None:
    batch = deliver([observation(new_id(), 1, venue=POISON)])
    await take(sessions, batch)
    await take(sessions, batch)
    assert len(await open_letters(sessions)) == 1


async def test_too_many_dead_letters_in_a_row_keep_nothing_of_the_batch(sessions: Sessions) -> None:
    good = observations(1, 1)
    bad = [observation(new_id(), 1, venue=POISON) for _ in range(4)]
    with pytest.raises(TooManyDeadLetters) as stop:
        await take(sessions, deliver([*good, *bad]), limit=3)
    assert (stop.value.place, stop.value.kind) == ((0, 1), "Rejected"), "the first of them is where it stands"
    assert await applied(sessions) == []
    assert await open_letters(sessions) == []


async def test_dead_letters_are_counted_across_batches_until_a_good_event(sessions: Sessions) -> None:
    bad = deliver([observation(new_id(), 1, venue=POISON) for _ in range(4)])
    outcome = await take(sessions, bad[:2], limit=3)
    assert outcome.dead_in_a_row == 2
    with pytest.raises(TooManyDeadLetters):
        await take(sessions, bad[2:], before=outcome.dead_in_a_row, limit=3)
    good = deliver(observations(1, 1), first_offset=9)
    outcome = await take(sessions, [bad[2], *good, bad[3]], before=outcome.dead_in_a_row, limit=3)
    assert outcome.dead_in_a_row == 1


async def test_a_database_that_is_away_is_no_reason_to_bury_anything(sessions: Sessions) -> None:
    async def cut_off(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        await (await session.connection()).execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DBAPIError) as caught:
        await apply_batch(
            sessions, Subscription(OBSERVATIONS, cut_off), deliver(observations(1, 2)), dead_in_a_row=0, limit=20
        )
    assert is_transient(caught.value)
    assert await open_letters(sessions) == []
    assert (await take(sessions, deliver(observations(1, 2)))).applied == 2


async def test_what_passes_is_no_reason_to_bury_either_when_a_batch_is_applied_one_by_one(sessions: Sessions) -> None:
    async def stumble(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        raise Rejected if len(envelopes) > 1 else ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await apply_batch(
            sessions, Subscription(OBSERVATIONS, stumble), deliver(observations(2, 2)), dead_in_a_row=0, limit=20
        )
    assert await open_letters(sessions) == []


async def test_a_retried_dead_letter_whose_event_came_again_meanwhile_is_settled_without_effect(
    sessions: Sessions,
) -> None:
    poison = observation(new_id(), 1, venue=POISON)
    await take(sessions, deliver([poison]))
    (letter,) = await open_letters(sessions)
    mended: list[Envelope] = []

    async def accept(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        mended.extend(envelopes)

    better = Subscription(OBSERVATIONS, accept)
    await apply_batch(sessions, better, deliver([poison], first_offset=7), dead_in_a_row=0, limit=20)
    assert await retry_dead_letter(sessions, better, letter.id, now=NOW)
    assert mended == [poison]
    assert await open_letters(sessions) == []


async def test_a_retried_dead_letter_is_applied_and_settled(sessions: Sessions) -> None:
    poison = observation(new_id(), 1, venue=POISON)
    await take(sessions, deliver([poison]))
    (letter,) = await open_letters(sessions)
    with pytest.raises(Rejected):
        await retry_dead_letter(sessions, SUBSCRIPTION, letter.id, now=NOW)
    assert len(await open_letters(sessions)) == 1

    mended: list[Envelope] = []

    async def accept(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        mended.extend(envelopes)

    assert await retry_dead_letter(sessions, Subscription(OBSERVATIONS, accept), letter.id, now=NOW)
    assert mended == [poison]
    assert await open_letters(sessions) == []
    assert (await take(sessions, deliver([poison], first_offset=7))).seen == 1
    assert not await retry_dead_letter(sessions, SUBSCRIPTION, letter.id, now=NOW)


async def test_a_retried_message_that_stays_unreadable_stays_open(sessions: Sessions) -> None:
    (record,) = deliver(observations(1, 1))
    await take(sessions, [DAMAGE["UndecodableEvent"](record)])
    (letter,) = await open_letters(sessions)
    with pytest.raises(InvalidEnvelope) as caught:
        await retry_dead_letter(sessions, SUBSCRIPTION, letter.id, now=NOW)
    assert isinstance(caught.value, UndecodableEvent)
    assert len(await open_letters(sessions)) == 1


async def test_a_dropped_dead_letter_is_settled_without_effect(sessions: Sessions) -> None:
    await take(sessions, deliver([observation(new_id(), 1, venue=POISON)]))
    (letter,) = await open_letters(sessions)
    async with unit_of_work(sessions) as session:
        assert await dead_letters.drop(session, [letter.id], now=NOW) == 1
        assert await dead_letters.drop(session, [letter.id], now=NOW) == 0
    assert await open_letters(sessions) == []
    assert await applied(sessions) == []


async def test_a_rejected_event_that_comes_again_later_is_tried_again(sessions: Sessions) -> None:
    poison = observation(new_id(), 1, venue=POISON)
    await take(sessions, deliver([poison]))
    healed: list[Envelope] = []

    async def accept(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        healed.extend(envelopes)

    again = deliver([poison], first_offset=50)
    outcome = await apply_batch(sessions, Subscription(OBSERVATIONS, accept), again, dead_in_a_row=0, limit=20)
    assert (outcome.applied, healed) == (1, [poison])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_with_any_repetition_has_the_same_effects(sessions: Sessions, data: st.DataObject) -> None:
    events = observations(3, 3)
    before = len(await applied(sessions))
    delivered = data.draw(st.permutations([*events, *events]))
    cut = data.draw(st.integers(0, len(delivered)))
    for batch in (delivered[:cut], delivered[cut:]):
        if batch:
            await take(sessions, deliver(batch))
    effects = (await applied(sessions))[before:]
    assert sorted(event for event, *_ in effects) == sorted(envelope.id for envelope in events)
