"""What employers look for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Need
from services.matching.tables import NeedRow
from shared.paging import Order, Page, Paging, read_page
from shared.sql import among, one_row, run, table_of, write_latest

_need = TypeAdapter(Need)
_needs = table_of(NeedRow)
_is_told = _needs.c.state.is_not(None)
_is_open = _needs.c.revision > _needs.c.closed_revision


async def save_needs(session: AsyncSession, told: Sequence[tuple[int, Need]]) -> None:
    """Keep the newest state of each need."""
    rows = [
        {
            "id": need.id,
            "employer_id": need.employer_id,
            "revision": revision,
            "state": _need.dump_python(need, mode="json"),
        }
        for revision, need in told
    ]
    await write_latest(session, NeedRow, rows)


async def close_needs(session: AsyncSession, told: Sequence[tuple[int, UUID, UUID]]) -> None:
    """Close needs, known or not yet known; `told` holds revision, need and employer."""
    rows: list[dict[str, Any]] = [
        {"id": need_id, "employer_id": employer_id, "closed_revision": revision}
        for revision, need_id, employer_id in told
    ]
    await write_latest(session, NeedRow, rows, revision="closed_revision")


async def find_need(session: AsyncSession, need_id: UUID) -> Need | None:
    """A need as last told; None when unknown."""
    row = await one_row(session, NeedRow, _needs.c.id == need_id, _is_told)
    return _told_need(row) if row else None


async def find_needs(session: AsyncSession, ids: Collection[UUID] | None = None) -> list[Need]:
    """The needs with these ids, open or not, or all open ones, by id."""
    asked = _is_open if ids is None else among(_needs.c.id, ids)
    query = select(_needs).where(_is_told, asked).order_by(_needs.c.id)
    return [_told_need(row) for row in await run(session, query)]


async def open_among(session: AsyncSession, ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these needs are open."""
    query = select(_needs.c.id).where(_is_told, _is_open, among(_needs.c.id, ids))
    return frozenset((await run(session, query)).scalars())


async def list_open_needs(session: AsyncSession, paging: Paging) -> Page[Need]:
    """The open needs by id, a part of them."""
    found = await read_page(session, select(_needs).where(_is_told, _is_open), Order({"id": _needs.c.id}), paging)
    return found.turned(_told_need)


def _told_need(row: Any) -> Need:
    return _need.validate_python({**(row.state or {}), "is_open": row.revision > row.closed_revision})
