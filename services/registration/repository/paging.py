"""Lists: a page of one, the ids behind an id, and what is searched for in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.tables import Base
from shared.sql import next_by, run, table_of

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


async def read_page(session: AsyncSession, statement: Select[Any], paging: Paging) -> Page[RowMapping]:
    """One page of a statement's rows; the statement says the order."""
    total = (await run(session, select(func.count()).select_from(statement.order_by(None).subquery()))).scalar_one()
    rows = await run(session, statement.limit(paging.size).offset((paging.page - 1) * paging.size))
    return Page(tuple(rows.mappings()), total, paging.page, paging.size)


async def ids_after(session: AsyncSession, model: type[Base], after: UUID | None, limit: int) -> list[UUID]:
    """The ids behind an id, or the first ones, in their order."""
    id_ = table_of(model).c.id
    return list((await run(session, next_by(id_, select(id_), after, limit))).scalars())


def like(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column contains a text, whatever its case; wildcards in the text stand for themselves."""
    return column.icontains(text, autoescape=True)
