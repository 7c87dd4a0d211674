"""Proposals: what another agency would change of an employer or a need, and what the one that vouches says to it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from services.registration.api.bodies import EmployerPatch, NeedPatch
from services.registration.api.reading import read_employer, read_need
from services.registration.api.requests import answer
from services.registration.repository import proposals as repository
from services.registration.repository.proposals import Proposal
from services.registration.use_cases import employers, needs
from services.registration.use_cases import proposals as use_cases
from services.registration.use_cases.saving import Saved
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import PagingOfRequest, page_of

router = APIRouter(prefix="/api/v1", tags=["proposals"])

_Proposing = Annotated[Scope, May("propose changes")]
_Settling = Annotated[Scope, May("settle proposals")]


@router.post("/employers/{employer_id}/proposals", status_code=201)
async def propose_for_employer(
    employer_id: UUID, body: EmployerPatch, scope: _Proposing, session: Transaction, moment: RequestMoment
) -> dict[str, UUID]:
    """Say what should change of an employer: nothing does until the agency that vouches for it accepts."""
    kept = await employers.employer_named(session, employer_id)
    await read_employer(session, body)
    return {"id": await use_cases.propose(session, kept, _said(body), scope.agency_id, moment)}


@router.post("/needs/{need_id}/proposals", status_code=201)
async def propose_for_need(
    need_id: UUID, body: NeedPatch, scope: _Proposing, session: Transaction, moment: RequestMoment
) -> dict[str, UUID]:
    """Say what should change of a need: nothing does until the agency that vouches for it accepts."""
    kept = await needs.need_named(session, need_id)
    await read_need(session, body, kept)
    return {"id": await use_cases.propose(session, kept, _said(body), scope.agency_id, moment)}


@router.get("/proposals")
async def list_proposals(
    scope: Annotated[Scope, May("read proposals")],
    session: Transaction,
    paging: PagingOfRequest,
    open_only: Annotated[bool | None, Query(alias="open")] = None,
) -> dict[str, Any]:
    """What was proposed to one's agency, and by it, the latest first."""
    return page_of(await repository.list_proposals(session, scope, paging, is_open=open_only))


@router.post("/proposals/{proposal_id}/accept")
async def accept(proposal_id: UUID, scope: _Settling, session: Transaction, moment: RequestMoment) -> JSONResponse:
    """Change the employer or the need as was proposed."""
    proposal = await use_cases.settle_proposal(session, scope, proposal_id, is_accepted=True, moment=moment)
    return answer(await _change(proposal, scope, session, moment))


@router.post("/proposals/{proposal_id}/refuse", status_code=204)
async def refuse(proposal_id: UUID, scope: _Settling, session: Transaction, moment: RequestMoment) -> Response:
    """Leave everything as it is."""
    await use_cases.settle_proposal(session, scope, proposal_id, is_accepted=False, moment=moment)
    return Response(status_code=204)


def _said(body: EmployerPatch | NeedPatch) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_unset=True)


async def _change(proposal: Proposal, scope: Scope, session: Transaction, moment: RequestMoment) -> Saved:
    if proposal.employer_id is not None:
        draft = await read_employer(session, EmployerPatch.model_validate(proposal.changes))
        return await employers.change_employer(session, scope, proposal.employer_id, draft, moment)
    if proposal.need_id is None:
        raise LookupError("a proposal is about nothing")
    kept = await needs.need_named(session, proposal.need_id, lock=True)
    changed = await read_need(session, NeedPatch.model_validate(proposal.changes), kept)
    return await needs.change_need(session, kept.id, changed, moment)
