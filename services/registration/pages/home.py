"""The page that everybody begins with: the meetups to come, or a mediator's workshops."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.registration.edge import own_agency
from services.registration.repository.agencies import all_agencies
from services.registration.repository.meetups import MeetupFilter, list_meetups
from services.registration.repository.paging import Paging
from services.registration.repository.workshops import list_workshops
from shared.identity import Person, Role, current_person, now_of
from shared.web import pages_of
from shared.web.edge import Transaction

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request, session: Transaction, person: Annotated[Person, Depends(current_person)]) -> Response:
    """The meetups to come, for those who follow them; a mediator's workshops."""
    meetups: Any = ()
    workshops: Any = ()
    if person.role is Role.MEDIATOR:
        workshops = (await list_workshops(session, None, person.id, Paging(size=100))).items
    else:
        wanted = MeetupFilter(own_agency(person), after=now_of(request))
        meetups = (await list_meetups(session, wanted, Paging(size=100))).items
    agencies = {agency.id: agency.name for agency in await all_agencies(session)}
    return pages_of(request).page(
        request,
        "home.html",
        meetups=meetups,
        workshops=workshops,
        agencies=agencies,
        agency=agencies.get(person.agency_id) if person.agency_id else None,
    )
