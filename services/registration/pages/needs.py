"""Needs: published at an employer's page, shown, changed and closed."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.domain.needs import Employer, Need
from services.registration.domain.sites import Site
from services.registration.edge import EmployerContacts, agency_of_new, check_covers
from services.registration.intake.reading import read_need
from services.registration.pages.filling import asking_again, check_seen, show_form
from services.registration.pages.form_page import FORM_PAGE, headed
from services.registration.pages.need_form import (
    AT_FIRST,
    CHANGE_NEED,
    PUBLISH_NEED,
    need_form,
    read_need_form,
    skills_in,
    telling_where,
    typed_of_need,
)
from services.registration.pages.sending import SentByPage
from services.registration.repository.agencies import all_agencies
from services.registration.repository.employer_contacts import list_contacts
from services.registration.repository.employers import expected_needs
from services.registration.repository.sites import sites_of
from services.registration.use_cases import needs as use_cases
from services.registration.use_cases.employers import employer_named
from services.registration.use_cases.sites import site_named
from shared.ids import new_id
from shared.paging import LARGEST_PAGE, Paging
from shared.reference.skills import DEFAULT_FRAMEWORK
from shared.rights import Scope, may, scope_of
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction

router = APIRouter(include_in_schema=False)

_Reading = Annotated[Scope, May("read needs")]
_Writing = Annotated[Scope, May("write needs")]


@router.get("/employers/{employer_id}/needs/new")
async def show_new(
    request: Request, employer_id: UUID, _scope: _Writing, contacts: EmployerContacts, session: Transaction
) -> Response:
    """An empty form, with what is meant where nothing is said."""
    around = await _around_new(session, await employer_named(session, employer_id), contacts)
    return show_form(request, FORM_PAGE, need_form(), AT_FIRST, **around)


@router.post("/employers/{employer_id}/needs/new")
async def publish(
    request: Request,
    employer_id: UUID,
    sent: SentByPage,
    scope: _Writing,
    contacts: EmployerContacts,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Publish a need, and lead to its page."""
    skills = skills_in(sent.form, DEFAULT_FRAMEWORK)
    form = telling_where(need_form(), skills)

    async def act() -> str:
        body = read_need_form(form, sent.form, skills, employer_id=employer_id)
        draft = await read_need(session, body, None, await agency_of_new(session, scope, None))
        return f"/needs/{(await use_cases.publish_need(session, scope, draft, moment)).id}?done=published"

    around = await _around_new(session, await employer_named(session, employer_id), contacts)
    async with asking_again(request, FORM_PAGE, form, sent.form, **around):
        return await sent.once(act)


@router.get("/needs/{need_id}")
async def show(
    request: Request,
    need_id: UUID,
    _scope: _Reading,
    person: RequestPerson,
    session: Transaction,
    done: Literal["published", "saved", "closed", "proposed"] | None = None,
) -> Response:
    """What an employer looks for, and the skills that it asks."""
    kept = await use_cases.need_named(session, need_id)
    return pages_of(request).page(
        request,
        "need.html",
        need=kept,
        employer=await employer_named(session, kept.details.employer_id),
        site=await _site_of(session, kept),
        agencies={each.id: each.name for each in await all_agencies(session)},
        done=done,
        may_write=scope_of(person, "write needs").covers(kept.details.agency_id),
        may_propose=may(person, "propose changes"),
    )


@router.get("/needs/{need_id}/edit")
async def show_edit(
    request: Request, need_id: UUID, scope: _Writing, contacts: EmployerContacts, session: Transaction
) -> Response:
    """The form with what is kept."""
    kept = await _vouched(session, scope, need_id)
    form = need_form(kept.details.framework)
    typed = typed_of_need(form, showing.need(kept), kept, await _site_of(session, kept))
    around = await _around(session, kept, contacts)
    return show_form(request, FORM_PAGE, form, typed, revision=kept.revision, **around)


@router.post("/needs/{need_id}/edit")
async def change(
    request: Request,
    need_id: UUID,
    sent: SentByPage,
    scope: _Writing,
    contacts: EmployerContacts,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Change a need, unless others changed it since the form was shown: then both are shown."""
    kept = await _vouched(session, scope, need_id, lock=True)
    framework, employer_id = kept.details.framework, kept.details.employer_id
    skills = skills_in(sent.form, framework, kept)
    form = telling_where(need_form(framework), skills)
    async with asking_again(request, FORM_PAGE, form, sent.form, **await _around(session, kept, contacts)):
        body = read_need_form(form, sent.form, skills, employer_id=employer_id, framework=framework)
        check_seen(sent.form, kept, showing.need(kept))
        await use_cases.change_need(session, scope, need_id, await read_need(session, body, kept), moment)
        return RedirectResponse(f"/needs/{need_id}?done=saved", 303)


@router.get("/needs/{need_id}/close")
async def ask_to_close(
    request: Request, need_id: UUID, scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """What closing does, before it is done."""
    kept = await _vouched(session, scope, need_id)
    is_expected = bool(await expected_needs(session, [need_id], moment.now))
    return pages_of(request).page(request, "need_close.html", need=kept, is_expected=is_expected)


@router.post("/needs/{need_id}/close")
async def close(
    need_id: UUID, _sent: SentByPage, scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Close a need that is filled or given up."""
    await _vouched(session, scope, need_id, lock=True)
    await use_cases.close_need(session, need_id, moment)
    return RedirectResponse(f"/needs/{need_id}?done=closed", 303)


async def _vouched(session: Transaction, scope: Scope, need_id: UUID, *, lock: bool = False) -> Need:
    """A need within the scope. Raises `NotAllowed` for another agency's."""
    kept = await use_cases.need_named(session, need_id, lock=lock)
    check_covers(scope, kept.details.agency_id)
    return kept


async def _site_of(session: Transaction, kept: Need) -> Site | None:
    return await site_named(session, kept.details.site_id) if kept.details.site_id else None


async def _around_new(session: Transaction, employer: Employer, contacts: Scope) -> dict[str, Any]:
    back, options = f"/employers/{employer.id}", await _options(session, employer, contacts)
    return headed(PUBLISH_NEED, back, employer.details.name, options=options, sending=new_id())


async def _around(session: Transaction, kept: Need, contacts: Scope) -> dict[str, Any]:
    options = await _options(session, await employer_named(session, kept.details.employer_id), contacts)
    return headed(CHANGE_NEED, f"/needs/{kept.id}", kept.details.title, options=options)


async def _options(session: Transaction, employer: Employer, contacts: Scope) -> dict[str, list[tuple[str, str]]]:
    """The employer's sites, and whom to write to there for those who may know."""
    sites = await sites_of(session, [employer.id])
    found = (await list_contacts(session, contacts, employer.id, Paging(size=LARGEST_PAGE))).items
    return {
        "site_id": [(str(each.id), each.details.name) for each in sites],
        "contact_id": [(str(each["id"]), each["name"] or each["email"] or each["phone"]) for each in found],
    }
