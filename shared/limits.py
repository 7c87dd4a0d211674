"""How often somebody may do something: counted in PostgreSQL, so that it holds over all processes of a service.

A limit fills up evenly, as a bucket that leaks (the generic cell rate algorithm): so many times at once, then one more
each time that a part of the time has passed. One row says from when on somebody's bucket is empty again, under a keyed
hash of who they are: nobody can be read out of the table, and a row that says a time gone by says nothing and goes.

In a route of somebody signed in, `shared.web.limiting` says it in one word:

    @router.get("/api/v1/communes", dependencies=[Depends(Limited(SEARCHES))])

Elsewhere, `Limits.spend` asks and counts, and `Limits.check` asks alone, where failures are what is counted:

    await limits_of(request).spend(SIGN_INS, f"address {email}")
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import DateTime, LargeBinary, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Sessions, unit_of_work
from shared.identity import Seal
from shared.sql import run
from shared.travel.erasure import NOBODY

FORGET_EVERY = timedelta(hours=1)
"""How often a worker clears the table."""


class LimitColumns(SQLModel):
    """The columns of a service's table of limits: ``class LimitRow(Base, LimitColumns, table=True)``.

    Unlogged: it costs no write-ahead log, and after a crash everybody begins anew.
    """

    __tablename__ = "limits"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    key: bytes = Field(primary_key=True, sa_type=LargeBinary, sa_column_kwargs={"info": {"person": NOBODY}})
    """A keyed hash of the limit and of who is counted."""
    empty_at: datetime = Field(index=True, sa_type=DateTime(timezone=True))
    """From when on everything may be done again that the limit allows."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within a time, for each who is counted; ``name`` is told in answers, in kebab-case."""

    name: str
    times: int
    within: timedelta

    @property
    def pace(self) -> timedelta:
        """After how long there is one more."""
        return self.within / self.times


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a limit: how many times now, when all are there again, and how long to wait for the next."""

    limit: Limit
    times: int
    whole_in: timedelta
    wait: timedelta = timedelta(0)


class LimitReached(Exception):
    """Somebody did something too often: nothing was done, and ``left`` says how long to wait."""

    def __init__(self, left: Left) -> None:
        super().__init__(left.limit.name)
        self.left = left


class Limits:
    """The limits of one service, on its table; each question is a short transaction of its own.

    What is counted stays counted, whatever becomes of the request. ``who`` names whoever is counted, in any words: it
    is kept as the seal's mark alone.
    """

    def __init__(self, sessions: Sessions, table: Table, seal: Seal) -> None:
        self._sessions = sessions
        self._table = table
        self._seal = seal

    async def spend(self, limit: Limit, who: str) -> Left:
        """Count one more time; what is left afterwards. Raises `LimitReached`, and then counts nothing."""
        async with unit_of_work(self._sessions) as session:
            empty_in = await self._fill(session, limit, who)
        return _left_of(limit, empty_in)

    async def check(self, limit: Limit, who: str) -> Left:
        """What is left, counting nothing. Raises `LimitReached` where that is no more time."""
        empty_at = self._table.c.empty_at
        statement = select(empty_at - func.clock_timestamp()).where(self._table.c.key == self._key(limit, who))
        async with unit_of_work(self._sessions) as session:
            empty_in: timedelta | None = (await run(session, statement)).scalar_one_or_none()
        left = _left_of(limit, empty_in or timedelta(0))
        if left.times < 1:
            raise LimitReached(_refused(limit, left.whole_in))
        return left

    async def _fill(self, session: AsyncSession, limit: Limit, who: str) -> timedelta:
        """Put one more into the bucket, unless it is full; in how long it is empty. Raises `LimitReached`."""
        table, key, now = self._table, self._key(limit, who), func.statement_timestamp()
        filled = func.greatest(table.c.empty_at, now) + limit.pace
        put = insert(table).values(key=key, empty_at=now + limit.pace)
        put = put.on_conflict_do_update(
            index_elements=[table.c.key], set_={"empty_at": filled}, where=filled <= now + limit.within
        )
        put_in = put.returning(table.c.empty_at).cte("put_in")
        before = select(table.c.empty_at).where(table.c.key == key).scalar_subquery()
        after = select(put_in.c.empty_at).scalar_subquery()
        answer = (await run(session, select((after - now).label("after"), (before - now).label("before")))).one()
        if answer.after is None:
            raise LimitReached(_refused(limit, answer.before or limit.within))
        empty_in: timedelta = answer.after
        return empty_in

    def _key(self, limit: Limit, who: str) -> bytes:
        return hashlib.sha256(self._seal.mark(f"limit {limit.name}", who).encode()).digest()


async def forget_limits(sessions: Sessions, table: Table) -> None:
    """Delete the rows that say nothing any more: for a timer of the service's worker."""
    async with unit_of_work(sessions) as session:
        await run(session, delete(table).where(table.c.empty_at < func.statement_timestamp()))


def _left_of(limit: Limit, empty_in: timedelta) -> Left:
    filled = max(empty_in, timedelta(0))
    return Left(limit, max((limit.within - filled) // limit.pace, 0), filled)


def _refused(limit: Limit, empty_in: timedelta) -> Left:
    return Left(limit, 0, empty_in, wait=max(empty_in + limit.pace - limit.within, timedelta(0)))
