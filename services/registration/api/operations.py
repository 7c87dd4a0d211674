"""Operations: what the programme labels and counts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.records import OperationListed, OperationShown
from services.registration.api.requests import (
    NEW_OR_KNOWN,
    OnceSavedOfRequest,
    SavedAnswer,
    answer,
    check_seen,
    check_seen_by_system,
    unless_overwritten,
)
from services.registration.domain.operations import Operation
from services.registration.edge import agency_to_write
from services.registration.intake.bodies import Identifier, OperationBody, OperationPatch
from services.registration.intake.reading import read_operation
from services.registration.repository import operations as repository
from services.registration.showing import Shown
from services.registration.use_cases import operations as use_cases
from services.registration.use_cases.saving import Saved
from shared.paging import Paging
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import ListAnswer, page_of
from shared.web.preconditions import SeenRevision, tagged
from shared.web.sorting import listed_by
from shared.web.values import ONE_LINE, Day

router = APIRouter(prefix="/api/v1/operations", tags=["operations"])

_Reading = Annotated[Scope, May("read operations")]
_Writing = Annotated[Scope, May("write operations")]
_Listed = Annotated[Paging, listed_by("starts_on", "created")]


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def register(
    body: OperationBody, scope: _Writing, session: Transaction, moment: RequestMoment, once: OnceSavedOfRequest
) -> JSONResponse:
    """Register an operation. Workshops and a meetup of its agency join it by naming it."""

    async def act() -> Saved:
        draft = await read_operation(session, body, agency_to_write(scope, body.agency_id))
        return await use_cases.register_operation(session, draft, moment)

    return await once(act)


@router.put("/by-identifier/{identifier:path}", responses=NEW_OR_KNOWN)
async def put_by_identifier(
    identifier: Identifier,
    body: OperationBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Register the operation with this external identifier, or replace it. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.operations_by_identifier(session, scope, [identifier])).get(identifier)
    if kept is None:
        draft = await read_operation(session, body, agency_to_write(scope, body.agency_id))
        return answer(await use_cases.register_operation(session, draft, moment))
    check_seen_by_system(seen, kept, await _shown(kept, session))
    return answer(unless_overwritten(await _change(kept, body, scope, session, moment), seen))


@router.put("/{operation_id}", response_model=SavedAnswer)
async def change(
    operation_id: UUID,
    body: OperationBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace an operation's data; what is part of it stays."""
    kept = await use_cases.operation_named(session, scope, operation_id, lock=True)
    check_seen(seen, kept, await _shown(kept, session))
    return answer(await _change(kept, body, scope, session, moment))


@router.patch("/{operation_id}", response_model=SavedAnswer)
async def amend(
    operation_id: UUID,
    body: OperationPatch,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of an operation, and nothing else."""
    return await change(operation_id, body, scope, session, moment, seen)


@router.get("")
async def list_operations(
    scope: _Reading,
    session: Transaction,
    paging: _Listed,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
    agency: UUID | None = None,
    venue: UUID | None = None,
    after: Day | None = None,
    before: Day | None = None,
) -> ListAnswer[OperationListed]:
    """Operations, the latest first, with how many people each was about: those that end on a day or after it, and
    begin before another."""
    wanted = repository.OperationFilter(q, agency, venue, after, before)
    found = await repository.list_operations(session, scope, wanted, paging)
    people = await repository.count_people(session, [each["id"] for each in found.items])
    return page_of(found, lambda row: OperationListed.of_row({**row, "people": people[row["id"]]}))


@router.get("/{operation_id}", response_model=OperationShown)
async def show(operation_id: UUID, scope: _Reading, session: Transaction) -> JSONResponse:
    """An operation with what is part of it, and how many people were enrolled, met employers and were hired."""
    kept = await use_cases.operation_named(session, scope, operation_id)
    return tagged(await _shown(kept, session), kept.revision)


async def _shown(kept: Operation, session: Transaction) -> Shown:
    joined = await repository.joined(session, [kept.id])
    people = await repository.count_people(session, [kept.id])
    return showing.operation(kept, joined[kept.id], people[kept.id])


async def _change(
    kept: Operation, body: OperationBody, scope: Scope, session: Transaction, moment: RequestMoment
) -> Saved:
    draft = await read_operation(session, body, agency_to_write(scope, body.agency_id or kept.details.agency_id))
    return await use_cases.change_operation(session, scope, kept.id, draft, moment)
