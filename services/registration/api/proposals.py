"""Proposals: what another agency would change of an employer, its sites, contacts and needs, and what the one that
vouches says to it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from services.registration.api.answers.common import Made
from services.registration.api.answers.records import ProposalShown
from services.registration.api.requests import NEW_OR_KNOWN, answer
from services.registration.intake import proposing
from services.registration.intake.bodies import EmployerPatch, NeedPatch
from services.registration.intake.employer_bodies import ContactBody, SiteBody, SitePatch
from services.registration.repository import proposals as repository
from services.registration.use_cases import proposals as use_cases
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.once import OnceOfRequest
from shared.web.paging import ListAnswer, PagingOfRequest, page_of

router = APIRouter(prefix="/api/v1", tags=["proposals"])

_Proposing = Annotated[Scope, May("propose changes")]
_Settling = Annotated[Scope, May("settle proposals")]


@router.post("/employers/{employer_id}/proposals", status_code=201)
async def propose_for_employer(
    employer_id: UUID,
    body: EmployerPatch,
    scope: _Proposing,
    session: Transaction,
    moment: RequestMoment,
    once: OnceOfRequest,
) -> Made:
    """Say what should change of an employer: nothing does until the agency that vouches for it accepts."""

    async def act() -> Made:
        return Made(id=await proposing.propose_for_employer(session, employer_id, body, scope.agency_id, moment))

    return await once(Made, act)


@router.post("/needs/{need_id}/proposals", status_code=201)
async def propose_for_need(
    need_id: UUID, body: NeedPatch, scope: _Proposing, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> Made:
    """Say what should change of a need: nothing does until the agency that vouches for it accepts."""

    async def act() -> Made:
        return Made(id=await proposing.propose_for_need(session, need_id, body, scope.agency_id, moment))

    return await once(Made, act)


@router.post("/sites/proposals", status_code=201)
async def propose_new_site(
    body: SiteBody, scope: _Proposing, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> Made:
    """Name a site that an employer has: it is kept once the agency that vouches for the employer accepts."""

    async def act() -> Made:
        return Made(id=await proposing.propose_new_site(session, body, scope.agency_id, moment))

    return await once(Made, act)


@router.post("/sites/{site_id}/proposals", status_code=201)
async def propose_for_site(
    site_id: UUID, body: SitePatch, scope: _Proposing, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> Made:
    """Say what should change of a site: nothing does until the agency that vouches for its employer accepts."""

    async def act() -> Made:
        return Made(id=await proposing.propose_for_site(session, site_id, body, scope.agency_id, moment))

    return await once(Made, act)


@router.post("/employer-contacts/proposals", status_code=201)
async def propose_new_contact(
    body: ContactBody, scope: _Proposing, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> Made:
    """Name somebody at an employer: they are kept once the agency that vouches for the employer accepts."""

    async def act() -> Made:
        return Made(id=await proposing.propose_new_contact(session, body, scope.agency_id, moment))

    return await once(Made, act)


@router.get("/proposals")
async def list_proposals(
    scope: Annotated[Scope, May("read proposals")],
    session: Transaction,
    paging: PagingOfRequest,
    open_only: Annotated[bool | None, Query(alias="open")] = None,
) -> ListAnswer[ProposalShown]:
    """What was proposed to one's agency, and by it, the latest first."""
    found = await repository.list_proposals(session, scope, paging, is_open=open_only)
    return page_of(found, ProposalShown.of_row)


@router.post("/proposals/{proposal_id}/accept", responses=NEW_OR_KNOWN)
async def accept(proposal_id: UUID, scope: _Settling, session: Transaction, moment: RequestMoment) -> JSONResponse:
    """Change the record as was proposed, or keep the new one.

    Safe to repeat: a proposal that is settled is `409`, and stays so.
    """
    return answer(await proposing.accept(session, scope, proposal_id, moment))


@router.post("/proposals/{proposal_id}/refuse", status_code=204)
async def refuse(proposal_id: UUID, scope: _Settling, session: Transaction, moment: RequestMoment) -> Response:
    """Leave everything as it is. Safe to repeat: a proposal that is settled is `409`, and stays so."""
    await use_cases.settle_proposal(session, scope, proposal_id, is_accepted=False, moment=moment)
    return Response(status_code=204)
