"""Lists in parts: each goes on where the one before ended, whatever is added meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, RowMapping, Select, and_, column, func, literal, select, table, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.refusals import Refusal
from shared.sql import run

Item = TypeVar("Item")
Turned = TypeVar("Turned")

LARGEST_PAGE = 200

Cursor = tuple[UUID | datetime, ...]
"""Where a list goes on: behind the item with these ids, which was perhaps kept at this instant."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is asked for: so many, behind the item that the cursor names, or from the beginning.

    ``sort`` names one of the list's orders, with a minus the other way round. ``changed_since`` asks instead for what
    was kept from an instant on, in the order in which it was kept.
    """

    cursor: Cursor = ()
    size: int = 50
    sort: str | None = None
    changed_since: datetime | None = None


FROM_THE_BEGINNING = Paging()


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: by what, and then by the ids that name an item; all of it one way.

    `key` has these ids by their names in an item. A cursor holds them and nothing else: it stands in addresses, where
    neither a name nor a date of anybody belongs.
    """

    key: Mapping[str, ColumnElement[Any]]
    by: tuple[ColumnElement[Any], ...] = ()
    descending: bool = False

    @property
    def columns(self) -> tuple[ColumnElement[Any], ...]:
        """All by which items are ordered."""
        return (*self.by, *self.key.values())


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that can be asked for in several orders, the first of them unless one is named, or by what changed.

    ``kept_at`` is the column that says when a row was last written. Each column is in an index with the id.
    """

    id: ColumnElement[UUID]
    kept_at: Column[datetime]
    orders: Mapping[str, tuple[ColumnElement[Any], ...]]
    first: str

    def order(self, sort: str | None) -> Order:
        """The order that is asked for."""
        name = sort or self.first
        return Order({"id": self.id}, self.orders[name.removeprefix("-")], descending=name.startswith("-"))

    @property
    def by_change(self) -> Order:
        """The order in which rows were kept. A cursor holds the instant: the row that it names may be kept again."""
        return Order({"kept_at": self.kept_at, "id": self.kept_at.table.c.id})


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list, and the cursor of the next; nothing there where this is the last."""

    items: tuple[Item, ...]
    next: Cursor

    def turned(self, turn: Callable[[Item], Turned]) -> Page[Turned]:
        """The same part with each item turned into something else."""
        return Page(tuple(turn(each) for each in self.items), self.next)


class CursorGone(Refusal):
    """The item at which a list is to go on is no longer in it."""


async def read_list(
    session: AsyncSession, statement: Select[Any], listing: Listing, paging: Paging
) -> Page[RowMapping]:
    """One part of a list in the order that is asked for, or of what changed in it.

    What changed is told once nothing that was kept before can come any more, so that whoever goes on from the last
    instant that they were told misses nothing. Raises `CursorGone`.
    """
    if paging.changed_since is None:
        return await read_page(session, statement, listing.order(paging.sort), paging)
    settled = await settled_until(session)
    changes = statement.where(listing.kept_at >= paging.changed_since, listing.kept_at < settled)
    return await read_page(session, changes, listing.by_change, paging)


async def settled_until(session: AsyncSession) -> datetime:
    """Up to when all that was kept can be seen: until the oldest transaction began that is under way.

    A process sees the transactions of its own role, and no other role writes while processes work.
    """
    oldest: Select[Any] = select(func.min(column("xact_start"))).select_from(table("pg_stat_activity"))
    settled: datetime = (await run(session, oldest.where(column("datname") == func.current_database()))).scalar_one()
    return settled


async def read_page(session: AsyncSession, statement: Select[Any], order: Order, paging: Paging) -> Page[RowMapping]:
    """One part of a statement's rows in an order, however far behind: it never reads what comes before.

    Raises `CursorGone` where the item that the cursor names is no longer in the list; by ids alone a list goes on
    behind an id whatever became of it.
    """
    if paging.cursor:
        here = await _here(session, statement, order, paging.cursor)
        all_of_it = tuple_(*order.columns)
        statement = statement.where(all_of_it < here if order.descending else all_of_it > here)
    columns = [each.desc() if order.descending else each for each in order.columns]
    rows = (await run(session, statement.order_by(*columns).limit(paging.size + 1))).mappings().all()
    items = tuple(rows[: paging.size])
    return Page(items, tuple(items[-1][name] for name in order.key) if len(rows) > len(items) else ())


async def _here(session: AsyncSession, statement: Select[Any], order: Order, cursor: Cursor) -> ColumnElement[Any]:
    """Where an item stands in an order."""
    if [type(each) for each in cursor] != [each.type.python_type for each in order.key.values()]:
        raise CursorGone
    values: Sequence[Any] | None = cursor
    if order.by:
        names_it = and_(*(each == value for each, value in zip(order.key.values(), cursor, strict=True)))
        values = (await run(session, statement.with_only_columns(*order.columns).where(names_it))).one_or_none()
    if values is None:
        raise CursorGone
    return tuple_(*(literal(value, each.type) for value, each in zip(values, order.columns, strict=True)))
