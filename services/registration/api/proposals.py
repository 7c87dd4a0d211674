"""Proposals: what another agency would change of an employer, its sites, contacts and needs, and what the one that
vouches says to it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from services.registration.api.answers.common import Made
from services.registration.api.answers.records import ProposalShown
from services.registration.api.requests import NEW_OR_KNOWN, answer
from services.registration.intake.bodies import Body, EmployerPatch, NeedPatch
from services.registration.intake.employer_bodies import ContactBody, SiteBody, SitePatch
from services.registration.intake.reading import read_contact, read_employer, read_need, read_site
from services.registration.repository import proposals as repository
from services.registration.repository.proposals import Proposal
from services.registration.use_cases import employer_contacts, employers, needs, sites
from services.registration.use_cases import proposals as use_cases
from services.registration.use_cases.proposals import Addition, Subject
from services.registration.use_cases.saving import Saved
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
        kept = await employers.employer_named(session, employer_id)
        await read_employer(session, body)
        about = Subject(kept.details.agency_id, employer_id=kept.id)
        return Made(id=await use_cases.propose(session, about, _said(body), scope.agency_id, moment))

    return await once(Made, act)


@router.post("/needs/{need_id}/proposals", status_code=201)
async def propose_for_need(
    need_id: UUID, body: NeedPatch, scope: _Proposing, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> Made:
    """Say what should change of a need: nothing does until the agency that vouches for it accepts."""

    async def act() -> Made:
        kept = await needs.need_named(session, need_id)
        await read_need(session, body, kept)
        about = Subject(kept.details.agency_id, need_id=kept.id)
        return Made(id=await use_cases.propose(session, about, _said(body), scope.agency_id, moment))

    return await once(Made, act)


@router.post("/sites/proposals", status_code=201)
async def propose_new_site(
    body: SiteBody, scope: _Proposing, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> Made:
    """Name a site that an employer has: it is kept once the agency that vouches for the employer accepts."""

    async def act() -> Made:
        await read_site(session, body)
        about = await _addition_to(body.employer_id, Addition.SITE, session)
        return Made(id=await use_cases.propose(session, about, _said(body), scope.agency_id, moment))

    return await once(Made, act)


@router.post("/sites/{site_id}/proposals", status_code=201)
async def propose_for_site(
    site_id: UUID, body: SitePatch, scope: _Proposing, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> Made:
    """Say what should change of a site: nothing does until the agency that vouches for its employer accepts."""

    async def act() -> Made:
        kept = await sites.site_named(session, site_id)
        await read_site(session, body)
        employer = await employers.employer_named(session, kept.details.employer_id)
        about = Subject(employer.details.agency_id, site_id=kept.id)
        return Made(id=await use_cases.propose(session, about, _said(body), scope.agency_id, moment))

    return await once(Made, act)


@router.post("/employer-contacts/proposals", status_code=201)
async def propose_new_contact(
    body: ContactBody, scope: _Proposing, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> Made:
    """Name somebody at an employer: they are kept once the agency that vouches for the employer accepts."""

    async def act() -> Made:
        read_contact(body)
        about = await _addition_to(body.employer_id, Addition.CONTACT, session)
        return Made(id=await use_cases.propose(session, about, _said(body), scope.agency_id, moment))

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
    proposal = await use_cases.settle_proposal(session, scope, proposal_id, is_accepted=True, moment=moment)
    return answer(await _change(proposal, scope, session, moment))


@router.post("/proposals/{proposal_id}/refuse", status_code=204)
async def refuse(proposal_id: UUID, scope: _Settling, session: Transaction, moment: RequestMoment) -> Response:
    """Leave everything as it is. Safe to repeat: a proposal that is settled is `409`, and stays so."""
    await use_cases.settle_proposal(session, scope, proposal_id, is_accepted=False, moment=moment)
    return Response(status_code=204)


def _said(body: Body) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_unset=True)


async def _addition_to(employer_id: UUID, addition: Addition, session: Transaction) -> Subject:
    kept = await employers.employer_named(session, employer_id)
    return Subject(kept.details.agency_id, employer_id=kept.id, adds=addition)


async def _change(proposal: Proposal, scope: Scope, session: Transaction, moment: RequestMoment) -> Saved:
    if proposal.adds == Addition.SITE:
        new_site = await read_site(session, SiteBody.model_validate(proposal.changes))
        return await sites.register_site(session, scope, new_site, moment)
    if proposal.adds == Addition.CONTACT:
        new_contact = read_contact(ContactBody.model_validate(proposal.changes))
        return await employer_contacts.register_contact(session, scope, new_contact, moment)
    if proposal.site_id is not None:
        site = await read_site(session, SitePatch.model_validate(proposal.changes))
        return await sites.change_site(session, scope, proposal.site_id, site, moment)
    if proposal.employer_id is not None:
        draft = await read_employer(session, EmployerPatch.model_validate(proposal.changes))
        return await employers.change_employer(session, scope, proposal.employer_id, draft, moment)
    if proposal.need_id is None:
        raise LookupError("a proposal is about nothing")
    kept = await needs.need_named(session, proposal.need_id, lock=True)
    changed = await read_need(session, NeedPatch.model_validate(proposal.changes), kept)
    return await needs.change_need(session, scope, kept.id, changed, moment)
