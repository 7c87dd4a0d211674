"""How repositories ask PostgreSQL: one row as a model, many as columns, and the few statements that all write alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

import asyncpg
from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
    Select,
    String,
    Table,
    Update,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Insert, insert
from sqlalchemy.orm import Mapped
from sqlmodel import SQLModel
from sqlmodel import select as select_model
from sqlmodel.ext.asyncio.session import AsyncSession

Model = TypeVar("Model", bound=SQLModel)
Values = Mapping[str, Any]
"""What a row holds, by the names of its columns."""

ROWS_AT_ONCE = 1_000
"""Rows handed to the driver at once; in between the event loop has its turn."""


def table_of(model: type[SQLModel]) -> Table:
    """The SQL table behind a table model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare it


async def one_row(
    session: AsyncSession, model: type[Model], *where: ColumnElement[bool], lock: bool = False
) -> Model | None:
    """The one row for which all this holds, as it is now; None where there is none. `lock` holds it until the end."""
    statement = select_model(model).where(*where).execution_options(populate_existing=True)
    return (await session.exec(statement.with_for_update() if lock else statement)).one_or_none()


async def add_row(session: AsyncSession, row: SQLModel) -> None:
    """Insert one row, at once: whatever is asked next finds it."""
    session.add(row)
    await session.flush()


async def run(
    session: AsyncSession,
    statement: Executable,
    parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
) -> CursorResult[Any]:
    """Run a statement in the session's transaction, on its own connection: rows here are no mapped objects."""
    return await (await session.connection()).execute(statement, parameters)


async def driver_of(session: AsyncSession) -> asyncpg.Connection:
    """The session's connection as asyncpg knows it, in the same transaction: for COPY, which SQLAlchemy has not."""
    driver = (await (await session.connection()).get_raw_connection()).driver_connection
    if driver is None:
        raise TypeError("the session has no connection of asyncpg")
    return driver


async def hold(session: AsyncSession, things: Iterable[object]) -> None:
    """Have whoever else holds one of these things wait until this transaction ends, whether anything is kept of it yet.

    Always in the same order, so that two who hold several cannot wait for each other.
    """
    names = sorted({str(thing) for thing in things})
    if names:
        each = func.unnest(literal(names, ARRAY(String))).column_valued("name")
        await run(session, select(func.pg_advisory_xact_lock(func.hashtextextended(each, 0))))


async def leads(session: AsyncSession, lock: int) -> bool:
    """Whether this transaction holds an advisory lock until it ends; where another holds it, nobody waits."""
    return bool((await run(session, select(func.pg_try_advisory_xact_lock(lock)))).scalar_one())


async def wake(session: AsyncSession, channel: str) -> None:
    """Wake, with the commit, whoever listens to a channel of PostgreSQL."""
    await run(session, select(func.pg_notify(channel, "")))


