"""What another agency vouches for is not changed but proposed to it: employers, needs, sites, contacts."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.registration import showing
from services.registration.domain.needs import Need
from services.registration.domain.sites import Site
from services.registration.edge import EmployerContacts
from services.registration.intake import proposing
from services.registration.intake.bodies import EmployerPatch
from services.registration.intake.employer_bodies import SitePatch
from services.registration.pages.employer_forms import (
    CONTACT,
    IN_FRENCH,
    PROPOSE_EMPLOYER,
    PROPOSE_NEW_CONTACT,
    PROPOSE_NEW_SITE,
    PROPOSE_SITE,
    PROPOSED_EMPLOYER,
    PROPOSED_SITE,
    SITE,
)
from services.registration.pages.filling import FieldTexts, asking_again, show_form
from services.registration.pages.form_page import FORM_PAGE, FormHeading, headed
from services.registration.pages.need_form import (
    PROPOSE_NEED,
    proposed_need_form,
    read_proposed_need,
    skills_in,
    telling_where,
    typed_of_need,
)
from services.registration.pages.sending import SentByPage
from services.registration.repository.sites import sites_of
from services.registration.use_cases.employers import employer_named
from services.registration.use_cases.needs import need_named
from services.registration.use_cases.sites import site_named
from shared.ids import new_id
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction

router = APIRouter(include_in_schema=False)

_Proposing = Annotated[Scope, May("propose changes")]


@router.get("/employers/{employer_id}/propose")
async def show_for_employer(
    request: Request, employer_id: UUID, _scope: _Proposing, contacts: EmployerContacts, session: Transaction
) -> Response:
    """The form with what is kept of an employer."""
    kept = await employer_named(session, employer_id)
    typed = PROPOSED_EMPLOYER.known(showing.employer(kept, contacts))
    around = await _around_employer(session, PROPOSE_EMPLOYER, employer_id)
    return show_form(request, FORM_PAGE, PROPOSED_EMPLOYER, typed, **around)


@router.post("/employers/{employer_id}/propose")
async def propose_for_employer(
    request: Request,
    employer_id: UUID,
    sent: SentByPage,
    scope: _Proposing,
    contacts: EmployerContacts,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Propose what was changed in the form; nothing where nothing was."""
    kept = await employer_named(session, employer_id)

    async def act() -> str:
        changes = PROPOSED_EMPLOYER.changes(sent.form, PROPOSED_EMPLOYER.known(showing.employer(kept, contacts)))
        body = EmployerPatch.model_validate(changes)
        if changes:
            await proposing.propose_for_employer(session, employer_id, body, scope.agency_id, moment)
        return _done(employer_id, is_proposed=bool(changes))

    around = await _around_employer(session, PROPOSE_EMPLOYER, employer_id)
    async with asking_again(request, FORM_PAGE, PROPOSED_EMPLOYER, sent.form, **around):
        return await sent.once(act)


@router.get("/needs/{need_id}/propose")
async def show_for_need(request: Request, need_id: UUID, _scope: _Proposing, session: Transaction) -> Response:
    """The form with what is kept of a need."""
    kept = await need_named(session, need_id)
    around = await _around_need(session, kept)
    typed = await _typed_of_need(session, kept)
    return show_form(request, FORM_PAGE, proposed_need_form(kept.details.framework), typed, **around)


@router.post("/needs/{need_id}/propose")
async def propose_for_need(
    request: Request, need_id: UUID, sent: SentByPage, scope: _Proposing, session: Transaction, moment: RequestMoment
) -> Response:
    """Propose what was changed in the form; nothing where nothing was."""
    kept = await need_named(session, need_id)
    framework = kept.details.framework
    skills = skills_in(sent.form, framework, kept)
    form = telling_where(proposed_need_form(framework), skills)

    async def act() -> str:
        body = read_proposed_need(form, sent.form, skills, await _typed_of_need(session, kept), framework)
        if not body.model_fields_set:
            return f"/needs/{need_id}"
        await proposing.propose_for_need(session, need_id, body, scope.agency_id, moment)
        return f"/needs/{need_id}?done=proposed"

    async with asking_again(request, FORM_PAGE, form, sent.form, **await _around_need(session, kept)):
        return await sent.once(act)


