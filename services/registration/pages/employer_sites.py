"""Sites of an employer: new and changed, by the agency that vouches."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.domain.needs import Employer
from services.registration.domain.sites import Site
from services.registration.edge import check_covers
from services.registration.intake.reading import read_site
from services.registration.pages.employer_forms import CHANGE_SITE, REGISTER_SITE, SITE
from services.registration.pages.filling import asking_again, check_seen, show_form
from services.registration.pages.form_page import FORM_PAGE, headed
from services.registration.pages.sending import SentByPage
from services.registration.use_cases import sites as use_cases
from services.registration.use_cases.employers import employer_named
from shared.ids import new_id
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction

router = APIRouter(include_in_schema=False)

_Writing = Annotated[Scope, May("write employers")]


@router.get("/employers/{employer_id}/sites/new")
async def show_new(request: Request, employer_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """An empty form."""
    employer = await employer_named(session, employer_id)
    check_covers(scope, employer.details.agency_id)
    around = headed(REGISTER_SITE, _back(employer_id), employer.details.name, sending=new_id())
    return show_form(request, FORM_PAGE, SITE, {}, **around)


@router.post("/employers/{employer_id}/sites/new")
async def register(
    request: Request, employer_id: UUID, sent: SentByPage, scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Register a site."""
    employer = await employer_named(session, employer_id)
    check_covers(scope, employer.details.agency_id)

    async def act() -> str:
        draft = await read_site(session, SITE.read(sent.form, employer_id=employer_id))
        await use_cases.register_site(session, scope, draft, moment)
        return f"/employers/{employer_id}?done=site"

    around = headed(REGISTER_SITE, _back(employer_id), employer.details.name, sending=new_id())
    async with asking_again(request, FORM_PAGE, SITE, sent.form, **around):
        return await sent.once(act)


@router.get("/sites/{site_id}/edit")
async def show_edit(request: Request, site_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """The form with what is kept."""
    kept, employer = await _vouched(session, scope, site_id)
    around = headed(CHANGE_SITE, _back(employer.id), employer.details.name)
    return show_form(request, FORM_PAGE, SITE, SITE.known(showing.site(kept)), revision=kept.revision, **around)


@router.post("/sites/{site_id}/edit")
async def change(
    request: Request, site_id: UUID, sent: SentByPage, scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Change a site, unless others changed it since the form was shown: then both are shown."""
    kept, employer = await _vouched(session, scope, site_id, lock=True)
    around = headed(CHANGE_SITE, _back(employer.id), employer.details.name)
    async with asking_again(request, FORM_PAGE, SITE, sent.form, **around):
        body = SITE.read(sent.form, employer_id=employer.id)
        check_seen(sent.form, kept, showing.site(kept))
        await use_cases.change_site(session, scope, site_id, await read_site(session, body), moment)
        return RedirectResponse(f"/employers/{employer.id}?done=site", 303)


async def _vouched(session: Transaction, scope: Scope, site_id: UUID, *, lock: bool = False) -> tuple[Site, Employer]:
    """A site of an employer within the scope. Raises `NotAllowed` for another one's."""
    kept = await use_cases.site_named(session, site_id, lock=lock)
    employer = await employer_named(session, kept.details.employer_id)
    check_covers(scope, employer.details.agency_id)
    return kept, employer


def _back(employer_id: UUID) -> str:
    return f"/employers/{employer_id}#sites"
