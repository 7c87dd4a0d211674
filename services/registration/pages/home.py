"""The page that everybody begins with: what waits for an adviser, a mediator's workshops, the meetups to come."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.registration.desk.waiting import what_waits
from services.registration.repository.agencies import all_agencies
from services.registration.repository.meetups import MeetupFilter, list_meetups
from services.registration.repository.workshops import list_workshops
from shared.identity import now_of
from shared.paging import Paging
from shared.rights import may, scope_of
from shared.web import pages_of
from shared.web.edge import RequestPerson, Transaction

router = APIRouter(include_in_schema=False)

_LISTED = Paging(size=100)


@router.get("/")
async def home(request: Request, session: Transaction, person: RequestPerson) -> Response:
    """Where somebody's day begins, by what they do."""
    pages, now = pages_of(request), now_of(request)
    if may(person, "decide pairings"):
        waiting = await what_waits(session, person, now)
        return pages.page(request, "home_adviser.html", waiting=waiting)
    if may(person, "read meetups"):
        scope = scope_of(person, "read meetups")
        meetups = (await list_meetups(session, scope, MeetupFilter(after=now), _LISTED)).items
        agencies = {each.id: each.name for each in await all_agencies(session)}
        return pages.page(
            request, "home.html", meetups=meetups, agencies=agencies, may_write=may(person, "write meetups")
        )
    workshops = (await list_workshops(session, scope_of(person, "read workshops"), _LISTED)).items
    return pages.page(request, "home_mediator.html", workshops=workshops)
