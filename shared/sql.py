"""The few statements that all services write alike: any number of values asked for, the latest word kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Executable, String, Table, and_, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.orm import Mapped
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

ROWS_AT_ONCE = 1_000
"""Rows handed to the driver at once; in between the event loop has its turn."""


def table_of(model: type[SQLModel]) -> Table:
    """The SQL table behind a table model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare it


async def run(
    session: AsyncSession,
    statement: Executable,
    parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
) -> CursorResult[Any]:
    """Run a statement in the session's transaction, on its own connection: rows here are no mapped objects."""
    return await (await session.connection()).execute(statement, parameters)


def among(column: ColumnElement[Any] | Mapped[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column holds one of the values: one parameter however many there are.

    `column.in_(values)` would take one parameter a value, and PostgreSQL takes no more than 32,767.
    """
    plain = cast("ColumnElement[Any]", column)
    return plain == any_(literal(list(values), list_of(plain)))


def list_of(column: ColumnElement[Any]) -> ARRAY[Any]:
    """The type of a list of a column's values."""
    return ARRAY(String() if isinstance(column.type, String) else column.type)


async def write_latest(
    session: AsyncSession,
    model: type[SQLModel],
    rows: Iterable[Mapping[str, Any]],
    *,
    revision: str = "revision",
    tombstone: str | None = None,
) -> None:
    """Insert rows, or update the ones whose `revision` column is lower.

    All rows name the same columns; columns that they do not name keep their value. A row whose `tombstone` column says
    something never changes again.
    """
    table = table_of(model)
    newest = _newest(rows, [column.name for column in table.primary_key], revision)
    if newest:
        await write_rows(session, _upsert(table, newest[0], revision, tombstone), newest)


async def write_rows(session: AsyncSession, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns, by a statement that names no values.

    With the values in it the statement would be compiled anew each time: 0.4 s of the event loop for 1,000 rows.
    """
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await run(session, statement, rows[start : start + ROWS_AT_ONCE])


def _newest(rows: Iterable[Mapping[str, Any]], key: Sequence[str], revision: str) -> list[Mapping[str, Any]]:
    newest: dict[tuple[object, ...], Mapping[str, Any]] = {}
    for row in rows:
        identity = tuple(row[name] for name in key)
        if identity not in newest or row[revision] > newest[identity][revision]:
            newest[identity] = row
    # One order of writing for everybody, so that two writers cannot wait for each other.
    return [newest[identity] for identity in sorted(newest, key=str)]


def _upsert(table: Table, row: Mapping[str, Any], revision: str, tombstone: str | None) -> Insert:
    statement = insert(table)
    newer = table.c[revision] < statement.excluded[revision]
    keys = {column.name for column in table.primary_key}
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={name: statement.excluded[name] for name in row if name not in keys},
        where=and_(newer, table.c[tombstone].is_(None)) if tombstone else newer,
    )
