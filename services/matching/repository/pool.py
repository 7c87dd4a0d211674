"""The members of the pool and what was seen of them, many at a time: as columns, since a mapped object a row costs too
much. A member is somebody who was not erased and agrees to be paired."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Date, Double, Row, Select, String, cast, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.shortlisting import Entrant
from services.matching.domain.situation import Participant
from services.matching.repository import profiles
from services.matching.tables import ConsentRow, ExposureRow, ObservationRow, ParticipantRow, ProfileRow
from shared.sql import among, in_parts, next_by, run, table_of

_participant = TypeAdapter(Participant)
_participants = table_of(ParticipantRow)
_consents = table_of(ConsentRow)
_exposures = table_of(ExposureRow)
_observations = table_of(ObservationRow)
_profiles = table_of(ProfileRow)


class KnownMember(NamedTuple):
    """A member as last told, and how often they were shortlisted."""

    participant: Participant
    shortlisted: int


class MemberRows(NamedTuple):
    """Some members: a place a member in each column, and their exceedances one behind the other."""

    ids: list[UUID]
    people: list[Entrant]
    shortlisted: list[int]
    exceedances: bytes


class SeenOfOne(NamedTuple):
    """All that was seen of somebody in one framework: three columns, a place an observation."""

    participant_id: UUID
    skills: list[str]
    raters: list[str]
    levels: list[int]


async def members(session: AsyncSession, ids: Collection[UUID]) -> list[KnownMember]:
    """The members with these ids, by id."""
    times = func.coalesce(_exposures.c.times, 0).label("times")
    query = _members(_participants.c.state, times).where(among(_participants.c.id, ids)).order_by(_participants.c.id)
    return [KnownMember(_participant.validate_python(row.state), row.times) for row in await run(session, query)]


async def member_rows(session: AsyncSession, framework: str, at_once: int) -> AsyncIterator[MemberRows]:
    """All members whose profile is kept, in no order, so many at once: one reading of the tables, at one moment."""
    async for some in in_parts(session, _member_columns(framework), at_once):
        yield MemberRows(
            ids=[row.id for row in some],
            people=[_entrant(row) for row in some],
            shortlisted=[row.times for row in some],
            exceedances=b"".join(row.exceedance for row in some),
        )


async def seen_of(session: AsyncSession, framework: str, ids: Collection[UUID]) -> dict[UUID, SeenOfOne]:
    """What was seen of these participants; those who were not seen are absent."""
    rows = await run(session, _seen(framework).where(among(_observations.c.participant_id, ids)))
    return {row.participant_id: _seen_of_one(row) for row in rows}


async def seen_after(session: AsyncSession, framework: str, after: UUID | None, at_most: int) -> list[SeenOfOne]:
    """What was seen of the next people by id, told of or not: everybody, when asked again and again."""
    query = next_by(_observations.c.participant_id, _seen(framework), after, at_most)
    return [_seen_of_one(row) for row in await run(session, query)]


def _members(*columns: ColumnElement[Any]) -> Select[Any]:
    counted = _participants.join(_consents, profiles.agrees()).outerjoin(
        _exposures, _exposures.c.participant_id == _participants.c.id
    )
    return select(*columns).select_from(counted).where(_participants.c.state.is_not(None))


def _member_columns(framework: str) -> Select[Any]:
    state = _participants.c.state
    columns = [
        _participants.c.id,
        state["latitude"].astext.cast(Double).label("latitude"),
        state["longitude"].astext.cast(Double).label("longitude"),
        state["travel_limit_km"].astext.cast(Double).label("travel_limit_km"),
        state["available_from"].astext.cast(Date).label("available_from"),
        *(state[name].astext.label(name) for name in ("hours", "licences", "wishes", "refused_occupations")),
        func.coalesce(_exposures.c.times, 0).label("times"),
        _profiles.c.exceedance,
    ]
    return _members(*columns).join(_profiles, profiles.is_of(framework))


def _entrant(row: Row[Any]) -> Entrant:
    return Entrant(
        row.id,
        row.latitude,
        row.longitude,
        row.travel_limit_km,
        row.available_from,
        _codes(row.hours),
        _codes(row.licences),
        _codes(row.wishes),
        _codes(row.refused_occupations),
    )


@lru_cache(1 << 16)
def _codes(told: str) -> tuple[str, ...]:
    """Codes from their JSON; the same lists come again and again."""
    return tuple(json.loads(told))


def _seen(framework: str) -> Select[Any]:
    seen = _observations.c
    return (
        select(
            seen.participant_id,
            func.array_agg(seen.skill).label("skills"),
            func.array_agg(cast(seen.rater_id, String)).label("raters"),
            func.array_agg(seen.level).label("levels"),
        )
        .where(seen.framework == framework, seen.is_retracted.is_(False))
        .group_by(seen.participant_id)
    )


def _seen_of_one(row: Row[Any]) -> SeenOfOne:
    return SeenOfOne(row.participant_id, row.skills, row.raters, row.levels)
