"""Statements that several repositories share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Executable, Table, and_, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

ROWS_A_STATEMENT = 1_000
"""Keeps a statement below PostgreSQL's 32,767 parameters."""


def table_of(model: type[SQLModel]) -> Table:
    """The SQL table behind a table model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare it


async def run(session: AsyncSession, statement: Executable) -> CursorResult[Any]:
    """Run a statement of SQLAlchemy's core in the session's transaction."""
    connection = await session.connection()
    return await connection.execute(statement)


async def write_newest(
    session: AsyncSession,
    model: type[SQLModel],
    rows: Iterable[dict[str, Any]],
    *,
    revision: str = "revision",
    unless: str | None = None,
) -> None:
    """Insert rows, or update those whose `revision` column is lower: the newest wins in whatever order events come.

    All rows name the same columns; others keep their value. A row whose `unless` column is true never changes again.
    """
    table = table_of(model)
    keys = [column.name for column in table.primary_key]
    newest: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        if key not in newest or row[revision] > newest[key][revision]:
            newest[key] = row
    # One order of writing for everybody, so that two writers cannot wait for each other.
    ordered = [newest[key] for key in sorted(newest, key=str)]
    for start in range(0, len(ordered), ROWS_A_STATEMENT):
        part = ordered[start : start + ROWS_A_STATEMENT]
        statement = insert(table).values(part)
        condition: ColumnElement[bool] = table.c[revision] < statement.excluded[revision]
        if unless:
            condition = and_(condition, table.c[unless].is_(False))
        await run(
            session,
            statement.on_conflict_do_update(
                index_elements=keys,
                set_={name: statement.excluded[name] for name in part[0] if name not in keys},
                where=condition,
            ),
        )


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