def among(column: ColumnElement[Any] | Mapped[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column holds one of the values: one parameter however many there are.

    `column.in_(values)` would take one parameter a value, and PostgreSQL takes no more than 32,767.
    """
    plain = cast("ColumnElement[Any]", column)
    return plain == any_(literal(list(values), list_of(plain)))


def next_by(key: ColumnElement[Any], query: Select[Any], after: object | None, limit: int) -> Select[Any]:
    """The next rows of a query by a key: all of them, when asked again and again with the last one's key."""
    ordered = query.order_by(key).limit(limit)
    return ordered if after is None else ordered.where(key > after)


def list_of(column: ColumnElement[Any]) -> ARRAY[Any]:
    """The type of a list of a column's values."""
    return ARRAY(String() if isinstance(column.type, String) else column.type)


async def insert_rows(session: AsyncSession, model: type[SQLModel], rows: Sequence[Values]) -> None:
    """Insert rows that all name the same columns."""
    await insert_into(session, table_of(model), rows)


async def insert_new_rows(session: AsyncSession, model: type[SQLModel], rows: Sequence[Values]) -> None:
    """Insert rows, and leave alone those whose key is there already."""
    await insert_into(session, table_of(model), rows, only_new=True)


async def insert_into(session: AsyncSession, table: Table, rows: Sequence[Values], *, only_new: bool = False) -> None:
    """Insert rows that all name the same columns by one statement, each column as one list of plain values.

    Almost as fast as COPY, which PostgreSQL refuses where policies say who may write which rows; and what is done once
    a statement, such as noting in the audit what changed, is not done for each row.
    """
    if rows:
        await _write_listed(session, _inserting(table, tuple(rows[0]), only_new=only_new), table, rows)


@cache
def _inserting(table: Table, names: tuple[str, ...], *, only_new: bool = False) -> Insert:
    statement = insert(table).from_select(names, _listed(table, names))
    return statement.on_conflict_do_nothing() if only_new else statement


async def _write_listed(
    session: AsyncSession, statement: Insert | Update, table: Table, rows: Sequence[Values]
) -> None:
    """Write rows by a statement that reads them from `_listed`."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        lists = {f"all_{name}": _written(table.c[name], [row[name] for row in part]) for name in rows[0]}
        await run(session, statement, lists)


def _listed(table: Table, names: Sequence[str]) -> Select[Any]:
    """The rows of `_write_listed`, as a query that names no value: it is compiled once, however many they are."""
    lists = (bindparam(f"all_{name}", type_=_written_as(table.c[name])) for name in names)
    listed = func.unnest(*lists).table_valued(*names).render_derived()
    return select(*(_read(listed.c[name], table.c[name]).label(name) for name in names))


def _holds_lists(column: ColumnElement[Any]) -> bool:
    """Whether a column's values may be lists: these travel as JSON, since a list of lists has them of one length."""
    return isinstance(column.type, ARRAY | JSONB)


def _written_as(column: ColumnElement[Any]) -> ARRAY[Any]:
    return ARRAY(String()) if _holds_lists(column) else list_of(column)


def _written(column: ColumnElement[Any], values: list[Any]) -> list[Any]:
    return [None if each is None else to_json(each).decode() for each in values] if _holds_lists(column) else values


def _read(listed: ColumnElement[Any], column: ColumnElement[Any]) -> ColumnElement[Any]:
    if not _holds_lists(column):
        return listed
    read = listed.cast(JSONB)
    if isinstance(column.type, JSONB):
        return read
    values = select(func.jsonb_array_elements_text(read).column_valued()).scalar_subquery()
    return case((listed.is_not(None), func.array(values)))


async def put_rows(
    session: AsyncSession, model: type[SQLModel], rows: Sequence[Values], *, keeping: Collection[str] = ()
) -> None:
    """Insert rows, or replace those with the same primary key, but for the columns that are `keeping` what they hold.

    All rows name the same columns; of several with one key the last counts.
    """
    if not rows:
        return
    table = table_of(model)
    key = [column.name for column in table.primary_key]
    last = list({tuple(row[name] for name in key): row for row in rows}.values())
    await _write_listed(session, _putting(table, tuple(rows[0]), frozenset((*key, *keeping))), table, last)


@cache
def _putting(table: Table, names: tuple[str, ...], staying: frozenset[str]) -> Insert:
    statement = _inserting(table, names)
    changes = {name: statement.excluded[name] for name in names if name not in staying}
    if not changes:
        return statement.on_conflict_do_nothing(constraint=table.primary_key)
    return statement.on_conflict_do_update(constraint=table.primary_key, set_=changes)


async def update_rows(
    session: AsyncSession, model: type[SQLModel], rows: Sequence[Values], *, key: Collection[str]
) -> None:
    """Update rows that all name the same columns by one statement, each found by its key columns and named once."""
    if rows:
        table = table_of(model)
        await _write_listed(session, _updating(table, tuple(rows[0]), tuple(key)), table, rows)


@cache
def _updating(table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> Update:
    listed = _listed(table, names).subquery("listed")
    found = (table.c[name] == listed.c[name] for name in key)
    return update(table).where(*found).values({name: listed.c[name] for name in names if name not in key})


async def write_latest(
    session: AsyncSession,
    model: type[SQLModel],
    rows: Iterable[Values],
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
        await _write_listed(session, _upserting(table, tuple(newest[0]), revision, tombstone), table, newest)


async def write_rows(session: AsyncSession, statement: Insert | Update, rows: Sequence[Values]) -> None:
    """Write rows that all name the same columns, by a statement that names no values.

    With the values in it the statement would be compiled anew each time: 0.4 s of the event loop for 1,000 rows.
    """
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await run(session, statement, rows[start : start + ROWS_AT_ONCE])


def _newest(rows: Iterable[Values], key: Sequence[str], revision: str) -> list[Values]:
    newest: dict[tuple[object, ...], Values] = {}
    for row in rows:
        identity = tuple(row[name] for name in key)
        if identity not in newest or row[revision] > newest[identity][revision]:
            newest[identity] = row
    # One order of writing for everybody, so that two writers cannot wait for each other.
    return [newest[identity] for identity in sorted(newest, key=str)]


@cache
def _upserting(table: Table, names: tuple[str, ...], revision: str, tombstone: str | None) -> Insert:
    statement = _inserting(table, names)
    newer = table.c[revision] < statement.excluded[revision]
    return statement.on_conflict_do_update(
        constraint=table.primary_key,
        set_={name: statement.excluded[name] for name in names if name not in table.primary_key.columns},
        where=and_(newer, table.c[tombstone].is_(None)) if tombstone else newer,
    )
