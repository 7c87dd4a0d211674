"""What other services told: participants, consents, observations, needs, meetups, enrolments, replies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Enrolment, Meetup, Need, Observation, Participant, ReplyStatus
from services.matching.tables import (
    ConsentRow,
    EnrolmentRow,
    ExposureRow,
    MeetupRow,
    NeedRow,
    ObservationRow,
    ParticipantRow,
    ReplyRow,
)
from shared.sql import among, write_latest

Value = TypeVar("Value")

_ERASURES = 7_236_011
"""The advisory lock by which an erasure waits for those who are just learning of the same person."""

_participant = TypeAdapter(Participant)
_need = TypeAdapter(Need)
_meetup = TypeAdapter(Meetup)
_enrolment = TypeAdapter(Enrolment)


@dataclass(frozen=True, slots=True)
class Told:
    """A fact with the revision under which it was told."""

    revision: int


@dataclass(frozen=True, slots=True)
class ToldErasure(Told):
    """A participant was erased."""

    participant_id: UUID
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class ToldConsent(Told):
    """A participant agrees, or no longer."""

    participant_id: UUID
    purpose: str
    is_granted: bool


@dataclass(frozen=True, slots=True)
class ToldEnrolment(Told):
    """A participant is enrolled at a meetup, or no longer (then without an enrolment)."""

    meetup_id: UUID
    participant_id: UUID
    enrolment: Enrolment | None


@dataclass(frozen=True, slots=True)
class ToldReply(Told):
    """How an invitation stands."""

    meetup_id: UUID
    participant_id: UUID
    status: ReplyStatus


async def save_participants(session: AsyncSession, told: Sequence[tuple[int, Participant]]) -> None:
    """Keep the newest state of each participant; an erased one stays erased."""
    rows = [
        {
            "id": participant.id,
            "revision": revision,
            "agency_id": participant.agency_id,
            "state": _participant.dump_python(participant, mode="json"),
        }
        for revision, participant in told
    ]
    await write_latest(session, ParticipantRow, rows, tombstone="erased_at")


async def erase_participants(session: AsyncSession, told: Sequence[ToldErasure]) -> None:
    """Leave a tombstone of these participants, so that late events change nothing, and nothing to count on them by.

    Plans let go of whoever is no longer there; then `shared.travel.erasure` forgets everything else.
    """
    if not told:
        return
    await session.exec(select(func.pg_advisory_xact_lock(_ERASURES)))
    ids = [one.participant_id for one in told]
    rows = [
        {
            "id": one.participant_id,
            "revision": one.revision,
            "agency_id": None,
            "state": None,
            "erased_at": one.erased_at,
        }
        for one in told
    ]
    await write_latest(session, ParticipantRow, rows, tombstone="erased_at")
    for table in (ConsentRow, EnrolmentRow):
        await session.exec(delete(table).where(among(col(table.participant_id), ids)))


async def erased_among(session: AsyncSession, participant_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these participants were erased; none is erased beside it until the transaction ends."""
    await session.exec(select(func.pg_advisory_xact_lock_shared(_ERASURES)))
    found = await session.exec(
        select(ParticipantRow.id).where(among(col(ParticipantRow.id), participant_ids), _is_erased())
    )
    return frozenset(found)


def _is_erased() -> ColumnElement[bool]:
    return col(ParticipantRow.erased_at).is_not(None)


async def save_consents(session: AsyncSession, told: Iterable[ToldConsent]) -> None:
    """Keep the newest word on each consent."""
    rows = [
        {
            "participant_id": one.participant_id,
            "purpose": one.purpose,
            "revision": one.revision,
            "is_granted": one.is_granted,
        }
        for one in told
    ]
    await write_latest(session, ConsentRow, rows)


async def save_observations(session: AsyncSession, told: Sequence[tuple[int, Observation]]) -> None:
    """Keep the newest state of each observation; a retracted one stays retracted."""
    rows = [
        {
            "id": seen.id,
            "participant_id": seen.participant_id,
            "revision": revision,
            "rater_id": seen.rater_id,
            "workshop_id": seen.workshop_id,
            "venue": seen.venue,
            "exercise": seen.exercise,
            "seen_on": seen.seen_on,
            "framework": seen.framework,
            "skill": seen.skill,
            "level": seen.level,
            "is_retracted": False,
        }
        for revision, seen in told
    ]
    await write_latest(session, ObservationRow, rows)


