"""Workshops: set up, found and changed; who is enrolled, and what was seen of them so far."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.desk.workshops import people_there, team_of, with_who_came
from services.registration.domain.places import civil_date
from services.registration.edge import agency_to_write
from services.registration.intake.reading import read_workshop
from services.registration.pages.choosing_people import show_people_to_choose, ticked
from services.registration.pages.common_fields import around_new
from services.registration.pages.filling import asking_again, check_seen, show_form
from services.registration.pages.sending import SentByPage
from services.registration.pages.workshop_form import KNOWN_WORKSHOP, WORKSHOP, with_team
from services.registration.repository.agencies import all_agencies
from services.registration.repository.workshop_sessions import sessions_of
from services.registration.repository.workshops import enrolled_in
from services.registration.repository.workshops import list_workshops as workshops_listed
from services.registration.use_cases import workshops as use_cases
from shared.identity import now_of
from shared.paging import Paging
from shared.rights import Scope, may, scope_of
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.paging import PagingOfRequest, cursor_of
from shared.web.sorting import listed_by
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/workshops", include_in_schema=False)

_Listed = Annotated[Paging, listed_by("starts_on", "created")]
_Reading = Annotated[Scope, May("read workshops")]
_Writing = Annotated[Scope, May("write workshops")]
WorkshopDone = Literal["set-up", "saved", "enrolled", "taken-out", "planned", "dropped", "noted"]
"""What was just done, said on the page that it leads to."""


@router.get("")
async def list_workshops(
    request: Request, person: RequestPerson, scope: _Reading, session: Transaction, paging: _Listed
) -> Response:
    """Workshops, the latest first; mediators see those that they hold."""
    found = await workshops_listed(session, scope, paging)
    return pages_of(request).page(
        request,
        "workshops.html",
        workshops=found.items,
        agencies={each.id: each.name for each in await all_agencies(session)},
        next=cursor_of(found),
        asked={"sort": paging.sort},
        may_write=may(person, "write workshops"),
    )


@router.get("/new")
async def show_new(request: Request, person: RequestPerson, _scope: _Writing, session: Transaction) -> Response:
    """An empty form."""
    return show_form(request, "workshop_new.html", WORKSHOP, {}, **await around_new(person, session))


@router.post("/new")
async def set_up(
    request: Request,
    sent: SentByPage,
    session: Transaction,
    person: RequestPerson,
    scope: _Writing,
    moment: RequestMoment,
) -> Response:
    """Set a workshop up, and lead to its page."""

    async def act() -> str:
        body = WORKSHOP.read(sent.form)
        draft = await read_workshop(session, body, agency_to_write(scope, body.agency_id), moment)
        return f"/workshops/{(await use_cases.register_workshop(session, draft, moment)).id}?done=set-up"

    async with asking_again(request, "workshop_new.html", WORKSHOP, sent.form, **await around_new(person, session)):
        return await sent.once(act)


@router.get("/{workshop_id}")
async def show(
    request: Request,
    workshop_id: UUID,
    person: RequestPerson,
    scope: _Reading,
    session: Transaction,
    done: WorkshopDone | None = None,
) -> Response:
    """A workshop: when and where, its sessions and who came, who is enrolled and how often each was noted."""
    workshop = await use_cases.workshop_named(session, scope, workshop_id)
    agency_id, team = workshop.details.agency_id, workshop.team
    may_write = scope_of(person, "write workshops").covers(agency_id)
    return pages_of(request).page(
        request,
        "workshop.html",
        workshop=workshop,
        sessions=await with_who_came(session, await sessions_of(session, [workshop.id])),
        people=await people_there(session, person, workshop) if may(person, "name participants") else None,
        enrolled=len(await enrolled_in(session, workshop.id)),
        agencies={each.id: each.name for each in await all_agencies(session)},
        team=await team_of(session, workshop) if may_write else None,
        done=done,
        may_write=may_write,
        has_begun=workshop.details.starts_on <= civil_date(now_of(request), workshop.details.place),
        may_note=scope_of(person, "record observations").covers(agency_id, team=team),
        may_see_who_came=scope_of(person, "read presences").covers(agency_id, team=team),
    )


@router.get("/{workshop_id}/edit")
async def show_edit(request: Request, workshop_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """The form with what is kept."""
    kept = await use_cases.workshop_named(session, scope, workshop_id)
    typed = KNOWN_WORKSHOP.known(with_team(showing.workshop(kept), await team_of(session, kept)))
    return show_form(request, "workshop_edit.html", KNOWN_WORKSHOP, typed, revision=kept.revision, workshop=kept)


@router.post("/{workshop_id}/edit")
async def change(
    request: Request,
    workshop_id: UUID,
    sent: SentByPage,
    session: Transaction,
    scope: _Writing,
    moment: RequestMoment,
) -> Response:
    """Change what is said of a workshop, unless others changed it since the form was shown: then both are shown."""
    kept = await use_cases.workshop_named(session, scope, workshop_id, lock=True)
    async with asking_again(request, "workshop_edit.html", KNOWN_WORKSHOP, sent.form, workshop=kept):
        body = KNOWN_WORKSHOP.read(sent.form)
        check_seen(sent.form, kept, with_team(showing.workshop(kept), await team_of(session, kept)))
        draft = await read_workshop(session, body, agency_to_write(scope, kept.details.agency_id), moment)
        await use_cases.change_workshop(session, scope, workshop_id, draft, moment)
        return RedirectResponse(f"/workshops/{workshop_id}?done=saved", 303)


@router.get("/{workshop_id}/people")
async def choose_people(
    request: Request,
    workshop_id: UUID,
    scope: _Writing,
    session: Transaction,
    paging: PagingOfRequest,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
) -> Response:
    """The agency's people, to be enrolled, and who is already."""
    workshop = await use_cases.workshop_named(session, scope, workshop_id)
    enrolled, agency_id = await enrolled_in(session, workshop.id), workshop.details.agency_id
    return await show_people_to_choose(
        request, "workshop_people.html", session, scope, agency_id, paging, q=q, enrolled=enrolled, workshop=workshop
    )


@router.post("/{workshop_id}/people")
async def enrol(workshop_id: UUID, sent: SentByPage, scope: _Writing, session: Transaction) -> Response:
    """Enrol everybody who was ticked."""
    for participant_id in ticked(sent, "participant"):
        await use_cases.enrol(session, scope, workshop_id, participant_id)
    return RedirectResponse(f"/workshops/{workshop_id}?done=enrolled#people", 303)


@router.post("/{workshop_id}/people/{participant_id}/remove")
async def take_out(
    workshop_id: UUID, participant_id: UUID, _sent: SentByPage, scope: _Writing, session: Transaction
) -> Response:
    """Take somebody out of the workshop; what was seen of them stays."""
    await use_cases.take_out(session, scope, workshop_id, participant_id)
    return RedirectResponse(f"/workshops/{workshop_id}?done=taken-out#people", 303)