@router.get("/sites/{site_id}/propose")
async def show_for_site(request: Request, site_id: UUID, _scope: _Proposing, session: Transaction) -> Response:
    """The form with what is kept of a site."""
    kept = await site_named(session, site_id)
    around = await _around_employer(session, PROPOSE_SITE, kept.details.employer_id)
    return show_form(request, FORM_PAGE, PROPOSED_SITE, _typed_of_site(kept), **around)


@router.post("/sites/{site_id}/propose")
async def propose_for_site(
    request: Request, site_id: UUID, sent: SentByPage, scope: _Proposing, session: Transaction, moment: RequestMoment
) -> Response:
    """Propose what was changed in the form; nothing where nothing was."""
    kept = await site_named(session, site_id)

    async def act() -> str:
        changes = PROPOSED_SITE.changes(sent.form, _typed_of_site(kept))
        body = SitePatch.model_validate(changes)
        if changes:
            await proposing.propose_for_site(session, site_id, body, scope.agency_id, moment)
        return _done(kept.details.employer_id, is_proposed=bool(changes))

    around = await _around_employer(session, PROPOSE_SITE, kept.details.employer_id)
    async with asking_again(request, FORM_PAGE, PROPOSED_SITE, sent.form, **around):
        return await sent.once(act)


@router.get("/employers/{employer_id}/sites/propose")
async def show_new_site(request: Request, employer_id: UUID, _scope: _Proposing, session: Transaction) -> Response:
    """An empty form about a site."""
    around = await _around_employer(session, PROPOSE_NEW_SITE, employer_id)
    return show_form(request, FORM_PAGE, SITE, {}, **around)


@router.post("/employers/{employer_id}/sites/propose")
async def propose_new_site(
    request: Request,
    employer_id: UUID,
    sent: SentByPage,
    scope: _Proposing,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Propose another site of an employer."""

    async def act() -> str:
        body = SITE.read(sent.form, employer_id=employer_id)
        await proposing.propose_new_site(session, body, scope.agency_id, moment)
        return _done(employer_id, is_proposed=True)

    around = await _around_employer(session, PROPOSE_NEW_SITE, employer_id)
    async with asking_again(request, FORM_PAGE, SITE, sent.form, **around):
        return await sent.once(act)


@router.get("/employers/{employer_id}/contacts/propose")
async def show_new_contact(request: Request, employer_id: UUID, _scope: _Proposing, session: Transaction) -> Response:
    """An empty form about somebody at an employer."""
    around = await _around_employer(session, PROPOSE_NEW_CONTACT, employer_id)
    return show_form(request, FORM_PAGE, CONTACT, IN_FRENCH, **around)


@router.post("/employers/{employer_id}/contacts/propose")
async def propose_new_contact(
    request: Request,
    employer_id: UUID,
    sent: SentByPage,
    scope: _Proposing,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Propose somebody to talk to at an employer."""

    async def act() -> str:
        body = CONTACT.read(sent.form, employer_id=employer_id)
        await proposing.propose_new_contact(session, body, scope.agency_id, moment)
        return _done(employer_id, is_proposed=True)

    around = await _around_employer(session, PROPOSE_NEW_CONTACT, employer_id)
    async with asking_again(request, FORM_PAGE, CONTACT, sent.form, **around):
        return await sent.once(act)


def _done(employer_id: UUID, *, is_proposed: bool) -> str:
    return f"/employers/{employer_id}?done=proposed" if is_proposed else f"/employers/{employer_id}"


def _typed_of_site(kept: Site) -> FieldTexts:
    return PROPOSED_SITE.known(showing.site(kept))


async def _typed_of_need(session: Transaction, kept: Need) -> FieldTexts:
    site = await site_named(session, kept.details.site_id) if kept.details.site_id else None
    return typed_of_need(proposed_need_form(kept.details.framework), showing.need(kept), kept, site)


async def _around_employer(session: Transaction, heading: FormHeading, employer_id: UUID) -> dict[str, Any]:
    employer = await employer_named(session, employer_id)
    return headed(heading, f"/employers/{employer_id}", employer.details.name, sending=new_id())


async def _around_need(session: Transaction, kept: Need) -> dict[str, Any]:
    sites = [(str(each.id), each.details.name) for each in await sites_of(session, [kept.details.employer_id])]
    options = {"site_id": sites}
    return headed(PROPOSE_NEED, f"/needs/{kept.id}", kept.details.title, options=options, sending=new_id())
