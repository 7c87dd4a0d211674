"""How long a service keeps what it keeps: counted by whoever wants to know, let go by its worker once a day.

Each service says what it keeps, and for how long, in ``use_cases/retention.py``; the durations are settings. What
travels has a time of its own: `shared.travel.retention`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, func, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Patience, Sessions, allow, unit_of_work
from shared.sql import leads, run

LET_GO_EVERY = timedelta(days=1)
"""How often a worker looks for what has outlived its time."""

RETENTION_LOCK = 7_236_041
"""The advisory lock of whoever lets go; each service has its own database, so one number serves all."""

ROWS_AT_ONCE = 1_000
LETTING_GO = Patience(lock=5, statement=600)

Count = Callable[[AsyncSession, datetime], Awaitable[int]]
"""How many have outlived their time at a moment."""

LetGo = Callable[[AsyncSession, datetime], Awaitable[int]]
"""Lets some of them go; how many, 0 once none is left."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """Something that is kept for a time, by the name that an operator reads."""

    name: str
    count: Count
    let_go: LetGo


def rows_kept(name: str, table: Table, outlived: Callable[[datetime], ColumnElement[bool]]) -> Lasting:
    """Rows that go whole, and take with them what refers to them by ``ON DELETE CASCADE``."""
    key = list(table.primary_key)

    async def count(session: AsyncSession, now: datetime) -> int:
        counted = select(func.count()).select_from(table).where(outlived(now))
        return int((await run(session, counted)).scalar_one())

    async def let_go(session: AsyncSession, now: datetime) -> int:
        some = select(*key).where(outlived(now)).limit(ROWS_AT_ONCE)
        return (await run(session, delete(table).where(tuple_(*key).in_(some)))).rowcount

    return Lasting(name, count, let_go)


async def count_outlived(sessions: Sessions, kept: Sequence[Lasting], *, now: datetime) -> dict[str, int]:
    """How many of each have outlived their time; changes nothing and names nobody."""
    async with unit_of_work(sessions) as session:
        await allow(session, LETTING_GO)
        return {each.name: await each.count(session, now) for each in kept}


async def let_outlived_go(sessions: Sessions, kept: Sequence[Lasting], *, now: datetime) -> dict[str, int]:
    """Let go what has outlived its time, in the order given; how many of each went.

    In short transactions, by one worker at a time: whoever stops in the middle goes on the next time, and doing it
    twice changes nothing.
    """
    gone = {each.name: 0 for each in kept}
    for each in kept:
        while some := await _let_some_go(sessions, each, now):
            gone[each.name] += some
    return gone


async def _let_some_go(sessions: Sessions, kept: Lasting, now: datetime) -> int:
    """Some, in a transaction of their own; none where another worker is at it."""
    async with unit_of_work(sessions) as session:
        if not await leads(session, RETENTION_LOCK):
            return 0
        await allow(session, LETTING_GO)
        return await kept.let_go(session, now)
