"""The sessions of a workshop, and who came to each."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.common import ChangeTold
from services.registration.api.answers.records import PresenceShown, SessionShown
from services.registration.api.requests import NEW_OR_KNOWN, OnceSavedOfRequest, SavedAnswer, answer, check_seen
from services.registration.intake.bodies import PresenceBody, SessionBody, SessionPatch
from services.registration.intake.of_workshops import read_session
from services.registration.repository import workshop_sessions as repository
from services.registration.use_cases import workshop_sessions as use_cases
from services.registration.use_cases.saving import Saved
from services.registration.use_cases.workshops import workshop_named
from shared.auditing import note_looks
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import WholeList
from shared.web.preconditions import SeenRevision, tagged

router = APIRouter(prefix="/api/v1/workshops/{workshop_id}/sessions", tags=["workshops"])

_Reading = Annotated[Scope, May("read workshops")]
_Writing = Annotated[Scope, May("write workshops")]


@router.get("")
async def list_sessions(workshop_id: UUID, scope: _Reading, session: Transaction) -> WholeList[SessionShown]:
    """The sessions of a workshop, by day and hour."""
    kept = await workshop_named(session, scope, workshop_id)
    found = await repository.sessions_of(session, [kept.id])
    return WholeList(items=[SessionShown.of_row(showing.workshop_session(each)) for each in found])


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def plan(
    workshop_id: UUID,
    body: SessionBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    once: OnceSavedOfRequest,
) -> JSONResponse:
    """Plan a session."""

    async def act() -> Saved:
        return await use_cases.plan_session(session, scope, read_session(workshop_id, body), moment)

    return await once(act)


@router.get("/{session_id}", response_model=SessionShown)
async def show(workshop_id: UUID, session_id: UUID, scope: _Reading, session: Transaction) -> JSONResponse:
    """A session."""
    kept = await use_cases.session_named(session, scope, workshop_id, session_id)
    return tagged(showing.workshop_session(kept), kept.revision)


@router.put("/{session_id}", response_model=SavedAnswer)
async def change(
    workshop_id: UUID,
    session_id: UUID,
    body: SessionBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace what is said of a session."""
    kept = await use_cases.session_named(session, scope, workshop_id, session_id, lock=True)
    check_seen(seen, kept, showing.workshop_session(kept))
    return answer(await use_cases.change_session(session, kept, read_session(workshop_id, body), moment))


@router.patch("/{session_id}", response_model=SavedAnswer)
async def amend(
    workshop_id: UUID,
    session_id: UUID,
    body: SessionPatch,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of a session, and nothing else."""
    return await change(workshop_id, session_id, body, scope, session, moment, seen)


@router.delete("/{session_id}", status_code=204)
async def drop(workshop_id: UUID, session_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """Drop a session that is not held, and with it who came."""
    await use_cases.drop_session(session, scope, workshop_id, session_id)
    return Response(status_code=204)


@router.get("/{session_id}/presences")
async def show_people(
    workshop_id: UUID, session_id: UUID, scope: Annotated[Scope, May("read presences")], session: Transaction
) -> WholeList[PresenceShown]:
    """Whether each of those enrolled came; `null` where that is not known."""
    people = await use_cases.people_at(session, scope, workshop_id, session_id)
    await note_looks(session, "workshop_presences", people, session_id)
    return WholeList(items=[PresenceShown(participant_id=each, present=came) for each, came in people.items()])


@router.put("/{session_id}/presences/{participant_id}")
async def note_presence(
    workshop_id: UUID,
    session_id: UUID,
    participant_id: UUID,
    body: PresenceBody,
    scope: Annotated[Scope, May("note presences")],
    session: Transaction,
    moment: RequestMoment,
) -> ChangeTold:
    """Note whether somebody came, or with `null` that it is not known. Safe to repeat."""
    change = await use_cases.note_presence(
        session, scope, workshop_id, session_id, participant_id, is_present=body.present, moment=moment
    )
    return ChangeTold(change=change)