async def retract_observations(session: AsyncSession, told: Sequence[tuple[int, UUID, UUID]]) -> None:
    """Take observations back; `told` holds revision, observation and participant."""
    rows: list[dict[str, Any]] = [
        {
            "id": observation_id,
            "participant_id": participant_id,
            "revision": revision,
            "rater_id": None,
            "workshop_id": None,
            "venue": None,
            "exercise": None,
            "seen_on": None,
            "framework": None,
            "skill": None,
            "level": None,
            "is_retracted": True,
        }
        for revision, observation_id, participant_id in told
    ]
    await write_latest(session, ObservationRow, rows)


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


async def save_meetups(session: AsyncSession, told: Sequence[tuple[int, Meetup]]) -> None:
    """Keep the newest state of each meetup."""
    rows = [
        {
            "id": meetup.id,
            "revision": revision,
            "agency_id": meetup.agency_id,
            "state": _meetup.dump_python(meetup, mode="json"),
        }
        for revision, meetup in told
    ]
    await write_latest(session, MeetupRow, rows)


async def cancel_meetups(session: AsyncSession, told: Sequence[tuple[int, UUID]]) -> None:
    """Mark meetups as cancelled, known or not yet known."""
    rows: list[dict[str, Any]] = [{"id": meetup_id, "cancelled_revision": revision} for revision, meetup_id in told]
    await write_latest(session, MeetupRow, rows, revision="cancelled_revision")


async def save_enrolments(session: AsyncSession, told: Iterable[ToldEnrolment]) -> None:
    """Keep the newest word on each enrolment."""
    rows = [
        {
            "meetup_id": one.meetup_id,
            "participant_id": one.participant_id,
            "revision": one.revision,
            "is_enrolled": one.enrolment is not None,
            "state": _enrolment.dump_python(one.enrolment, mode="json") if one.enrolment else None,
        }
        for one in told
    ]
    await write_latest(session, EnrolmentRow, rows)


async def save_replies(session: AsyncSession, told: Iterable[ToldReply]) -> None:
    """Keep the newest word on each invitation."""
    rows = [
        {
            "meetup_id": one.meetup_id,
            "participant_id": one.participant_id,
            "revision": one.revision,
            "status": one.status,
        }
        for one in told
    ]
    await write_latest(session, ReplyRow, rows)


async def find_meetup(session: AsyncSession, meetup_id: UUID) -> Meetup | None:
    """A meetup as last told, also a cancelled one; None when nothing but its cancellation is known."""
    row = await session.get(MeetupRow, meetup_id, populate_existing=True)
    return _told_meetup(row) if row and row.state else None


async def find_meetups(session: AsyncSession, ids: Collection[UUID]) -> list[Meetup]:
    """The meetups with these ids as last told, cancelled ones too."""
    query = select(MeetupRow).where(among(col(MeetupRow.id), ids), col(MeetupRow.state).is_not(None))
    return [_told_meetup(row) for row in await session.exec(query)]


async def list_meetups(
    session: AsyncSession, agency_id: UUID | None, *, after: UUID | None, limit: int
) -> list[Meetup]:
    """The meetups of an agency, or all: a page of them by id."""
    query = select(MeetupRow).where(col(MeetupRow.state).is_not(None)).order_by(col(MeetupRow.id)).limit(limit)
    if agency_id is not None:
        query = query.where(MeetupRow.agency_id == agency_id)
    if after is not None:
        query = query.where(col(MeetupRow.id) > after)
    return [_told_meetup(row) for row in await session.exec(query)]


async def find_participant(session: AsyncSession, participant_id: UUID) -> Participant | None:
    """A participant as last told; None when unknown or erased."""
    found = await find_participants(session, [participant_id])
    return found[0] if found else None


async def find_participants(session: AsyncSession, ids: Collection[UUID] | None = None) -> list[Participant]:
    """The participants with these ids, or all, by id; erased and unknown ones are absent."""
    query = select(ParticipantRow.state).where(col(ParticipantRow.state).is_not(None)).order_by(col(ParticipantRow.id))
    if ids is not None:
        query = query.where(among(col(ParticipantRow.id), ids))
    return [_participant.validate_python(state) for state in await session.exec(query)]


async def find_need(session: AsyncSession, need_id: UUID) -> Need | None:
    """A need as last told; None when unknown."""
    found = await find_needs(session, [need_id])
    return found[0] if found else None


async def find_needs(session: AsyncSession, ids: Collection[UUID] | None = None) -> list[Need]:
    """The needs with these ids, open or not, or all open ones, by id."""
    query = select(NeedRow).where(col(NeedRow.state).is_not(None)).order_by(col(NeedRow.id))
    is_open = col(NeedRow.revision) > col(NeedRow.closed_revision)
    query = query.where(is_open) if ids is None else query.where(among(col(NeedRow.id), ids))
    return [
        _need.validate_python({**(row.state or {}), "is_open": row.revision > row.closed_revision})
        for row in await session.exec(query)
    ]


