"""Statements that several repositories share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.sql import run, table_of, write_rows


async def insert_rows(session: AsyncSession, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that name the same columns."""
    await write_rows(session, insert(table_of(model)), rows)


async def take_turns(session: AsyncSession, things: Iterable[UUID]) -> None:
    """Let one transaction at a time learn and decide about each of these participants or meetups, until it ends.

    Two that learn at once, one a consent and one a pairing, would each miss what the other is about to commit, and
    nobody would be invited. Whoever needs both takes participants before meetups: one order for everybody.
    """
    keys = [thing.int % 2**63 for thing in sorted(set(things))]
    if keys:
        each = func.unnest(cast(keys, ARRAY(BigInteger))).column_valued("key")
        await run(session, select(func.pg_advisory_xact_lock(each)))


LEADER = 7_236_302
"""The advisory lock of the worker that looks at the clock."""


async def leads(session: AsyncSession) -> bool:
    """Whether this transaction is the one that keeps the deadlines now; another one goes without."""
    return bool((await run(session, select(func.pg_try_advisory_xact_lock(LEADER)))).scalar_one())
