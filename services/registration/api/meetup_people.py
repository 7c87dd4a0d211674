"""The people of a meetup: who is enrolled, who was invited and answered, who came, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.registration.access import Reader, Writer
from services.registration.api.bodies import AttendanceBody, ConstraintsBody, OutcomeBody
from services.registration.api.meetups import own_meetup
from services.registration.api.requests import answer
from services.registration.domain.meetups import Constraints
from services.registration.repository import following
from services.registration.transactions import MomentOfRequest, Transaction
from services.registration.use_cases import meetups as use_cases
from services.registration.use_cases.participants import participant_named
from shared.identity import Person, check_agency

router = APIRouter(prefix="/api/meetups/{meetup_id}", tags=["meetups"])


@router.put("/participants/{participant_id}")
async def enrol(
    meetup_id: UUID,
    participant_id: UUID,
    body: ConstraintsBody,
    person: Writer,
    session: Transaction,
    moment: MomentOfRequest,
) -> JSONResponse:
    """Enrol a participant, or change what the timetable must respect. Safe to repeat."""
    await _check_both(person, meetup_id, participant_id, session)
    constraints = Constraints(body.first_slot, body.last_slot, body.longer_slot, body.ground_floor)
    return answer(await use_cases.enrol(session, meetup_id, participant_id, constraints, moment))


@router.delete("/participants/{participant_id}")
async def unenrol(
    meetup_id: UUID, participant_id: UUID, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Take a participant out of a meetup."""
    await _check_both(person, meetup_id, participant_id, session)
    return answer(await use_cases.unenrol(session, meetup_id, participant_id, moment))


@router.put("/attendance/{participant_id}")
async def record_attendance(
    meetup_id: UUID,
    participant_id: UUID,
    body: AttendanceBody,
    person: Writer,
    session: Transaction,
    moment: MomentOfRequest,
) -> JSONResponse:
    """Record whether somebody came. Safe to repeat and to correct."""
    await own_meetup(person, meetup_id, session)
    return answer(
        await use_cases.record_attendance(session, meetup_id, participant_id, present=body.present, moment=moment)
    )


@router.put("/outcomes")
async def record_outcome(
    meetup_id: UUID, body: OutcomeBody, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Record what came of a meeting. Safe to repeat and to correct."""
    await own_meetup(person, meetup_id, session)
    return answer(
        await use_cases.record_outcome(session, meetup_id, body.participant_id, body.need_id, body.outcome, moment)
    )


@router.get("/invitations")
async def show_invitations(meetup_id: UUID, person: Reader, session: Transaction) -> dict[str, Any]:
    """The state of the pairing, of each invitation, and of the employers' answers, as the other services told."""
    await own_meetup(person, meetup_id, session)
    pairing = await following.pairing_of(session, meetup_id)
    return {
        "pairing": None if pairing is None else {name: pairing[name] for name in ("pairing_id", "state", "meetings")},
        "paired": [
            {"participant_id": row["participant_id"], "meetings": row["meetings"]}
            for row in await following.paired_at(session, meetup_id)
        ],
        "invitations": [
            {"participant_id": row["participant_id"], "state": row["state"], "reason": row["reason"]}
            for row in await following.invitations_to(session, meetup_id)
        ],
        "answers": [
            {name: row[name] for name in ("need_id", "participant_id", "answer", "reason")}
            for row in await following.answers_at(session, meetup_id)
        ],
    }


async def _check_both(person: Person, meetup_id: UUID, participant_id: UUID, session: Transaction) -> None:
    await own_meetup(person, meetup_id, session)
    check_agency(person, (await participant_named(session, participant_id)).situation.agency_id)
