"""One leads; a leader that dies, hangs or is cut off loses the lead, and waiting for it costs the database nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import text

from shared.database import Sessions, connect
from shared.travel import leading as leading_module
from shared.travel.broker import KafkaAddress, apply_topics
from shared.travel.leading import leading
from shared.travel.relay import LEADER_LOCK
from shared.travel.topics import OBSERVATIONS
from shared.travel.waking import listening
from tests.shared.travel.kafka_log import read_topic
from tests.shared.travel.mortal import Life, start
from tests.shared.travel.small_service import DEADLINE, observations, until, write
from tests.support.databases import Databases

LOCK = 7_236_999


async def leader_pid(sessions: Sessions, lock: int = LOCK) -> int | None:
    async with sessions() as session:
        found = await (await session.connection()).execute(
            text("SELECT pid FROM leaders WHERE lock = :lock"), {"lock": lock}
        )
        return found.scalar()


@asynccontextmanager
async def following(database: str, name: str = "second") -> AsyncIterator[asyncio.Future[asyncpg.Connection]]:
    """Somebody who waits for the lead beside the block; the future holds the connection once it leads."""
    leads: asyncio.Future[asyncpg.Connection] = asyncio.get_running_loop().create_future()

    async def follow() -> None:
        async with leading(database, LOCK, name) as connection:
            leads.set_result(connection)
            await asyncio.Event().wait()

    task = asyncio.create_task(follow())
    try:
        yield leads
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_next_one_leads_as_soon_as_the_leader_has_gone(database: str) -> None:
    stood_by: list[None] = []
    async with following(database) as second:
        async with asyncio.timeout(DEADLINE):
            await second
        third = asyncio.create_task(lead_briefly(database, stood_by))
        await until(lambda: has_stood_by(stood_by))
        assert not third.done()
    async with asyncio.timeout(DEADLINE):
        await third


async def lead_briefly(database: str, stood_by: list[None]) -> None:
    async with leading(database, LOCK, "third", on_standby=lambda: stood_by.append(None)):
        return


async def has_stood_by(stood_by: list[None]) -> bool:
    return len(stood_by) >= 2


@pytest.mark.parametrize("noted", [True, False])
async def test_a_leader_that_is_silent_loses_the_lead_and_its_connection(
    database: str, sessions: Sessions, monkeypatch: pytest.MonkeyPatch, noted: bool
) -> None:
    monkeypatch.setattr(leading_module, "SILENCE", 0.5)
    frozen = await connect(database)
    await frozen.execute("SELECT pg_advisory_lock($1)", LOCK)
    if noted:
        await frozen.execute(leading_module.TAKE_NOTE.replace("$1", str(LOCK)).replace("$2", "'frozen'"))
    async with following(database) as second:
        async with asyncio.timeout(DEADLINE):
            pid = (await second).get_server_pid()
        assert await leader_pid(sessions) == pid
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await frozen.execute("SELECT 1")
    frozen.terminate()


async def test_a_leader_that_is_busy_but_alive_keeps_the_lead(
    database: str, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading_module, "BEAT_EVERY", 0.1)
    monkeypatch.setattr(leading_module, "SILENCE", 1.0)
    async with leading(database, LOCK, "first") as first, following(database) as second:
        await first.execute("SELECT pg_sleep(2.5)")
        assert not second.done()
        assert await leader_pid(sessions) == first.get_server_pid()


async def test_other_locks_and_the_leads_of_other_services_are_left_alone(
    database: str, postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading_module, "SILENCE", 0.0)
    elsewhere = postgres.create_database()
    stranger, neighbour = await connect(database), await connect(postgres.url(elsewhere))
    await stranger.execute("SELECT pg_advisory_lock($1)", LOCK + 1)
    await neighbour.execute("SELECT pg_advisory_lock($1)", LOCK)
    holder = await connect(database)
    await holder.execute("SELECT pg_advisory_lock($1)", LOCK)
    async with following(database) as second:
        async with asyncio.timeout(DEADLINE):
            await second
    for left_alone in (stranger, neighbour):
        assert await left_alone.fetchval("SELECT 1") == 1
    for connection in (stranger, neighbour, holder):
        connection.terminate()
    postgres.drop_database(elsewhere)


async def test_whoever_lost_the_lead_does_not_keep_the_next_leader_alive(
    database: str, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading_module, "BEAT_EVERY", 0.1)
    monkeypatch.setattr(leading_module, "SILENCE", 0.5)
    async with leading(database, LOCK, "first") as first:
        async with sessions() as session:
            await (await session.connection()).execute(
                text("SELECT pg_terminate_backend(:pid)"), {"pid": first.get_server_pid()}
            )
        frozen = await connect(database)
        await frozen.execute("SELECT pg_advisory_lock($1)", LOCK)
        await frozen.fetchval(leading_module.TAKE_NOTE, LOCK, "frozen")
        async with following(database) as third, asyncio.timeout(DEADLINE):
            await third
    frozen.terminate()


async def test_waiting_for_the_lead_holds_no_snapshot(database: str, sessions: Sessions) -> None:
    async def waits_without_snapshot() -> bool:
        async with sessions() as session:
            rows = await (await session.connection()).execute(
                text(
                    "SELECT backend_xmin IS NULL AND state = 'idle'"
                    " FROM pg_stat_activity WHERE application_name = :name"
                ),
                {"name": "second"},
            )
            return list(rows.scalars()) == [True]

    async with leading(database, LOCK, "first"), following(database):
        await until(waits_without_snapshot)


async def test_whoever_listens_with_a_lead_hears_only_while_leading(database: str, sessions: Sessions) -> None:
    async with listening(database, "things", leader_lock=LOCK) as bell:
        async with sessions() as session, session.begin():
            await (await session.connection()).execute(text("SELECT pg_notify('things', '')"))
        async with asyncio.timeout(DEADLINE):
            await bell.wait(timedelta(seconds=2 * DEADLINE))


@pytest.mark.slow
async def test_a_frozen_relay_hands_over_and_follows_when_it_thaws(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    await apply_topics(address, [OBSERVATIONS])
    events = observations(10, 30)
    life = Life(database, address.bootstrap, address.prefix, consumes=False)
    frozen, alive = start(life)
    follower = None
    try:
        assert await asyncio.to_thread(alive.wait, DEADLINE)
        first_pid = await leader_pid(sessions, LEADER_LOCK)
        follower, alive = start(life)
        assert await asyncio.to_thread(alive.wait, DEADLINE)
        await write(sessions, events[:100])
        topic = OBSERVATIONS.full_name(address.prefix)
        await read_topic(address, topic, at_least=100)
        assert frozen.pid is not None
        os.kill(frozen.pid, signal.SIGSTOP)
        await write(sessions, events[100:200])
        await read_topic(address, topic, at_least=200)
        second_pid = await leader_pid(sessions, LEADER_LOCK)
        assert second_pid != first_pid
        os.kill(frozen.pid, signal.SIGCONT)
        await write(sessions, events[200:])
        messages = await read_topic(address, topic, at_least=300)
        assert await leader_pid(sessions, LEADER_LOCK) == second_pid
        assert frozen.is_alive()
    finally:
        for process in (frozen, follower):
            if process is not None:
                process.kill()
                await asyncio.to_thread(process.join)
    first_places = list(dict.fromkeys(dict(message.headers)["ce_id"].decode() for message in messages))
    assert len(first_places) == 300
    for person in {envelope.event.aggregate_id for envelope in events}:
        theirs = [str(envelope.id) for envelope in events if envelope.event.aggregate_id == person]
        assert [event for event in first_places if event in theirs] == theirs
