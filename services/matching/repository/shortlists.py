"""Standing shortlists and what is due for refreshing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.shortlist_places import Place
from services.matching.tables import DueRow, StandingShortlistRow
from shared.sql import among, run, table_of

WAKE_CHANNEL = "matching_shortlists"
"""The PostgreSQL channel on which a commit wakes the refreshing."""


@dataclass(frozen=True, slots=True)
class StandingShortlist:
    """The best of the pool for a need, the best first; `dropped` counts the pairs that cannot be, by reason."""

    need_id: UUID
    revision: int
    places: tuple[Place, ...]
    dropped: dict[str, int]
    refreshed_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """What the standing shortlists have not followed yet; `everybody` when the components were fitted anew."""

    participants: frozenset[UUID]
    needs: frozenset[UUID]
    everybody: bool


async def mark_due(
    session: AsyncSession, kind: Literal["participant", "need", "everybody"], ids: Collection[UUID]
) -> None:
    """Remember that these changed, and wake the refreshing with the commit."""
    if not ids:
        return
    rows = [{"kind": kind, "id": one} for one in sorted(ids)]
    await run(session, insert(table_of(DueRow)).on_conflict_do_nothing(), rows)
    await session.exec(select(func.pg_notify(WAKE_CHANNEL, "")))


async def take_due(session: AsyncSession) -> Due:
    """What changed since the last time; it is due again if the transaction fails."""
    table = table_of(DueRow)
    rows = (await session.exec(delete(table).returning(table.c.kind, table.c.id))).all()
    return Due(
        participants=frozenset(row.id for row in rows if row.kind == "participant"),
        needs=frozenset(row.id for row in rows if row.kind == "need"),
        everybody=any(row.kind == "everybody" for row in rows),
    )


async def find(session: AsyncSession, need_id: UUID) -> StandingShortlist | None:
    """A need's standing shortlist; None before its first refreshing or when the need is closed."""
    return (await find_many(session, [need_id])).get(need_id)


async def find_many(session: AsyncSession, need_ids: Collection[UUID]) -> dict[UUID, StandingShortlist]:
    """The standing shortlists of these needs, as far as they have one."""
    rows = await session.exec(
        select(StandingShortlistRow)
        .where(among(col(StandingShortlistRow.need_id), need_ids))
        .execution_options(populate_existing=True)
    )
    return {row.need_id: _shortlist(row) for row in rows}


def _shortlist(row: StandingShortlistRow) -> StandingShortlist:
    return StandingShortlist(
        need_id=row.need_id,
        revision=row.revision,
        places=tuple(Place(UUID(one["participant_id"]), one["score"], one["utility"]) for one in row.ranking),
        dropped=row.dropped,
        refreshed_at=row.refreshed_at,
    )


async def save(session: AsyncSession, shortlist: StandingShortlist) -> None:
    """Keep a need's refreshed shortlist."""
    values: dict[str, Any] = {
        "need_id": shortlist.need_id,
        "revision": shortlist.revision,
        "ranking": [
            {"participant_id": str(one.participant_id), "score": one.score, "utility": one.utility}
            for one in shortlist.places
        ],
        "dropped": shortlist.dropped,
        "refreshed_at": shortlist.refreshed_at,
    }
    await session.exec(
        insert(table_of(StandingShortlistRow))
        .values(**values)
        .on_conflict_do_update(index_elements=["need_id"], set_=values)
    )


async def drop(session: AsyncSession, need_ids: Collection[UUID]) -> None:
    """Forget the shortlists of needs that are closed."""
    await session.exec(delete(StandingShortlistRow).where(among(col(StandingShortlistRow.need_id), need_ids)))