async def list_open_needs(session: AsyncSession, *, after: UUID | None, limit: int) -> list[Need]:
    """The open needs: a page of them by id."""
    query = (
        select(NeedRow)
        .where(col(NeedRow.state).is_not(None), col(NeedRow.revision) > col(NeedRow.closed_revision))
        .order_by(col(NeedRow.id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(col(NeedRow.id) > after)
    return [_need.validate_python({**(row.state or {}), "is_open": True}) for row in await session.exec(query)]


async def are_told(
    session: AsyncSession, meetup_id: UUID, participant_ids: Collection[UUID], need_ids: Collection[UUID]
) -> bool:
    """Whether all of these participants (their consent and enrolment, or erasure) and needs have been told of."""
    enrolled = select(EnrolmentRow.participant_id).where(EnrolmentRow.meetup_id == meetup_id)
    decided = select(ConsentRow.participant_id).where(ConsentRow.purpose == "pairing")
    is_known = _is_erased() | (
        col(ParticipantRow.state).is_not(None)
        & col(ParticipantRow.id).in_(enrolled)
        & col(ParticipantRow.id).in_(decided)
    )
    people = select(func.count()).where(among(col(ParticipantRow.id), participant_ids), is_known)
    needs = select(func.count()).where(among(col(NeedRow.id), need_ids), col(NeedRow.state).is_not(None))
    return (await session.exec(people)).one() == len(participant_ids) and (await session.exec(needs)).one() == len(
        need_ids
    )


async def enrolments_of(session: AsyncSession, meetup_id: UUID) -> list[Enrolment]:
    """Who may be paired at a meetup, by id."""
    rows = await session.exec(
        select(EnrolmentRow.state)
        .where(EnrolmentRow.meetup_id == meetup_id, col(EnrolmentRow.is_enrolled))
        .order_by(col(EnrolmentRow.participant_id))
    )
    return [_enrolment.validate_python(state) for state in rows]


async def consenting(session: AsyncSession, ids: Collection[UUID] | None = None) -> frozenset[UUID]:
    """Which of these participants, or of all, agree to be paired."""
    query = select(ConsentRow.participant_id).where(ConsentRow.purpose == "pairing", col(ConsentRow.is_granted))
    if ids is not None:
        query = query.where(among(col(ConsentRow.participant_id), ids))
    return frozenset(await session.exec(query))


async def observations_of(
    session: AsyncSession, framework: str, participant_ids: Collection[UUID] | None = None
) -> list[Observation]:
    """What was seen of these participants, or of all, by id of the observation."""
    query = (
        select(ObservationRow)
        .where(ObservationRow.framework == framework, col(ObservationRow.is_retracted).is_(False))
        .order_by(col(ObservationRow.id))
    )
    if participant_ids is not None:
        query = query.where(among(col(ObservationRow.participant_id), participant_ids))
    return [_observation(row) for row in await session.exec(query)]


async def count_observations(session: AsyncSession, framework: str) -> int:
    """How many observations are in force."""
    query = select(func.count()).where(
        ObservationRow.framework == framework, col(ObservationRow.is_retracted).is_(False)
    )
    return (await session.exec(query)).one()


async def replies_of(session: AsyncSession, meetup_id: UUID) -> dict[UUID, ReplyStatus]:
    """How the invitations to a meetup stand."""
    rows = await session.exec(select(ReplyRow).where(ReplyRow.meetup_id == meetup_id))
    return {row.participant_id: row.status for row in rows}  # type: ignore[misc]  # the column holds these words only


async def exposures(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """How often each of these participants was shortlisted."""
    rows = await session.exec(select(ExposureRow).where(among(col(ExposureRow.participant_id), ids)))
    return {row.participant_id: row.times for row in rows}


def _told_meetup(row: MeetupRow) -> Meetup:
    return _meetup.validate_python({**(row.state or {}), "is_cancelled": row.cancelled_revision > 0})


def _observation(row: ObservationRow) -> Observation:
    return Observation(
        id=row.id,
        participant_id=row.participant_id,
        rater_id=_known(row.rater_id),
        workshop_id=_known(row.workshop_id),
        venue=_known(row.venue),
        exercise=_known(row.exercise),
        seen_on=_known(row.seen_on),
        framework=_known(row.framework),
        skill=_known(row.skill),
        level=_known(row.level),
    )


def _known(value: Value | None) -> Value:
    if value is None:
        raise ValueError("an observation in force lacks a field")
    return value
