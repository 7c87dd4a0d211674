"""Limits hold over several processes, forgive with time, and keep nothing of whom they count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notification.tables import LimitRow
from shared.database import create_engine, create_sessions, unit_of_work
from shared.identity import Seal
from shared.limits import Limit, LimitReached, Limits, forget_limits
from shared.sql import table_of

SEAL = Seal("a secret that only tests share, long enough")
TRIES = Limit("tries", times=5, within=timedelta(minutes=10))


@pytest.fixture
async def processes(service_database: Callable[[str], str]) -> AsyncIterator[list[AsyncEngine]]:
    """The engines of two processes on one database."""
    url = service_database("notification")
    engines = [create_engine(url, pool_size=4) for _ in range(2)]
    yield engines
    for engine in engines:
        await engine.dispose()


def limits_on(engine: AsyncEngine) -> Limits:
    """The limits as a process knows them."""
    return Limits(create_sessions(engine), table_of(LimitRow), SEAL)


async def pass_time(engine: AsyncEngine, time: timedelta) -> None:
    """Let time go by, as the table sees it."""
    async with unit_of_work(create_sessions(engine)) as session:
        await (await session.connection()).execute(
            text("UPDATE limits SET empty_at = empty_at - CAST(:time AS interval)"), {"time": time}
        )


async def test_so_many_times_at_once_over_all_processes_and_no_more(processes: list[AsyncEngine]) -> None:
    both = [limits_on(engine) for engine in processes]
    answers = await asyncio.gather(
        *(both[number % 2].spend(TRIES, "ann") for number in range(20)), return_exceptions=True
    )
    assert sum(not isinstance(answer, LimitReached) for answer in answers) == 5
    assert {answer.times for answer in answers if not isinstance(answer, BaseException)} == {0, 1, 2, 3, 4}
    assert (await both[0].spend(TRIES, "bob")).times == 4


async def test_one_more_each_time_that_its_part_of_the_time_has_passed(processes: list[AsyncEngine]) -> None:
    limits = limits_on(processes[0])
    for _ in range(TRIES.times):
        await limits.spend(TRIES, "ann")
    with pytest.raises(LimitReached) as reached:
        await limits.spend(TRIES, "ann")
    assert timedelta(0) < reached.value.left.wait <= TRIES.pace
    await pass_time(processes[0], TRIES.pace)
    assert (await limits.spend(TRIES, "ann")).times == 0
    with pytest.raises(LimitReached):
        await limits.spend(TRIES, "ann")
    await pass_time(processes[0], TRIES.within)
    assert (await limits.spend(TRIES, "ann")).times == 4


async def test_a_look_counts_nothing(processes: list[AsyncEngine]) -> None:
    limits = limits_on(processes[0])
    assert (await limits.check(TRIES, "ann")).times == 5
    for left in (4, 3, 2, 1):
        await limits.spend(TRIES, "ann")
        assert (await limits.check(TRIES, "ann")).times == left
    await limits.spend(TRIES, "ann")
    with pytest.raises(LimitReached) as reached:
        await limits.check(TRIES, "ann")
    assert timedelta(0) < reached.value.left.wait <= TRIES.pace


async def test_the_table_tells_of_nobody_and_forgets_what_is_over(processes: list[AsyncEngine]) -> None:
    engine = processes[0]
    limits, sessions, table = limits_on(engine), create_sessions(engine), table_of(LimitRow)
    await limits.spend(TRIES, "ann@mail.example")
    await limits.spend(TRIES, "bob@mail.example")
    async with engine.connect() as connection:
        rows = (await connection.execute(table.select())).all()
        assert len(rows) == 2
        assert not any(b"mail" in row.key or len(row.key) != 32 for row in rows)
        kind = await connection.scalar(text("SELECT relpersistence::text FROM pg_class WHERE relname = 'limits'"))
        assert kind == "u"
    await forget_limits(sessions, table)
    assert (await limits.check(TRIES, "ann@mail.example")).times == 4
    await pass_time(engine, TRIES.within)
    await forget_limits(sessions, table)
    async with engine.connect() as connection:
        assert (await connection.execute(table.select())).all() == []
