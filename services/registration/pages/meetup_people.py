"""Who comes to a meetup: the people enrolled and the needs invited."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.domain.meetups import Constraints
from services.registration.pages.choosing_people import show_people_to_choose, ticked
from services.registration.pages.sending import SentByPage
from services.registration.repository.employers import NeedFilter, list_needs
from services.registration.repository.meetups import enrolments_of
from services.registration.use_cases import meetups as use_cases
from shared.paging import LARGEST_PAGE, Paging
from shared.rights import Scope
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import PagingOfRequest
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/meetups/{meetup_id}", include_in_schema=False)

_Enrolling = Annotated[Scope, May("write enrolments")]
_Inviting = Annotated[Scope, May("write meetups")]


@router.get("/people")
async def choose_people(
    request: Request,
    meetup_id: UUID,
    scope: _Enrolling,
    session: Transaction,
    paging: PagingOfRequest,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
) -> Response:
    """The agency's people, to be enrolled: who is already, and who cannot be proposed and why."""
    meetup = await use_cases.meetup_named(session, scope, meetup_id, lock=False)
    enrolled = {participant_id for _, participant_id in await enrolments_of(session, [meetup.id])}
    agency_id = meetup.details.agency_id
    return await show_people_to_choose(
        request, "meetup_people.html", session, scope, agency_id, paging, q=q, enrolled=enrolled, meetup=meetup
    )


@router.post("/people")
async def enrol(
    meetup_id: UUID, sent: SentByPage, scope: _Enrolling, session: Transaction, moment: RequestMoment
) -> Response:
    """Enrol everybody who was ticked; whoever a colleague enrolled meanwhile keeps what the timetable must respect."""
    enrolled = {participant_id for _, participant_id in await enrolments_of(session, [meetup_id])}
    for participant_id in set(ticked(sent, "participant")) - enrolled:
        await use_cases.enrol(session, scope, meetup_id, participant_id, Constraints(), moment)
    return RedirectResponse(f"/meetups/{meetup_id}?done=enrolled#people", 303)


@router.post("/people/{participant_id}/remove")
async def take_out(
    meetup_id: UUID,
    participant_id: UUID,
    _sent: SentByPage,
    scope: _Enrolling,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Take somebody out of the meetup."""
    await use_cases.unenrol(session, scope, meetup_id, participant_id, moment)
    return RedirectResponse(f"/meetups/{meetup_id}?done=taken-out#people", 303)


@router.get("/needs")
async def choose_needs(
    request: Request,
    meetup_id: UUID,
    scope: _Inviting,
    session: Transaction,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
) -> Response:
    """The needs that are open, to be invited."""
    meetup = await use_cases.meetup_named(session, scope, meetup_id, lock=False)
    found = await list_needs(session, NeedFilter(text=q, is_open=True), Paging(size=LARGEST_PAGE))
    return pages_of(request).page(
        request,
        "meetup_needs.html",
        meetup=meetup,
        needs=found.items,
        invited={need_id for need_id, _ in meetup.needs},
        q=q or "",
        asked={"q": q},
    )


@router.post("/needs")
async def invite(
    meetup_id: UUID, sent: SentByPage, scope: _Inviting, session: Transaction, moment: RequestMoment
) -> Response:
    """Invite every need that was ticked, with as many interviewers as it says itself."""
    for need_id in ticked(sent, "need"):
        await use_cases.invite_need(session, scope, meetup_id, need_id, None, moment)
    return RedirectResponse(f"/meetups/{meetup_id}?done=invited#needs", 303)


@router.post("/needs/{need_id}/remove")
async def uninvite(
    meetup_id: UUID,
    need_id: UUID,
    _sent: SentByPage,
    scope: _Inviting,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Take a need out of the meetup."""
    await use_cases.uninvite_need(session, scope, meetup_id, need_id, moment)
    return RedirectResponse(f"/meetups/{meetup_id}?done=uninvited#needs", 303)
