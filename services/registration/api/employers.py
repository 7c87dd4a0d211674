"""Employers. All advisers of the region see them; the agency that vouches for one changes it, others propose."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.records import EmployerListed, EmployerShown, FormerContactShown
from services.registration.api.requests import (
    NEW_OR_KNOWN,
    OnceSavedOfRequest,
    SavedAnswer,
    answer,
    check_seen,
    check_seen_by_system,
    unless_overwritten,
)
from services.registration.api.vouching import agency_from_now_on, check_vouched
from services.registration.domain.needs import Employer
from services.registration.edge import EmployerContacts, agency_of_new
from services.registration.intake.bodies import EmployerBody, EmployerPatch, Identifier
from services.registration.intake.reading import read_employer
from services.registration.repository import employers as repository
from services.registration.repository.employer_contacts import former_contacts_of
from services.registration.use_cases import employers as use_cases
from services.registration.use_cases.saving import Saved
from shared.paging import Paging
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import ListAnswer, WholeList, page_of
from shared.web.preconditions import SeenRevision, tagged
from shared.web.sorting import listed_by
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/api/v1/employers", tags=["employers"])

_Reading = Annotated[Scope, May("read employers")]
_Writing = Annotated[Scope, May("write employers")]
_Listed = Annotated[Paging, listed_by("name", "created")]


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def register(
    body: EmployerBody, scope: _Writing, session: Transaction, moment: RequestMoment, once: OnceSavedOfRequest
) -> JSONResponse:
    """Register an employer."""

    async def act() -> Saved:
        agency_id = await agency_of_new(session, scope, body.agency_id)
        return await use_cases.register_employer(session, await read_employer(session, body, agency_id), moment)

    return await once(act)


@router.put("/by-identifier/{identifier:path}", responses=NEW_OR_KNOWN)
async def put_by_identifier(
    identifier: Identifier,
    body: EmployerBody,
    scope: _Writing,
    contacts: EmployerContacts,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Register the employer with this external identifier, or replace it. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.employers_by_identifier(session, [identifier])).get(identifier)
    if kept is None:
        agency_id = await agency_of_new(session, scope, body.agency_id)
        draft = await read_employer(session, body, agency_id)
        return answer(await use_cases.register_employer(session, draft, moment))
    check_vouched(scope, kept.details.agency_id)
    check_seen_by_system(seen, kept, showing.employer(kept, contacts))
    return answer(unless_overwritten(await _change(kept, body, scope, session, moment), seen))


@router.put("/{employer_id}", response_model=SavedAnswer)
async def change(
    employer_id: UUID,
    body: EmployerBody,
    scope: _Writing,
    contacts: EmployerContacts,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace an employer's data."""
    kept = await use_cases.employer_named(session, employer_id, lock=True)
    check_vouched(scope, kept.details.agency_id)
    check_seen(seen, kept, showing.employer(kept, contacts))
    return answer(await _change(kept, body, scope, session, moment))


@router.patch("/{employer_id}", response_model=SavedAnswer)
async def amend(
    employer_id: UUID,
    body: EmployerPatch,
    scope: _Writing,
    contacts: EmployerContacts,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of an employer, and nothing else."""
    return await change(employer_id, body, scope, contacts, session, moment, seen)


@router.get("", response_model_exclude_unset=True)
async def list_employers(
    _scope: _Reading,
    contacts: EmployerContacts,
    session: Transaction,
    paging: _Listed,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
) -> ListAnswer[EmployerListed]:
    """Employers by name."""
    found = await repository.list_employers(session, q, paging)
    return page_of(found, lambda row: EmployerListed.of_row(showing.employer_without(dict(row), contacts)))


@router.get("/{employer_id}", response_model=EmployerShown)
async def show(employer_id: UUID, _scope: _Reading, contacts: EmployerContacts, session: Transaction) -> JSONResponse:
    """An employer, and whom to talk to there for the agency that vouches for it."""
    kept = await use_cases.employer_named(session, employer_id)
    return tagged(showing.employer(kept, contacts), kept.revision)


@router.get("/{employer_id}/former-contacts")
async def list_former_contacts(
    employer_id: UUID, scope: Annotated[Scope, May("read employer contacts")], session: Transaction
) -> WholeList[FormerContactShown]:
    """How an employer was reached before, and who changed it when: for 62 days, to the agency that vouches for it."""
    kept = await use_cases.employer_named(session, employer_id)
    check_vouched(scope, kept.details.agency_id)
    found = await former_contacts_of(session, employer_id)
    return WholeList(items=[FormerContactShown.of_row(row) for row in found])


async def _change(
    kept: Employer, body: EmployerBody, scope: Scope, session: Transaction, moment: RequestMoment
) -> Saved:
    agency_id = await agency_from_now_on(session, scope, body.agency_id)
    draft = await read_employer(session, body, agency_id)
    return await use_cases.change_employer(session, scope, kept.id, draft, moment)
