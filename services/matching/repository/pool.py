"""People and what was seen of them, many at a time: as columns, since a mapped object a row costs too much."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, String, cast, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Participant
from services.matching.tables import ConsentRow, ExposureRow, ObservationRow, ParticipantRow
from shared.sql import among, next_by, run, table_of

_participant = TypeAdapter(Participant)
_participants = table_of(ParticipantRow)
_consents = table_of(ConsentRow)
_exposures = table_of(ExposureRow)
_observations = table_of(ObservationRow)


class KnownParticipant(NamedTuple):
    """Somebody as last told, whether they agree to be paired, and how often they were shortlisted."""

    participant: Participant
    consents: bool
    shortlisted: int


class SeenOfOne(NamedTuple):
    """All that was seen of somebody in one framework: three columns, a place an observation."""

    participant_id: UUID
    skills: list[str]
    raters: list[str]
    levels: list[int]


async def people(session: AsyncSession, ids: Collection[UUID]) -> list[KnownParticipant]:
    """The participants with these ids, by id; erased and unknown ones are absent."""
    return [
        _person(row)
        for row in await run(session, _people().where(among(_participants.c.id, ids)).order_by(_participants.c.id))
    ]


async def people_after(session: AsyncSession, after: UUID | None, at_most: int) -> list[KnownParticipant]:
    """The next participants by id: everybody, when asked again and again with the last one's id."""
    query = next_by(_participants.c.id, _people(), after, at_most)
    return [_person(row) for row in await run(session, query)]


async def seen_of(session: AsyncSession, framework: str, ids: Collection[UUID]) -> dict[UUID, SeenOfOne]:
    """What was seen of these participants; those who were not seen are absent."""
    rows = await run(session, _seen(framework).where(among(_observations.c.participant_id, ids)))
    return {row.participant_id: _seen_of_one(row) for row in rows}


async def seen_after(session: AsyncSession, framework: str, after: UUID | None, at_most: int) -> list[SeenOfOne]:
    """What was seen of the next people by id, told of or not: everybody, when asked again and again."""
    query = next_by(_observations.c.participant_id, _seen(framework), after, at_most)
    return [_seen_of_one(row) for row in await run(session, query)]


def _people() -> Select[Any]:
    agree = _participants.outerjoin(
        _consents, (_consents.c.participant_id == _participants.c.id) & (_consents.c.purpose == "pairing")
    )
    counted = agree.outerjoin(_exposures, _exposures.c.participant_id == _participants.c.id)
    return (
        select(
            _participants.c.state,
            func.coalesce(_consents.c.is_granted, False).label("consents"),
            func.coalesce(_exposures.c.times, 0).label("times"),
        )
        .select_from(counted)
        .where(_participants.c.state.is_not(None))
    )


def _person(row: Row[Any]) -> KnownParticipant:
    return KnownParticipant(_participant.validate_python(row.state), row.consents, row.times)


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
