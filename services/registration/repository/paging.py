"""Lists: a page of one, the ids behind an id, and what is searched for in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, literal, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.tables import Base
from shared.sql import next_by, run, table_of

Item = TypeVar("Item")

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is asked for: so many, behind the item that the cursor names, or from the beginning."""

    cursor: tuple[UUID, ...] = ()
    size: int = 50


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: by what, and then by the ids that name an item; all of it one way.

    `key` has these ids by their names in an item. A cursor holds them and nothing else: it stands in addresses, where
    neither a name nor a date of anybody belongs.
    """

    key: Mapping[str, ColumnElement[UUID]]
    by: tuple[ColumnElement[Any], ...] = ()
    descending: bool = False

    @property
    def columns(self) -> tuple[ColumnElement[Any], ...]:
        """All by which items are ordered."""
        return (*self.by, *self.key.values())


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list, and the cursor of the next; nothing there where this is the last."""

    items: tuple[Item, ...]
    next: tuple[UUID, ...]


async def read_page(session: AsyncSession, statement: Select[Any], order: Order, paging: Paging) -> Page[RowMapping]:
    """One part of a statement's rows in an order, however far behind: it never reads what comes before.

    Raises `Refused` where the item that the cursor names is no longer in the list.
    """
    if paging.cursor:
        statement = statement.where(await _behind(session, statement, order, paging.cursor))
    columns = [column.desc() if order.descending else column for column in order.columns]
    rows = (await run(session, statement.order_by(*columns).limit(paging.size + 1))).mappings().all()
    items = tuple(rows[: paging.size])
    return Page(items, tuple(items[-1][name] for name in order.key) if len(rows) > len(items) else ())


async def _behind(
    session: AsyncSession, statement: Select[Any], order: Order, cursor: tuple[UUID, ...]
) -> ColumnElement[bool]:
    """The condition of what comes behind an item."""
    if len(cursor) != len(order.key):
        raise find_refused(kinds.CURSOR_GONE, "cursor")
    names_it = and_(*(column == value for column, value in zip(order.key.values(), cursor, strict=True)))
    row = (await run(session, statement.with_only_columns(*order.columns).where(names_it))).one_or_none()
    if row is None:
        raise find_refused(kinds.CURSOR_GONE, "cursor")
    here = tuple_(*(literal(value, column.type) for value, column in zip(row, order.columns, strict=True)))
    all_of_it = tuple_(*order.columns)
    return all_of_it < here if order.descending else all_of_it > here


async def ids_after(session: AsyncSession, model: type[Base], after: UUID | None, limit: int) -> list[UUID]:
    """The ids behind an id, or the first ones, in their order."""
    id_ = table_of(model).c.id
    return list((await run(session, next_by(id_, select(id_), after, limit))).scalars())


def like(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column contains a text, whatever its case; wildcards in the text stand for themselves."""
    return column.icontains(text, autoescape=True)
