"""Standing shortlists and what is due for refreshing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, delete, func, not_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.standing_places import StandingPlace
from services.matching.tables import DueRow, StandingShortlistRow
from shared.sql import among, insert_rows, one_row, put_rows, run, table_of, wake

_due = table_of(DueRow)
_shortlists = table_of(StandingShortlistRow)

WAKE_CHANNEL = "matching_shortlists"
"""The PostgreSQL channel on which a commit wakes the refreshing."""


@dataclass(frozen=True, slots=True)
class StandingShortlist:
    """The best of the pool for a need, the best first; `dropped` counts the pairs that cannot be, by reason."""

    need_id: UUID
    revision: int
    places: tuple[StandingPlace, ...]
    dropped: dict[str, int]
    refreshed_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """What the standing shortlists have not followed yet; `everybody` when the components were fitted anew."""

    participants: frozenset[UUID]
    needs: frozenset[UUID]
    everybody: bool
    positions: tuple[int, ...]


async def mark_due(
    session: AsyncSession, kind: Literal["participant", "need", "everybody"], ids: Collection[UUID]
) -> None:
    """Remember that these changed, and wake the refreshing with the commit.

    What is due is appended, never looked for: so whoever marks never waits for whoever refreshes.
    """
    if not ids:
        return
    await insert_rows(session, DueRow, [{"kind": kind, "id": one} for one in sorted(ids)])
    await wake(session, WAKE_CHANNEL)


async def read_due(session: AsyncSession) -> Due:
    """What changed and was not settled yet.

    It comes as one row of lists: after a large import there is much of it, and a row each would take the event loop.
    """
    ids = func.array_agg(_due.c.id.distinct())
    query = select(
        ids.filter(_due.c.kind == "participant").label("participants"),
        ids.filter(_due.c.kind == "need").label("needs"),
        func.bool_or(_due.c.kind == "everybody").label("everybody"),
        func.array_agg(_due.c.position).label("positions"),
    )
    row = (await run(session, query)).one()
    return Due(
        participants=frozenset(row.participants or ()),
        needs=frozenset(row.needs or ()),
        everybody=bool(row.everybody),
        positions=tuple(row.positions or ()),
    )


async def settle_due(session: AsyncSession, due: Due) -> None:
    """Forget what the shortlists followed: exactly what was read, since positions are not in the order of commits."""
    await run(session, delete(_due).where(among(_due.c.position, due.positions)))


async def find(session: AsyncSession, need_id: UUID) -> StandingShortlist | None:
    """A need's standing shortlist; None before its first refreshing or when the need is closed."""
    row = await one_row(session, StandingShortlistRow, _shortlists.c.need_id == need_id)
    return _shortlist(row) if row else None


async def find_many(session: AsyncSession, need_ids: Collection[UUID]) -> dict[UUID, StandingShortlist]:
    """The standing shortlists of these needs, as far as they have one."""
    rows = await run(session, select(_shortlists).where(among(_shortlists.c.need_id, need_ids)))
    return {row.need_id: _shortlist(row) for row in rows}


def _shortlist(row: StandingShortlistRow | Row[Any]) -> StandingShortlist:
    return StandingShortlist(
        need_id=row.need_id,
        revision=row.revision,
        places=tuple(StandingPlace(UUID(one["participant_id"]), one["score"], one["utility"]) for one in row.ranking),
        dropped=row.dropped,
        refreshed_at=row.refreshed_at,
    )


async def save(session: AsyncSession, refreshed: Sequence[StandingShortlist]) -> None:
    """Keep refreshed shortlists."""
    await put_rows(session, StandingShortlistRow, [_row(shortlist) for shortlist in refreshed])


def _row(shortlist: StandingShortlist) -> dict[str, Any]:
    return {
        "need_id": shortlist.need_id,
        "revision": shortlist.revision,
        "ranking": [
            {"participant_id": str(one.participant_id), "score": one.score, "utility": one.utility}
            for one in shortlist.places
        ],
        "dropped": shortlist.dropped,
        "refreshed_at": shortlist.refreshed_at,
    }


async def drop(session: AsyncSession, need_ids: Collection[UUID]) -> None:
    """Forget the shortlists of needs that are closed."""
    await run(session, delete(_shortlists).where(among(_shortlists.c.need_id, need_ids)))


async def drop_all_but(session: AsyncSession, need_ids: Collection[UUID]) -> None:
    """Forget the shortlists of all needs but these: needs may have closed while nobody kept the shortlists."""
    await run(session, delete(_shortlists).where(not_(among(_shortlists.c.need_id, need_ids))))
