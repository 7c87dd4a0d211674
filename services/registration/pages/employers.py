"""Employers: found, registered, shown with their sites, contacts and needs, and changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import RowMapping

from services.registration import showing
from services.registration.domain.needs import Employer
from services.registration.edge import EmployerContacts, agency_of_new, check_covers
from services.registration.intake.reading import read_employer
from services.registration.pages.common_fields import around_new
from services.registration.pages.employer_forms import (
    CHANGE_EMPLOYER,
    IN_FRENCH,
    KNOWN_EMPLOYER,
    NEW_EMPLOYER,
    REGISTER_EMPLOYER,
)
from services.registration.pages.filling import asking_again, check_seen, show_form
from services.registration.pages.form_page import FORM_PAGE, headed
from services.registration.pages.record_codes import both
from services.registration.pages.sending import SentByPage
from services.registration.repository import employers as repository
from services.registration.repository.agencies import all_agencies
from services.registration.repository.employer_contacts import list_contacts
from services.registration.repository.proposals import list_proposals
from services.registration.repository.sites import sites_of
from services.registration.use_cases import employers as use_cases
from shared.identity import Person
from shared.paging import LARGEST_PAGE, Paging
from shared.rights import Scope, may, scope_of
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.paging import cursor_of
from shared.web.sorting import listed_by
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/employers", include_in_schema=False)

_Listed = Annotated[Paging, listed_by("name", "created")]
_Reading = Annotated[Scope, May("read employers")]
_Writing = Annotated[Scope, May("write employers")]
EmployerDone = Literal["registered", "saved", "contact", "contact-gone", "main", "site", "proposed"]
"""What was just done, said on the page that it leads to."""
_ALL = both("Employeurs", "Employers")


@router.get("")
async def list_employers(
    request: Request,
    session: Transaction,
    person: RequestPerson,
    _scope: _Reading,
    paging: _Listed,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
) -> Response:
    """Employers of the whole region by name; what is looked for, the order and the part stand in the address."""
    found = await repository.list_employers(session, q, paging)
    return pages_of(request).page(
        request,
        "employers.html",
        employers=found.items,
        agencies={each.id: each.name for each in await all_agencies(session)},
        next=cursor_of(found),
        q=q or "",
        asked={"q": q, "sort": paging.sort},
        may_write=may(person, "write employers"),
        has_proposals=await _has_proposals(session, person),
    )


@router.get("/new")
async def show_new(request: Request, person: RequestPerson, _scope: _Writing, session: Transaction) -> Response:
    """An empty form."""
    return show_form(request, FORM_PAGE, NEW_EMPLOYER, IN_FRENCH, **await _around_new(person, session))


@router.post("/new")
async def register(
    request: Request,
    sent: SentByPage,
    session: Transaction,
    person: RequestPerson,
    scope: _Writing,
    moment: RequestMoment,
) -> Response:
    """Register an employer, and lead to its page."""

    async def act() -> str:
        body = NEW_EMPLOYER.read(sent.form)
        draft = await read_employer(session, body, await agency_of_new(session, scope, body.agency_id))
        return f"/employers/{(await use_cases.register_employer(session, draft, moment)).id}?done=registered"

    async with asking_again(request, FORM_PAGE, NEW_EMPLOYER, sent.form, **await _around_new(person, session)):
        return await sent.once(act)


@router.get("/{employer_id}")
async def show(
    request: Request,
    employer_id: UUID,
    session: Transaction,
    person: RequestPerson,
    _scope: _Reading,
    contacts: EmployerContacts,
    done: EmployerDone | None = None,
) -> Response:
    """An employer: where it is, whom to talk to for those who may know, its sites, and what it looks for."""
    kept = await use_cases.employer_named(session, employer_id)
    wanted = repository.NeedFilter(employer_id=kept.id)
    return pages_of(request).page(
        request,
        "employer.html",
        employer=kept,
        agencies={each.id: each.name for each in await all_agencies(session)},
        contacts=await _contacts_of(session, kept, contacts),
        sites=await sites_of(session, [kept.id]),
        needs=(await repository.list_needs(session, wanted, Paging(size=LARGEST_PAGE))).items,
        done=done,
        may_write=scope_of(person, "write employers").covers(kept.details.agency_id),
        may_publish=may(person, "write needs"),
        may_propose=may(person, "propose changes"),
    )


@router.get("/{employer_id}/edit")
async def show_edit(
    request: Request, employer_id: UUID, scope: _Writing, contacts: EmployerContacts, session: Transaction
) -> Response:
    """The form with what is kept."""
    kept = await use_cases.employer_named(session, employer_id)
    check_covers(scope, kept.details.agency_id)
    typed = KNOWN_EMPLOYER.known(showing.employer(kept, contacts))
    return show_form(request, FORM_PAGE, KNOWN_EMPLOYER, typed, revision=kept.revision, **_around(kept))


@router.post("/{employer_id}/edit")
async def change(
    request: Request,
    employer_id: UUID,
    sent: SentByPage,
    scope: _Writing,
    contacts: EmployerContacts,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Change an employer, unless others changed it since the form was shown: then both are shown."""
    kept = await use_cases.employer_named(session, employer_id, lock=True)
    check_covers(scope, kept.details.agency_id)
    async with asking_again(request, FORM_PAGE, KNOWN_EMPLOYER, sent.form, **_around(kept)):
        body = KNOWN_EMPLOYER.read(sent.form)
        check_seen(sent.form, kept, showing.employer(kept, contacts))
        await use_cases.change_employer(session, scope, kept.id, await read_employer(session, body), moment)
        return RedirectResponse(f"/employers/{kept.id}?done=saved", 303)


async def _around_new(person: Person, session: Transaction) -> dict[str, Any]:
    return headed(REGISTER_EMPLOYER, "/employers", _ALL, **await around_new(person, session))


def _around(kept: Employer) -> dict[str, Any]:
    return headed(CHANGE_EMPLOYER, f"/employers/{kept.id}", kept.details.name)


async def _has_proposals(session: Transaction, person: Person) -> bool:
    """Whether somebody waits for a word of this person's agency on what they proposed, or the agency for theirs."""
    scope = scope_of(person, "read proposals")
    return bool((await list_proposals(session, scope, Paging(size=1), is_open=True)).items)


async def _contacts_of(session: Transaction, kept: Employer, scope: Scope) -> Sequence[RowMapping] | None:
    """The main contact and then the others; `None` for those who may not know them."""
    if not scope.covers(kept.details.agency_id):
        return None
    found = await list_contacts(session, scope, kept.id, Paging(size=LARGEST_PAGE))
    return sorted(found.items, key=lambda each: not each["is_main"])
