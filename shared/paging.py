"""Lists in parts: each goes on where the one before ended, whatever is added meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, literal, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.refusals import Refusal
from shared.sql import run

Item = TypeVar("Item")
Turned = TypeVar("Turned")

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is asked for: so many, behind the item that the cursor names, or from the beginning."""

    cursor: tuple[UUID, ...] = ()
    size: int = 50


FROM_THE_BEGINNING = Paging()


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

    def turned(self, turn: Callable[[Item], Turned]) -> Page[Turned]:
        """The same part with each item turned into something else."""
        return Page(tuple(turn(each) for each in self.items), self.next)


class CursorGone(Refusal):
    """The item at which a list is to go on is no longer in it."""


async def read_page(session: AsyncSession, statement: Select[Any], order: Order, paging: Paging) -> Page[RowMapping]:
    """One part of a statement's rows in an order, however far behind: it never reads what comes before.

    Raises `CursorGone` where the item that the cursor names is no longer in the list; by ids alone a list goes on
    behind an id whatever became of it.
    """
    if paging.cursor:
        here = await _here(session, statement, order, paging.cursor)
        all_of_it = tuple_(*order.columns)
        statement = statement.where(all_of_it < here if order.descending else all_of_it > here)
    columns = [column.desc() if order.descending else column for column in order.columns]
    rows = (await run(session, statement.order_by(*columns).limit(paging.size + 1))).mappings().all()
    items = tuple(rows[: paging.size])
    return Page(items, tuple(items[-1][name] for name in order.key) if len(rows) > len(items) else ())


async def _here(
    session: AsyncSession, statement: Select[Any], order: Order, cursor: tuple[UUID, ...]
) -> ColumnElement[Any]:
    """Where an item stands in an order."""
    if len(cursor) != len(order.key):
        raise CursorGone
    values: tuple[Any, ...] | None = cursor
    if order.by:
        names_it = and_(*(column == value for column, value in zip(order.key.values(), cursor, strict=True)))
        values = (await run(session, statement.with_only_columns(*order.columns).where(names_it))).one_or_none()
    if values is None:
        raise CursorGone
    return tuple_(*(literal(value, column.type) for value, column in zip(values, order.columns, strict=True)))
