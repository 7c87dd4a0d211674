"""Sites of employers. All advisers of the region see them; the agency that vouches for the employer changes them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.records import SiteListed, SiteShown
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
from services.registration.domain.sites import Site
from services.registration.intake.bodies import Identifier
from services.registration.intake.employer_bodies import SiteBody, SitePatch
from services.registration.intake.reading import read_site
from services.registration.repository import sites as repository
from services.registration.use_cases import sites as use_cases
from services.registration.use_cases.saving import Saved
from shared.paging import Paging
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import ListAnswer, page_of
from shared.web.preconditions import SeenRevision, tagged
from shared.web.sorting import listed_by
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/api/v1/sites", tags=["employers"])

_Reading = Annotated[Scope, May("read employers")]
_Writing = Annotated[Scope, May("write employers")]
_Listed = Annotated[Paging, listed_by("name", "created")]


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def register(
    body: SiteBody, scope: _Writing, session: Transaction, moment: RequestMoment, once: OnceSavedOfRequest
) -> JSONResponse:
    """Register a site of an employer."""

    async def act() -> Saved:
        await check_employer_vouched(session, scope, body.employer_id)
        return await use_cases.register_site(session, scope, await read_site(session, body), moment)

    return await once(act)


@router.put("/by-identifier/{identifier:path}", responses=NEW_OR_KNOWN)
async def put_by_identifier(
    identifier: Identifier,
    body: SiteBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Register the site with this external identifier, or replace it. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.sites_by_identifier(session, [identifier])).get(identifier)
    await check_employer_vouched(session, scope, kept.details.employer_id if kept else body.employer_id)
    if kept is None:
        return answer(await use_cases.register_site(session, scope, await read_site(session, body), moment))
    check_seen_by_system(seen, kept, showing.site(kept))
    return answer(unless_overwritten(await _change(kept, body, scope, session, moment), seen))


@router.put("/{site_id}", response_model=SavedAnswer)
async def change(
    site_id: UUID, body: SiteBody, scope: _Writing, session: Transaction, moment: RequestMoment, seen: SeenRevision
) -> JSONResponse:
    """Replace a site's data. The open needs that are where their site is follow."""
    kept = await use_cases.site_named(session, site_id, lock=True)
    await check_employer_vouched(session, scope, kept.details.employer_id)
    check_seen(seen, kept, showing.site(kept))
    return answer(await _change(kept, body, scope, session, moment))


@router.patch("/{site_id}", response_model=SavedAnswer)
async def amend(
    site_id: UUID, body: SitePatch, scope: _Writing, session: Transaction, moment: RequestMoment, seen: SeenRevision
) -> JSONResponse:
    """Change what is named of a site, and nothing else."""
    return await change(site_id, body, scope, session, moment, seen)


@router.get("")
async def list_sites(
    _scope: _Reading,
    session: Transaction,
    paging: _Listed,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
    employer: UUID | None = None,
) -> ListAnswer[SiteListed]:
    """Sites by name."""
    return page_of(await repository.list_sites(session, q, employer, paging), SiteListed.of_row)


@router.get("/{site_id}", response_model=SiteShown)
async def show(site_id: UUID, _scope: _Reading, session: Transaction) -> JSONResponse:
    """A site and how it is reached."""
    kept = await use_cases.site_named(session, site_id)
    return tagged(showing.site(kept), kept.revision)


async def _change(kept: Site, body: SiteBody, scope: Scope, session: Transaction, moment: RequestMoment) -> Saved:
    return await use_cases.change_site(session, scope, kept.id, await read_site(session, body), moment)
