"""Contacts of employers. The agency that vouches for an employer sees and changes them; others propose somebody."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.records import ContactListed, ContactShown
from services.registration.api.requests import (
    NEW_OR_KNOWN,
    OnceSavedOfRequest,
    SavedAnswer,
    answer,
    check_seen,
    check_seen_by_system,
    unless_overwritten,
)
from services.registration.api.vouching import check_employer_vouched
from services.registration.intake.bodies import Identifier
from services.registration.intake.employer_bodies import ContactBody, ContactPatch
from services.registration.intake.reading import read_contact
from services.registration.repository import employer_contacts as repository
from services.registration.use_cases import employer_contacts as use_cases
from services.registration.use_cases.saving import Saved
from shared.paging import Paging
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import ListAnswer, page_of
from shared.web.preconditions import SeenRevision, tagged
from shared.web.sorting import listed_by

router = APIRouter(prefix="/api/v1/employer-contacts", tags=["employers"])

_Reading = Annotated[Scope, May("read employer contacts")]
_Writing = Annotated[Scope, May("write employers")]
_Listed = Annotated[Paging, listed_by("created", "name")]


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def register(
    body: ContactBody, scope: _Writing, session: Transaction, moment: RequestMoment, once: OnceSavedOfRequest
) -> JSONResponse:
    """Register somebody at an employer; the first one is its main contact."""

    async def act() -> Saved:
        await check_employer_vouched(session, scope, body.employer_id)
        return await use_cases.register_contact(session, scope, read_contact(body), moment)

    return await once(act)


@router.put("/by-identifier/{identifier:path}", responses=NEW_OR_KNOWN)
async def put_by_identifier(
    identifier: Identifier,
    body: ContactBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Register the contact with this external identifier, or replace it. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.contacts_by_identifier(session, [identifier])).get(identifier)
    await check_employer_vouched(session, scope, kept.details.employer_id if kept else body.employer_id)
    if kept is None:
        return answer(await use_cases.register_contact(session, scope, read_contact(body), moment))
    check_seen_by_system(seen, kept, showing.contact(kept))
    changed = await use_cases.change_contact(session, scope, kept.id, read_contact(body), moment)
    return answer(unless_overwritten(changed, seen))


@router.put("/{contact_id}", response_model=SavedAnswer)
async def change(
    contact_id: UUID,
    body: ContactBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace a contact's data. While a shortlist is on its way there, the former address hears of a change."""
    kept = await use_cases.contact_named(session, scope, contact_id, lock=True)
    check_seen(seen, kept, showing.contact(kept))
    return answer(await use_cases.change_contact(session, scope, contact_id, read_contact(body), moment))


@router.patch("/{contact_id}", response_model=SavedAnswer)
async def amend(
    contact_id: UUID,
    body: ContactPatch,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of a contact, and nothing else."""
    return await change(contact_id, body, scope, session, moment, seen)


@router.delete("/{contact_id}", status_code=204)
async def remove(
    contact_id: UUID, scope: _Writing, session: Transaction, moment: RequestMoment, seen: SeenRevision
) -> Response:
    """Forget a contact: shortlists that would have gone there go to the main one."""
    kept = await use_cases.contact_named(session, scope, contact_id, lock=True)
    check_seen(seen, kept, showing.contact(kept))
    await use_cases.remove_contact(session, scope, contact_id, moment)
    return Response(status_code=204)


@router.get("")
async def list_contacts(
    scope: _Reading, session: Transaction, paging: _Listed, employer: UUID | None = None
) -> ListAnswer[ContactListed]:
    """The contacts of the employers for which one's agency vouches, as they came."""
    return page_of(await repository.list_contacts(session, scope, employer, paging), ContactListed.of_row)


@router.get("/{contact_id}", response_model=ContactShown)
async def show(contact_id: UUID, scope: _Reading, session: Transaction) -> JSONResponse:
    """Somebody at an employer."""
    kept = await use_cases.contact_named(session, scope, contact_id)
    return tagged(showing.contact(kept), kept.revision)
