"""What was seen of participants at workshops."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Observation
from services.matching.tables import ObservationRow
from shared.sql import among, run, table_of, write_latest

_observations = table_of(ObservationRow)
_FIELDS = tuple(field.name for field in fields(Observation))
_SEEN = tuple(name for name in _FIELDS if name not in ("id", "participant_id"))
"""What a retracted observation loses."""


async def save_observations(session: AsyncSession, told: Sequence[tuple[int, Observation]]) -> None:
    """Keep the newest state of each observation; a retracted one stays retracted."""
    rows: list[dict[str, Any]] = [
        {**{name: getattr(seen, name) for name in _FIELDS}, "revision": revision, "is_retracted": False}
        for revision, seen in told
    ]
    await write_latest(session, ObservationRow, rows)


async def retract_observations(session: AsyncSession, told: Sequence[tuple[int, UUID, UUID]]) -> None:
    """Take observations back; `told` holds revision, observation and participant."""
    nothing = dict.fromkeys(_SEEN)
    rows = [
        {"id": observation, "participant_id": participant, "revision": revision, **nothing, "is_retracted": True}
        for revision, observation, participant in told
    ]
    await write_latest(session, ObservationRow, rows)


async def observations_of(
    session: AsyncSession, framework: str, participant_ids: Collection[UUID] | None = None
) -> list[Observation]:
    """What was seen of these participants, or of all, by id of the observation."""
    query = (
        select(*(_observations.c[name] for name in _FIELDS))
        .where(_observations.c.framework == framework, _observations.c.is_retracted.is_(False))
        .order_by(_observations.c.id)
    )
    if participant_ids is not None:
        query = query.where(among(_observations.c.participant_id, participant_ids))
    return [Observation(**row) for row in (await run(session, query)).mappings()]


async def count_observations(session: AsyncSession, framework: str) -> int:
    """How many observations are in force."""
    query = select(func.count()).where(_observations.c.framework == framework, _observations.c.is_retracted.is_(False))
    return int((await run(session, query)).scalar_one())
