"""Statements that several repositories share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.sql import ROWS_A_STATEMENT, run, table_of


async def insert_rows(session: AsyncSession, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that name the same columns."""
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        await run(session, insert(table_of(model)).values(list(rows[start : start + ROWS_A_STATEMENT])))


FLOOR = 7_236_301
"""The advisory lock of those who decide what participants are told."""


async def take_the_floor(session: AsyncSession) -> None:
    """Let one transaction at a time learn something and decide what follows, until it ends.

    Two that learn at once, one a consent and one a pairing, would each miss what the other is about to commit, and
    nobody would be invited.
    """
    await run(session, select(func.pg_advisory_xact_lock(FLOOR)))


async def take_turns(session: AsyncSession, things: Iterable[UUID]) -> None:
    """Let one transaction at a time decide about each of these things, in one order for everybody."""
    for thing in sorted(set(things)):
        await run(session, select(func.pg_advisory_xact_lock(thing.int % 2**63)))
