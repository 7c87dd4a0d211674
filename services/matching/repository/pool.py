"""The members of the pool and what was seen of them, many at a time: as columns, since a mapped object a row costs too
much. A member is somebody who was not erased and agrees to be paired."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Coroutine
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Date, Double, Row, Select, String, Text, cast, func, literal, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.scoring import HIGHEST_LEVEL
from services.matching.domain.shortlisting import Entrants
from services.matching.domain.situation import Participant
from services.matching.repository import profiles
from services.matching.tables import ConsentRow, ExposureRow, ObservationRow, ParticipantRow, ProfileRow
from shared.copying import RowFormat, copy_rows_of, texts_of_ids
from shared.sql import among, next_by, run, table_of

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
    """Some members: a place a member in each column; ids in sixteen bytes, and what their profiles say (n, 4K)."""

    ids: NDArray[np.void]
    people: Entrants
    shortlisted: NDArray[np.int32]
    exceedance: NDArray[np.float32]


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


async def copy_members(
    session: AsyncSession, framework: str, take: Callable[[bytes], Coroutine[Any, Any, None]]
) -> None:
    """Hand on all members whose profile is kept, in no order, many at a time, for `member_rows` to read.

    It is one reading of the tables, at one moment.
    """
    await copy_rows_of(session, _member_columns(framework), take)


def member_rows(part: bytes, skills: int) -> MemberRows:
    """The members that a part tells of, whose profiles say something of so many skills."""
    fields, texts = _row_format(skills).rows_in(part)
    told = json.loads(b"[%b]" % b",".join(texts))
    hours, licences, wishes, refused = zip(*told, strict=True) if told else ((), (), (), ())
    ids = np.ascontiguousarray(fields["id"])
    people = Entrants(
        texts_of_ids(ids),
        fields["latitude"],
        fields["longitude"],
        fields["travel_limit_km"],
        fields["available_from"].astype("datetime64[D]"),
        hours,
        licences,
        wishes,
        refused,
    )
    return MemberRows(ids, people, fields["shortlisted"].astype(np.int32), fields["exceedance"].astype(np.float32))


@cache
def _row_format(skills: int) -> RowFormat:
    """As `_member_columns` has it, but for the codes, which stand behind as JSON."""
    return RowFormat(
        [
            ("id", "V16"),
            ("latitude", ">f8"),
            ("longitude", ">f8"),
            ("travel_limit_km", ">f8"),
            ("available_from", ">i4"),
            ("shortlisted", ">i4"),
            ("exceedance", np.dtype(("<f4", HIGHEST_LEVEL * skills))),
        ]
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
    """NaN stands for a coordinate that is not known, and days count from 1970."""
    state, unknown = _participants.c.state, cast(literal("NaN", String), Double)
    codes = (state[name] for name in ("hours", "licences", "wishes", "refused_occupations"))
    columns = [
        _participants.c.id,
        func.coalesce(state["latitude"].astext.cast(Double), unknown).label("latitude"),
        func.coalesce(state["longitude"].astext.cast(Double), unknown).label("longitude"),
        state["travel_limit_km"].astext.cast(Double).label("travel_limit_km"),
        (state["available_from"].astext.cast(Date) - literal(date(1970, 1, 1), Date)).label("available_from"),
        func.coalesce(_exposures.c.times, 0).label("shortlisted"),
        _profiles.c.exceedance,
        cast(func.jsonb_build_array(*codes), Text).label("codes"),
    ]
    return _members(*columns).join(_profiles, profiles.is_of(framework))


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
