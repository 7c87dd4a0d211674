"""Proposals of other agencies, to be accepted or refused; and one's own, which wait for theirs."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.desk.proposals import proposals_to_read
from services.registration.edge import EmployerContacts
from services.registration.intake import proposing
from services.registration.pages.proposal_words import fields_of_changes
from services.registration.pages.sending import SentByPage
from services.registration.repository.agencies import all_agencies
from services.registration.repository.proposals import list_proposals
from services.registration.use_cases.proposals import settle_proposal
from shared.rights import Scope, scope_of
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.paging import PagingOfRequest, cursor_of

router = APIRouter(prefix="/proposals", include_in_schema=False)

_Settling = Annotated[Scope, May("settle proposals")]


@router.get("")
async def list_waiting(
    request: Request,
    scope: Annotated[Scope, May("read proposals")],
    contacts: EmployerContacts,
    person: RequestPerson,
    session: Transaction,
    paging: PagingOfRequest,
    done: Literal["accepted", "refused"] | None = None,
) -> Response:
    """What waits for a word of one's agency, and what one's agency waits for."""
    found = await list_proposals(session, scope, paging, is_open=True)
    return pages_of(request).page(
        request,
        "proposals.html",
        proposals=await proposals_to_read(session, found.items, scope_of(person, "settle proposals"), contacts),
        fields=fields_of_changes(),
        agencies={each.id: each.name for each in await all_agencies(session)},
        next=cursor_of(found),
        done=done,
    )


@router.post("/{proposal_id}/accept")
async def accept(
    proposal_id: UUID, _sent: SentByPage, scope: _Settling, session: Transaction, moment: RequestMoment
) -> Response:
    """Change the record as was proposed, or keep the new one."""
    await proposing.accept(session, scope, proposal_id, moment)
    return RedirectResponse("/proposals?done=accepted", 303)


@router.post("/{proposal_id}/refuse")
async def refuse(
    proposal_id: UUID, _sent: SentByPage, scope: _Settling, session: Transaction, moment: RequestMoment
) -> Response:
    """Leave everything as it is."""
    await settle_proposal(session, scope, proposal_id, is_accepted=False, moment=moment)
    return RedirectResponse("/proposals?done=refused", 303)
