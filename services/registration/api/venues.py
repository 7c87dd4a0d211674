"""Venues. They belong to no agency: all advisers of the region see and keep them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.records import VenueShown
from services.registration.api.requests import NEW_OR_KNOWN, OnceSavedOfRequest, SavedAnswer, answer, check_seen
from services.registration.intake.bodies import VenueBody, VenuePatch
from services.registration.intake.reading import read_venue
from services.registration.repository import venues as repository
from services.registration.use_cases import venues as use_cases
from services.registration.use_cases.saving import Saved
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import WholeList
from shared.web.preconditions import SeenRevision, tagged

router = APIRouter(prefix="/api/v1/venues", tags=["venues"])

_Reading = Annotated[Scope, May("read venues")]
_Writing = Annotated[Scope, May("write venues")]


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def register(
    body: VenueBody, _scope: _Writing, session: Transaction, moment: RequestMoment, once: OnceSavedOfRequest
) -> JSONResponse:
    """Register a venue. Meetups ahead that are held there say how it is found, unless they say so themselves."""

    async def act() -> Saved:
        return await use_cases.register_venue(session, await read_venue(session, body), moment)

    return await once(act)


@router.put("/{venue_id}", response_model=SavedAnswer)
async def change(
    venue_id: UUID, body: VenueBody, _scope: _Writing, session: Transaction, moment: RequestMoment, seen: SeenRevision
) -> JSONResponse:
    """Replace a venue's data. The meetups ahead that are held there go where it goes."""
    kept = await use_cases.venue_named(session, venue_id, lock=True)
    check_seen(seen, kept, showing.venue(kept))
    return answer(await use_cases.change_venue(session, venue_id, await read_venue(session, body, kept), moment))


@router.patch("/{venue_id}", response_model=SavedAnswer)
async def amend(
    venue_id: UUID, body: VenuePatch, scope: _Writing, session: Transaction, moment: RequestMoment, seen: SeenRevision
) -> JSONResponse:
    """Change what is named of a venue, and nothing else."""
    return await change(venue_id, body, scope, session, moment, seen)


@router.get("")
async def list_venues(_scope: _Reading, session: Transaction) -> WholeList[VenueShown]:
    """Every venue of the programme, by name."""
    found = await repository.all_venues(session)
    return WholeList(items=[VenueShown.of_row(showing.venue(each)) for each in found])


@router.get("/{venue_id}", response_model=VenueShown)
async def show(venue_id: UUID, _scope: _Reading, session: Transaction) -> JSONResponse:
    """A venue and how it is found."""
    kept = await use_cases.venue_named(session, venue_id)
    return tagged(showing.venue(kept), kept.revision)
