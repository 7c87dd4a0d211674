"""Participants: as last told, whether they agree to be paired, how often they were shortlisted, who was erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Participant
from services.matching.tables import ConsentRow, EnrolmentRow, ExposureRow, ParticipantRow
from shared.sql import among, one_row, run, table_of, write_latest

_ERASURES = 7_236_011
"""The advisory lock by which an erasure waits for those who are just learning of the same person."""

_participant = TypeAdapter(Participant)
_participants = table_of(ParticipantRow)
_consents = table_of(ConsentRow)
_enrolments = table_of(EnrolmentRow)
_exposures = table_of(ExposureRow)


@dataclass(frozen=True, slots=True)
class ToldErasure:
    """A participant was erased."""

    revision: int
    participant_id: UUID
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class ToldConsent:
    """A participant agrees, or no longer."""

    revision: int
    participant_id: UUID
    purpose: str
    is_granted: bool


@dataclass(frozen=True, slots=True)
class ToldState:
    """A participant as told, and the record of the same person that goes on for this one."""

    revision: int
    participant: Participant
    merged_into: UUID | None


async def save_participants(session: AsyncSession, told: Sequence[ToldState]) -> None:
    """Keep the newest state of each participant; an erased one stays erased."""
    rows = [
        {
            "id": one.participant.id,
            "revision": one.revision,
            "agency_id": one.participant.agency_id,
            "merged_into": one.merged_into,
            "state": _participant.dump_python(one.participant, mode="json"),
        }
        for one in told
    ]
    await write_latest(session, ParticipantRow, rows, tombstone="erased_at")


async def erase_participants(session: AsyncSession, told: Sequence[ToldErasure]) -> None:
    """Leave a tombstone of these participants, so that late events change nothing, and nothing to count on them by.

    Plans let go of whoever is no longer there; then `shared.travel.erasure` forgets everything else.
    """
    if not told:
        return
    await run(session, select(func.pg_advisory_xact_lock(_ERASURES)))
    ids = [one.participant_id for one in told]
    rows = [
        {
            "id": one.participant_id,
            "revision": one.revision,
            "agency_id": None,
            "merged_into": None,
            "state": None,
            "erased_at": one.erased_at,
        }
        for one in told
    ]
    await write_latest(session, ParticipantRow, rows, tombstone="erased_at")
    for table in (_consents, _enrolments):
        await run(session, delete(table).where(among(table.c.participant_id, ids)))


async def erased_among(session: AsyncSession, participant_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these participants were erased; none is erased beside it until the transaction ends."""
    await _keep_from_being_erased(session)
    is_erased = _participants.c.erased_at.is_not(None)
    query = select(_participants.c.id).where(among(_participants.c.id, participant_ids), is_erased)
    return frozenset((await run(session, query)).scalars())


async def find_participant(session: AsyncSession, participant_id: UUID) -> Participant | None:
    """A participant as last told; None when unknown or erased."""
    row = await one_row(session, ParticipantRow, _participants.c.id == participant_id)
    return _participant.validate_python(row.state) if row and row.state else None


async def find_participants(session: AsyncSession, ids: Collection[UUID] | None = None) -> list[Participant]:
    """The participants with these ids, or all, by id; erased and unknown ones are absent."""
    query = select(_participants.c.state).where(_participants.c.state.is_not(None)).order_by(_participants.c.id)
    if ids is not None:
        query = query.where(among(_participants.c.id, ids))
    return [_participant.validate_python(state) for state in (await run(session, query)).scalars()]


async def save_consents(session: AsyncSession, told: Iterable[ToldConsent]) -> None:
    """Keep the newest word on each consent."""
    await write_latest(session, ConsentRow, [asdict(one) for one in told])


async def consenting(session: AsyncSession, ids: Collection[UUID] | None = None) -> frozenset[UUID]:
    """Which of these participants, or of all, agree to be paired."""
    query = select(_consents.c.participant_id).where(_consents.c.purpose == "pairing", _consents.c.is_granted)
    if ids is not None:
        query = query.where(among(_consents.c.participant_id, ids))
    return frozenset((await run(session, query)).scalars())


async def agreeing(session: AsyncSession, ids: Collection[UUID]) -> frozenset[UUID]:
    """Who of these was not erased and agrees to be paired; none is erased beside it until the transaction ends."""
    await _keep_from_being_erased(session)
    agrees = _consents.join(_participants, _participants.c.id == _consents.c.participant_id)
    query = (
        # One row, since each takes the event loop.
        select(func.array_agg(_consents.c.participant_id))
        .select_from(agrees)
        .where(
            among(_consents.c.participant_id, ids),
            _consents.c.purpose == "pairing",
            _consents.c.is_granted,
            _participants.c.erased_at.is_(None),
        )
    )
    return frozenset((await run(session, query)).scalar_one() or ())


async def exposures(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """How often each of these participants was shortlisted."""
    rows = await run(session, select(_exposures).where(among(_exposures.c.participant_id, ids)))
    return {row.participant_id: row.times for row in rows}


async def _keep_from_being_erased(session: AsyncSession) -> None:
    """Nobody is erased beside the transaction until it ends."""
    await run(session, select(func.pg_advisory_xact_lock_shared(_ERASURES)))
