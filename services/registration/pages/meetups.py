"""Meetups: planned, found, changed and cancelled; who is invited, and how things stand."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.desk.asking import Away, DeskOfRequest
from services.registration.desk.meetups import needs_at, people_at
from services.registration.desk.pairings import PairingStanding, standing_of
from services.registration.edge import agency_to_write
from services.registration.intake.reading import read_meetup
from services.registration.pages.common_fields import around_new
from services.registration.pages.filling import asking_again, check_seen, show_form
from services.registration.pages.meetup_form import AT_FIRST, KNOWN_MEETUP, MEETUP, read_meetup_form, typed_of
from services.registration.pages.sending import SentByPage
from services.registration.repository.agencies import all_agencies
from services.registration.repository.meetups import MeetupFilter
from services.registration.repository.meetups import list_meetups as meetups_listed
from services.registration.use_cases import meetups as use_cases
from shared.identity import now_of
from shared.paging import Paging
from shared.rights import Scope, may, scope_of
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.paging import cursor_of
from shared.web.sorting import listed_by

router = APIRouter(prefix="/meetups", include_in_schema=False)

_Listed = Annotated[Paging, listed_by("starts_at")]
_Reading = Annotated[Scope, May("read meetups")]
_Writing = Annotated[Scope, May("write meetups")]
MeetupDone = Literal["planned", "saved", "cancelled", "enrolled", "taken-out", "invited", "uninvited"]
"""What was just done, said on the page that it leads to."""


@router.get("")
async def list_meetups(
    request: Request,
    person: RequestPerson,
    scope: _Reading,
    session: Transaction,
    paging: _Listed,
    when: Literal["ahead", "past"] = "ahead",
) -> Response:
    """Meetups to come, or those that were."""
    now = now_of(request)
    wanted = MeetupFilter(after=now) if when == "ahead" else MeetupFilter(before=now)
    found = await meetups_listed(session, scope, wanted, paging)
    return pages_of(request).page(
        request,
        "meetups.html",
        meetups=found.items,
        agencies={each.id: each.name for each in await all_agencies(session)},
        next=cursor_of(found),
        when=when,
        asked={"when": when, "sort": paging.sort},
        may_write=may(person, "write meetups"),
    )


@router.get("/new")
async def show_new(request: Request, person: RequestPerson, _scope: _Writing, session: Transaction) -> Response:
    """An empty form."""
    return show_form(request, "meetup_new.html", MEETUP, AT_FIRST, **await around_new(person, session))


@router.post("/new")
async def plan(
    request: Request,
    sent: SentByPage,
    session: Transaction,
    person: RequestPerson,
    scope: _Writing,
    moment: RequestMoment,
) -> Response:
    """Plan a meetup, and lead to its page."""

    async def act() -> str:
        body = read_meetup_form(MEETUP, sent.form)
        draft = await read_meetup(session, body, agency_to_write(scope, body.agency_id))
        return f"/meetups/{(await use_cases.schedule_meetup(session, draft, moment)).id}?done=planned"

    async with asking_again(request, "meetup_new.html", MEETUP, sent.form, **await around_new(person, session)):
        return await sent.once(act)


@router.get("/{meetup_id}")
async def show(
    request: Request,
    meetup_id: UUID,
    person: RequestPerson,
    scope: _Reading,
    session: Transaction,
    desk: DeskOfRequest,
    done: MeetupDone | None = None,
) -> Response:
    """A meetup: when and where, its needs, who is enrolled and what they answered, and how its pairing stands."""
    meetup = await use_cases.meetup_named(session, scope, meetup_id, lock=False)
    names_people = may(person, "read enrolments")
    return pages_of(request).page(
        request,
        "meetup.html",
        meetup=meetup,
        needs=await needs_at(session, meetup),
        people=await people_at(session, meetup) if names_people else None,
        done=done,
        may_write=scope_of(person, "write meetups").covers(meetup.details.agency_id),
        is_past=meetup.details.ends_at <= now_of(request),
        agencies={each.id: each.name for each in await all_agencies(session)},
        **await _pairing_of(desk, meetup_id),
    )


@router.get("/{meetup_id}/edit")
async def show_edit(request: Request, meetup_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """The form with what is kept."""
    kept = await use_cases.meetup_named(session, scope, meetup_id, lock=False)
    typed = typed_of(showing.meetup(kept, ()), kept.details.starts_at, kept.details.place)
    return show_form(request, "meetup_edit.html", KNOWN_MEETUP, typed, revision=kept.revision, meetup=kept)


@router.post("/{meetup_id}/edit")
async def change(
    request: Request, meetup_id: UUID, sent: SentByPage, session: Transaction, scope: _Writing, moment: RequestMoment
) -> Response:
    """Change a meetup, unless others changed it since the form was shown: then both are shown."""
    kept = await use_cases.meetup_named(session, scope, meetup_id)
    async with asking_again(request, "meetup_edit.html", KNOWN_MEETUP, sent.form, meetup=kept):
        body = read_meetup_form(KNOWN_MEETUP, sent.form)
        check_seen(sent.form, kept, showing.meetup(kept, ()))
        draft = await read_meetup(session, body, kept.details.agency_id)
        await use_cases.change_meetup(session, scope, meetup_id, draft, moment)
        return RedirectResponse(f"/meetups/{meetup_id}?done=saved", 303)


@router.get("/{meetup_id}/cancel")
async def ask_to_cancel(request: Request, meetup_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """What cancelling does, before it is done."""
    meetup = await use_cases.meetup_named(session, scope, meetup_id, lock=False)
    people = await people_at(session, meetup)
    return pages_of(request).page(request, "meetup_cancel.html", meetup=meetup, people=people)


@router.post("/{meetup_id}/cancel")
async def cancel(
    meetup_id: UUID, _sent: SentByPage, session: Transaction, scope: _Writing, moment: RequestMoment
) -> Response:
    """Cancel a meetup: everybody who knows of it is told."""
    await use_cases.cancel_meetup(session, scope, meetup_id, moment)
    return RedirectResponse(f"/meetups/{meetup_id}?done=cancelled", 303)


async def _pairing_of(desk: DeskOfRequest, meetup_id: UUID) -> dict[str, Any]:
    """How the pairing stands, or that nobody can say now."""
    try:
        return {"standing": await standing_of(desk, meetup_id), "is_matching_away": False}
    except Away:
        unknown: PairingStanding | None = None
        return {"standing": unknown, "is_matching_away": True}
