"""Workshops and who is enrolled in them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.common import ChangeTold
from services.registration.api.answers.records import WorkshopListed, WorkshopShown
from services.registration.api.bulk import EnrolledAnswer, EnrolledOfMany, ManyOfRequest
from services.registration.api.requests import (
    NEW_OR_KNOWN,
    OnceSavedOfRequest,
    SavedAnswer,
    answer,
    check_seen,
    check_seen_by_system,
    unless_overwritten,
)
from services.registration.domain.workshops import Workshop
from services.registration.edge import agency_to_write
from services.registration.intake.bodies import Identifier, WorkshopBody, WorkshopPatch
from services.registration.intake.bulk_bodies import EnrolmentBody, EnrolmentsBody
from services.registration.intake.reading import read_workshop
from services.registration.repository import workshops as repository
from services.registration.use_cases import workshops as use_cases
from services.registration.use_cases.saving import Saved
from shared.paging import Paging
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.once import Answered
from shared.web.paging import ListAnswer, page_of
from shared.web.preconditions import SeenRevision, tagged
from shared.web.sorting import listed_by

router = APIRouter(prefix="/api/v1/workshops", tags=["workshops"])

_Reading = Annotated[Scope, May("read workshops")]
_Writing = Annotated[Scope, May("write workshops")]
_Listed = Annotated[Paging, listed_by("starts_on", "created")]


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def register(
    body: WorkshopBody, scope: _Writing, session: Transaction, moment: RequestMoment, once: OnceSavedOfRequest
) -> JSONResponse:
    """Register a workshop."""

    async def act() -> Saved:
        agency_id = agency_to_write(scope, body.agency_id)
        draft = await read_workshop(session, body, agency_id, moment)
        return await use_cases.register_workshop(session, draft, moment)

    return await once(act)


@router.put("/by-identifier/{identifier:path}", responses=NEW_OR_KNOWN)
async def put_by_identifier(
    identifier: Identifier,
    body: WorkshopBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Register the workshop with this external identifier, or replace it. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.workshops_by_identifier(session, scope, [identifier], lock=True)).get(identifier)
    if kept is None:
        draft = await read_workshop(session, body, agency_to_write(scope, body.agency_id), moment)
        return answer(await use_cases.register_workshop(session, draft, moment))
    check_seen_by_system(seen, kept, showing.workshop(kept))
    return answer(unless_overwritten(await _change(kept, body, scope, session, moment), seen))


@router.put("/{workshop_id}", response_model=SavedAnswer)
async def change(
    workshop_id: UUID,
    body: WorkshopBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace a workshop and its team."""
    kept = await use_cases.workshop_named(session, scope, workshop_id, lock=True)
    check_seen(seen, kept, showing.workshop(kept))
    return answer(await _change(kept, body, scope, session, moment))


@router.patch("/{workshop_id}", response_model=SavedAnswer)
async def amend(
    workshop_id: UUID,
    body: WorkshopPatch,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of a workshop, and nothing else."""
    return await change(workshop_id, body, scope, session, moment, seen)


@router.get("")
async def list_workshops(
    scope: _Reading,
    session: Transaction,
    paging: _Listed,
    agency: UUID | None = None,
    operation: UUID | None = None,
) -> ListAnswer[WorkshopListed]:
    """Workshops, the latest first; mediators see those that they hold."""
    found = await repository.list_workshops(session, scope, paging, agency_id=agency, operation_id=operation)
    return page_of(found, WorkshopListed.of_row)


@router.get("/{workshop_id}", response_model=WorkshopShown)
async def show(workshop_id: UUID, scope: _Reading, session: Transaction) -> JSONResponse:
    """A workshop with its team."""
    kept = await use_cases.workshop_named(session, scope, workshop_id)
    return tagged(showing.workshop(kept), kept.revision)


@router.post("/{workshop_id}/participants", response_model=EnrolledOfMany)
async def enrol_many(
    workshop_id: UUID, body: EnrolmentsBody, scope: _Writing, session: Transaction, many: ManyOfRequest
) -> JSONResponse:
    """Enrol many participants in a workshop, each for themselves: one who is unknown keeps out nobody else."""
    await use_cases.workshop_named(session, scope, workshop_id)

    async def keep(each: EnrolmentBody) -> Answered:
        change = await use_cases.enrol(session, scope, workshop_id, each.participant_id)
        told = EnrolledAnswer(participant_id=each.participant_id, change=change)
        return Answered(200, told.model_dump(mode="json"))

    return await many(body.items, keep)


@router.put("/{workshop_id}/participants/{participant_id}")
async def enrol(workshop_id: UUID, participant_id: UUID, scope: _Writing, session: Transaction) -> ChangeTold:
    """Enrol a participant in a workshop. Safe to repeat."""
    return ChangeTold(change=await use_cases.enrol(session, scope, workshop_id, participant_id))


@router.delete("/{workshop_id}/participants/{participant_id}", status_code=204)
async def take_out(workshop_id: UUID, participant_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """Take a participant out of a workshop; what was seen of them stays."""
    await use_cases.take_out(session, scope, workshop_id, participant_id)
    return Response(status_code=204)


async def _change(
    kept: Workshop, body: WorkshopBody, scope: Scope, session: Transaction, moment: RequestMoment
) -> Saved:
    agency_id = agency_to_write(scope, body.agency_id or kept.details.agency_id)
    draft = await read_workshop(session, body, agency_id, moment)
    return await use_cases.change_workshop(session, scope, kept.id, draft, moment)
