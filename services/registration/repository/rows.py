"""The few statements that every repository writes: read, insert, update and put rows, many at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from asyncpg.exceptions import IntegrityConstraintViolationError
from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.tables import Base
from shared.sql import run, table_of

Values = Mapping[str, Any]
Item = TypeVar("Item")

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is asked for: pages count from 1."""

    page: int = 1
    size: int = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list, and how long the whole is."""

    items: tuple[Item, ...]
    total: int
    page: int
    size: int


async def read(session: AsyncSession, statement: Select[Any]) -> Sequence[RowMapping]:
    """The rows of a statement."""
    return (await run(session, statement)).mappings().all()


async def read_page(session: AsyncSession, statement: Select[Any], paging: Paging) -> Page[RowMapping]:
    """One page of a statement's rows; the statement says the order."""
    total = (await run(session, select(func.count()).select_from(statement.order_by(None).subquery()))).scalar_one()
    rows = await read(session, statement.limit(paging.size).offset((paging.page - 1) * paging.size))
    return Page(tuple(rows), total, paging.page, paging.size)


async def insert_rows(session: AsyncSession, model: type[Base], rows: Sequence[Values]) -> None:
    """Insert rows that all name the same columns."""
    if rows:
        await run(session, insert(table_of(model)), [dict(row) for row in rows])


async def copy_rows(session: AsyncSession, model: type[Base], rows: Sequence[Values]) -> None:
    """Insert many rows that all name the same columns, by COPY: several times faster, for tables without JSON."""
    if not rows:
        return
    connection = await (await session.connection()).get_raw_connection()
    driver = connection.driver_connection
    if driver is None:
        raise TypeError("the session has no connection of asyncpg")
    records = [tuple(row.values()) for row in rows]
    try:
        await driver.copy_records_to_table(table_of(model).name, records=records, columns=list(rows[0]))
    except IntegrityConstraintViolationError as error:
        # COPY goes past SQLAlchemy, which would have said so.
        raise IntegrityError(None, None, error) from error


async def ids_after(session: AsyncSession, model: type[Base], after: UUID | None, limit: int) -> list[UUID]:
    """The ids behind an id, or the first ones, in their order."""
    table = table_of(model)
    statement = select(table.c.id).order_by(table.c.id).limit(limit)
    rows = await read(session, statement if after is None else statement.where(table.c.id > after))
    return [row["id"] for row in rows]


async def insert_new_rows(session: AsyncSession, model: type[Base], rows: Sequence[Values]) -> None:
    """Insert rows, and leave alone those whose key is there already."""
    if rows:
        statement = postgresql.insert(table_of(model)).on_conflict_do_nothing()
        await run(session, statement, [dict(row) for row in rows])


async def update_rows(
    session: AsyncSession, model: type[Base], rows: Sequence[Values], *, key: Collection[str]
) -> None:
    """Update rows that all name the same columns, each found by its key columns."""
    if not rows:
        return
    table = table_of(model)
    changed = [name for name in rows[0] if name not in key]
    statement = (
        update(table)
        .where(*(table.c[name] == bindparam(f"key_{name}") for name in key))
        .values({name: bindparam(f"new_{name}") for name in changed})
    )
    parameters = [{f"{'key' if name in key else 'new'}_{name}": value for name, value in row.items()} for row in rows]
    await run(session, statement, parameters)


async def put_rows(session: AsyncSession, model: type[Base], rows: Sequence[Values]) -> None:
    """Insert rows, or replace those with the same primary key. All rows name the same columns."""
    if not rows:
        return
    table = table_of(model)
    statement = postgresql.insert(table)
    keys = [column.name for column in table.primary_key]
    changes = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    statement = (
        statement.on_conflict_do_update(index_elements=keys, set_=changes)
        if changes
        else statement.on_conflict_do_nothing(index_elements=keys)
    )
    await run(session, statement, [dict(row) for row in rows])


def like(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column contains a text, whatever its case; wildcards in the text stand for themselves."""
    return column.icontains(text, autoescape=True)
