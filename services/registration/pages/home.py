"""The page that everybody begins with: the meetups to come, or a mediator's workshops."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from services.registration.repository.agencies import all_agencies
from services.registration.repository.meetups import MeetupFilter, list_meetups
from services.registration.repository.workshops import list_workshops
from shared.identity import now_of
from shared.paging import Paging
from shared.rights import may, scope_of
from shared.web import pages_of
from shared.web.edge import RequestPerson, Transaction

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request, session: Transaction, person: RequestPerson) -> Response:
    """The meetups to come, for those who follow them; a mediator's workshops."""
    meetups: Any = ()
    workshops: Any = ()
    if may(person, "read meetups"):
        wanted = MeetupFilter(after=now_of(request))
        meetups = (await list_meetups(session, scope_of(person, "read meetups"), wanted, Paging(size=100))).items
    else:
        workshops = (await list_workshops(session, scope_of(person, "read workshops"), Paging(size=100))).items
    agencies = {agency.id: agency.name for agency in await all_agencies(session)}
    return pages_of(request).page(
        request,
        "home.html",
        meetups=meetups,
        workshops=workshops,
        agencies=agencies,
    )
