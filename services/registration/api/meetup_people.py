"""The people of a meetup: who is enrolled, who was invited and answered, who came, and what came of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.records import (
    EmployerReply,
    InvitationsShown,
    InvitationState,
    PairedPerson,
    PairingTold,
)
from services.registration.api.requests import NEW_OR_KNOWN, SavedAnswer, answer
from services.registration.domain.meetups import Constraints, Meetup
from services.registration.domain.said import said_or
from services.registration.intake.bodies import AttendanceBody, ConstraintsBody, OutcomeBody
from services.registration.repository import following
from services.registration.repository import meetups as repository
from services.registration.repository.meetups import Enrolment
from services.registration.use_cases import meetups as use_cases
from services.registration.use_cases import outcomes
from services.registration.use_cases.outcomes import SaidOutcome
from shared.auditing import looking_if_refused, note_looks
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.preconditions import SeenRevision

router = APIRouter(prefix="/api/v1/meetups/{meetup_id}", tags=["meetups"])

_Writing = Annotated[Scope, May("write enrolments")]


@router.put("/participants/{participant_id}", responses=NEW_OR_KNOWN)
async def enrol(
    meetup_id: UUID,
    participant_id: UUID,
    body: ConstraintsBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Enrol a participant, or change what the timetable must respect."""
    kept = await use_cases.meetup_named(session, scope, meetup_id)
    constraints = Constraints(body.first_slot, body.last_slot, body.double_slot, body.front_table)
    known = await _enrolment(kept, participant_id, session)
    if known is not None and known.constraints != constraints:
        async with looking_if_refused(session, "meetup_enrolments", [participant_id]):
            _check_enrolment_seen(seen, known, kept)
    return answer(await use_cases.enrol(session, scope, meetup_id, participant_id, constraints, moment))


@router.delete("/participants/{participant_id}", response_model=SavedAnswer)
async def unenrol(
    meetup_id: UUID,
    participant_id: UUID,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Take a participant out of a meetup."""
    kept = await use_cases.meetup_named(session, scope, meetup_id)
    known = await _enrolment(kept, participant_id, session)
    if known is not None:
        async with looking_if_refused(session, "meetup_enrolments", [participant_id]):
            _check_enrolment_seen(seen, known, kept)
    return answer(await use_cases.unenrol(session, scope, meetup_id, participant_id, moment))


@router.put("/attendance/{participant_id}", responses=NEW_OR_KNOWN)
async def record_attendance(
    meetup_id: UUID,
    participant_id: UUID,
    body: AttendanceBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Record whether somebody came, or correct it."""
    kept = await use_cases.meetup_named(session, scope, meetup_id)
    known = await _enrolment(kept, participant_id, session)
    if known is not None and known.is_present not in (None, body.present):
        async with looking_if_refused(session, "meetup_enrolments", [participant_id]):
            _check_enrolment_seen(seen, known, kept)
    return answer(
        await use_cases.record_attendance(
            session, scope, meetup_id, participant_id, present=body.present, moment=moment
        )
    )


@router.put("/outcomes", responses=NEW_OR_KNOWN)
async def record_outcome(
    meetup_id: UUID,
    body: OutcomeBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Record what came of a meeting, or correct it."""
    kept = await use_cases.meetup_named(session, scope, meetup_id)
    known = await repository.outcome_of(session, meetup_id, body.participant_id, body.need_id)
    said = SaidOutcome(body.participant_id, body.need_id, body.outcome, body.said("happened_on"))
    is_same_day = known is None or said_or(said.happened_on, known.happened_on) == known.happened_on
    if known is not None and not (known.outcome == said.outcome and is_same_day):
        told = {"outcome": known.outcome, "happened_on": known.happened_on}
        async with looking_if_refused(session, "meetup_outcomes", [body.participant_id]):
            seen.check_not_newer(known.revision, kept.revision, told)
    return answer(await outcomes.record_outcome(session, scope, meetup_id, said, moment))


@router.get("/invitations")
async def show_invitations(
    meetup_id: UUID, scope: Annotated[Scope, May("read replies")], session: Transaction
) -> InvitationsShown:
    """The state of the pairing, of each invitation, and of the employers' answers, as the other services told."""
    await use_cases.meetup_named(session, scope, meetup_id, lock=False)
    pairing = await following.pairing_of(session, meetup_id)
    paired = await following.paired_at(session, meetup_id)
    invitations = await following.invitations_to(session, meetup_id)
    answers = await following.answers_at(session, meetup_id)
    people = [row["participant_id"] for row in (*paired, *invitations, *answers)]
    await note_looks(session, "invitation_states", people, meetup_id)
    return InvitationsShown(
        pairing=pairing and PairingTold.model_validate(pairing),
        paired=[PairedPerson.of_row(row) for row in paired],
        invitations=[InvitationState.of_row(row) for row in invitations],
        answers=[EmployerReply.of_row(row) for row in answers],
    )


async def _enrolment(meetup: Meetup, participant_id: UUID, session: Transaction) -> Enrolment | None:
    return (await repository.enrolments_of(session, [meetup.id])).get((meetup.id, participant_id))


def _check_enrolment_seen(seen: SeenRevision, known: Enrolment, meetup: Meetup) -> None:
    """Raise a `Problem` unless the enrolment was seen as it is; what else changed of the meetup does not matter."""
    changed = showing.enrolment(known) if known.revision > seen.revision else {}
    seen.check_not_newer(known.revision, meetup.revision, changed)
