"""What travelled stays for its topic's time, what an inbox knows for as long as it could come again, and no longer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from shared.database import Sessions, unit_of_work
from shared.sql import run
from shared.travel import retention
from shared.travel.inbox import apply_batch
from shared.travel.replay import replay
from shared.travel.retention import prune
from shared.travel.tables import dead_letters, inbox, outbox
from shared.travel.topics import OBSERVATIONS, TOPICS
from tests.shared.travel.records import DAMAGE, deliver
from tests.shared.travel.small_service import SUBSCRIPTION, metadata, observations, write

A_MOMENT = timedelta(minutes=1)
KEPT = OBSERVATIONS.retention


async def counts(sessions: Sessions) -> dict[str, int]:
    async with unit_of_work(sessions) as session:
        return {
            table.name: (await run(session, select(func.count()).select_from(table))).scalar_one()
            for table in (outbox, inbox, dead_letters)
        }


async def publish_all(sessions: Sessions) -> None:
    async with unit_of_work(sessions) as session:
        await run(session, update(outbox).values(published_at=func.now()))


def test_personal_data_under_an_opaque_id_stays_thirty_days_on_every_topic() -> None:
    assert {topic.retention for topic in TOPICS} == {timedelta(days=30)}


async def test_an_outbox_keeps_what_it_sent_for_the_time_of_its_topic_and_what_waits_for_ever(
    sessions: Sessions,
) -> None:
    await write(sessions, observations(1, 3))
    async with unit_of_work(sessions) as session:
        first = select(outbox.c.position).order_by(outbox.c.position).limit(1).scalar_subquery()
        await run(session, update(outbox).where(outbox.c.position == first).values(published_at=func.now()))
    now = datetime.now(UTC)
    assert await prune(sessions, metadata, now=now + KEPT - A_MOMENT) == 0
    assert await prune(sessions, metadata, now=now + KEPT + A_MOMENT) == 1
    assert (await counts(sessions))["outbox"] == 2


async def test_sending_again_does_not_make_an_event_young_again(sessions: Sessions) -> None:
    await write(sessions, observations(1, 1))
    await publish_all(sessions)
    async with unit_of_work(sessions) as session:
        await run(session, update(outbox).values(written_at=func.now() - KEPT))
        await replay(session, [OBSERVATIONS])
    await publish_all(sessions)
    assert await prune(sessions, metadata, now=datetime.now(UTC) + A_MOMENT) == 1


async def test_an_inbox_knows_an_event_as_long_as_it_could_come_again(sessions: Sessions) -> None:
    await apply_batch(sessions, SUBSCRIPTION, deliver(observations(1, 2)), dead_in_a_row=0, limit=20)
    now = datetime.now(UTC)
    # Sent again by its outbox on the last day, it stands on Kafka as long once more.
    assert await prune(sessions, metadata, now=now + 2 * KEPT + timedelta(days=1)) == 0
    assert await prune(sessions, metadata, now=now + 2 * KEPT + retention.INBOX_MARGIN + A_MOMENT) == 2


async def test_a_settled_dead_letter_goes_in_its_time_and_an_open_one_stays(sessions: Sessions) -> None:
    damaged = [DAMAGE["UndecodableEvent"](each) for each in deliver(observations(1, 2))]
    await apply_batch(sessions, SUBSCRIPTION, damaged, dead_in_a_row=0, limit=20)
    async with unit_of_work(sessions) as session:
        one = select(dead_letters.c.id).limit(1).scalar_subquery()
        await run(session, update(dead_letters).where(dead_letters.c.id == one).values(settled_at=func.now()))
    now = datetime.now(UTC)
    assert await prune(sessions, metadata, now=now + KEPT - A_MOMENT) == 0
    assert await prune(sessions, metadata, now=now + KEPT + A_MOMENT) == 1


async def test_pruning_takes_short_steps_and_one_worker_at_a_time(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
    await write(sessions, observations(1, 5))
    await publish_all(sessions)
    later = datetime.now(UTC) + KEPT + A_MOMENT
    async with unit_of_work(sessions) as session:
        await run(session, select(func.pg_advisory_xact_lock(retention.PRUNER_LOCK)))
        assert await prune(sessions, metadata, now=later) == 0, "another worker prunes"
    both = await asyncio.gather(prune(sessions, metadata, now=later), prune(sessions, metadata, now=later))
    assert sum(both) <= 5
    assert sum(both) + await prune(sessions, metadata, now=later) == 5
