"""What lists share: the ids behind an id, and what is searched for in them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.tables import Base
from shared.sql import next_by, run, table_of


async def ids_after(session: AsyncSession, model: type[Base], after: UUID | None, limit: int) -> list[UUID]:
    """The ids behind an id, or the first ones, in their order."""
    id_ = table_of(model).c.id
    return list((await run(session, next_by(id_, select(id_), after, limit))).scalars())


def like(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column contains a text, whatever its case; wildcards in the text stand for themselves."""
    return column.icontains(text, autoescape=True)
