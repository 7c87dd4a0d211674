"""Whom to talk to at an employer: new, changed, made the main one, and removed; for the agency that vouches."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.domain.employer_contacts import EmployerContactDraft
from services.registration.edge import check_covers
from services.registration.intake.reading import read_contact
from services.registration.pages.employer_forms import CHANGE_CONTACT, CONTACT, IN_FRENCH, REGISTER_CONTACT
from services.registration.pages.filling import asking_again, check_seen, show_form
from services.registration.pages.form_page import FORM_PAGE, headed
from services.registration.pages.sending import SentByPage
from services.registration.use_cases import employer_contacts as use_cases
from services.registration.use_cases.employers import employer_named
from shared.ids import new_id
from shared.rights import Scope
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, Transaction

router = APIRouter(include_in_schema=False)

_Writing = Annotated[Scope, May("write employers")]


@router.get("/employers/{employer_id}/contacts/new")
async def show_new(request: Request, employer_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """An empty form."""
    employer = await employer_named(session, employer_id)
    check_covers(scope, employer.details.agency_id)
    around = headed(REGISTER_CONTACT, _back(employer_id), employer.details.name, sending=new_id())
    return show_form(request, FORM_PAGE, CONTACT, IN_FRENCH, **around)


@router.post("/employers/{employer_id}/contacts/new")
async def register(
    request: Request, employer_id: UUID, sent: SentByPage, scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Register somebody at an employer; the first one is its main contact."""
    employer = await employer_named(session, employer_id)
    check_covers(scope, employer.details.agency_id)

    async def act() -> str:
        body = CONTACT.read(sent.form, employer_id=employer_id)
        await use_cases.register_contact(session, scope, read_contact(body), moment)
        return f"/employers/{employer_id}?done=contact"

    around = headed(REGISTER_CONTACT, _back(employer_id), employer.details.name, sending=new_id())
    async with asking_again(request, FORM_PAGE, CONTACT, sent.form, **around):
        return await sent.once(act)


@router.get("/employer-contacts/{contact_id}/edit")
async def show_edit(request: Request, contact_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """The form with what is kept."""
    kept = await use_cases.contact_named(session, scope, contact_id)
    employer = await employer_named(session, kept.details.employer_id)
    around = headed(CHANGE_CONTACT, _back(employer.id), employer.details.name)
    typed = CONTACT.known(showing.contact(kept))
    return show_form(request, FORM_PAGE, CONTACT, typed, revision=kept.revision, **around)


@router.post("/employer-contacts/{contact_id}/edit")
async def change(
    request: Request, contact_id: UUID, sent: SentByPage, scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Change what is said of somebody, unless others changed it since the form was shown: then both are shown."""
    kept = await use_cases.contact_named(session, scope, contact_id, lock=True)
    employer = await employer_named(session, kept.details.employer_id)
    around = headed(CHANGE_CONTACT, _back(employer.id), employer.details.name)
    async with asking_again(request, FORM_PAGE, CONTACT, sent.form, **around):
        body = CONTACT.read(sent.form, employer_id=employer.id)
        check_seen(sent.form, kept, showing.contact(kept))
        await use_cases.change_contact(session, scope, contact_id, read_contact(body), moment)
        return RedirectResponse(f"/employers/{employer.id}?done=contact", 303)


@router.post("/employer-contacts/{contact_id}/main")
async def make_main(
    contact_id: UUID, _sent: SentByPage, scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Make somebody the main contact in place of whoever is."""
    kept = await use_cases.contact_named(session, scope, contact_id, lock=True)
    await use_cases.change_contact(session, scope, contact_id, EmployerContactDraft(is_main=True), moment)
    return RedirectResponse(f"/employers/{kept.details.employer_id}?done=main#contacts", 303)


@router.get("/employer-contacts/{contact_id}/remove")
async def ask_to_remove(request: Request, contact_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """What removing somebody does, before it is done."""
    kept = await use_cases.contact_named(session, scope, contact_id)
    employer = await employer_named(session, kept.details.employer_id)
    return pages_of(request).page(request, "contact_remove.html", contact=kept.details, employer=employer)


@router.post("/employer-contacts/{contact_id}/remove")
async def remove(
    contact_id: UUID, _sent: SentByPage, scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Forget a contact."""
    kept = await use_cases.contact_named(session, scope, contact_id, lock=True)
    await use_cases.remove_contact(session, scope, contact_id, moment)
    return RedirectResponse(f"/employers/{kept.details.employer_id}?done=contact-gone", 303)


def _back(employer_id: UUID) -> str:
    return f"/employers/{employer_id}#contacts"
