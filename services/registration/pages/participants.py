"""Participants: found, registered, shown and changed; what they agree to."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.desk.asking import DeskOfRequest
from services.registration.desk.participants import picture_of
from services.registration.domain.participants import Consent, Participant, Purpose
from services.registration.edge import agency_to_write
from services.registration.intake.reading import read_participant
from services.registration.pages.common_fields import around_new
from services.registration.pages.filling import PageForm, asking_again, check_seen, show_form
from services.registration.pages.participant_form import (
    AT_FIRST,
    KNOWN_PARTICIPANT,
    KNOWN_PARTICIPANT_UNPROTECTED,
    NEW_PARTICIPANT,
)
from services.registration.pages.sending import SentByPage
from services.registration.repository import participant_lists as lists
from services.registration.repository import protected as protected_data
from services.registration.repository.agencies import all_agencies
from services.registration.repository.objections import objections_of
from services.registration.use_cases import participants as use_cases
from services.registration.use_cases.merging import merges_of
from shared.auditing import note_looks
from shared.paging import Paging
from shared.rights import Scope, may, scope_of
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.paging import cursor_of
from shared.web.sorting import listed_by
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/participants", include_in_schema=False)

_Listed = Annotated[Paging, listed_by("name", "created")]
_Reading = Annotated[Scope, May("read participants")]
_Writing = Annotated[Scope, May("write participants")]
_Deciding = Annotated[Scope, May("write consents")]


@router.get("")
async def list_participants(
    request: Request,
    session: Transaction,
    person: RequestPerson,
    scope: Annotated[Scope, May("name participants")],
    paging: _Listed,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
    workshop: UUID | None = None,
    meetup: UUID | None = None,
) -> Response:
    """People by name; what is looked for, the order and the part stand in the address."""
    wanted = lists.ParticipantFilter(None, q, workshop, meetup, None)
    found = await lists.list_participants(session, scope, wanted, paging)
    await note_looks(session, "participants", [row["id"] for row in found.items])
    return pages_of(request).page(
        request,
        "participants.html",
        people=found.items,
        agencies={each.id: each.name for each in await all_agencies(session)},
        next=cursor_of(found),
        q=q or "",
        asked={"q": q, "workshop": workshop, "meetup": meetup, "sort": paging.sort},
        may_write=may(person, "write participants"),
        may_open=may(person, "read participants"),
    )


@router.get("/new")
async def show_new(request: Request, person: RequestPerson, _scope: _Writing, session: Transaction) -> Response:
    """An empty form, with what is meant where nothing is said."""
    around = await around_new(person, session)
    return show_form(request, "participant_new.html", NEW_PARTICIPANT, AT_FIRST, **around)


@router.post("/new")
async def register(
    request: Request,
    sent: SentByPage,
    session: Transaction,
    person: RequestPerson,
    scope: _Writing,
    moment: RequestMoment,
) -> Response:
    """Register somebody, and lead to their page."""

    async def act() -> str:
        body = NEW_PARTICIPANT.read(sent.form)
        agency_id = agency_to_write(scope, body.agency_id)
        sees_protected = scope_of(person, "read protected data").covers(agency_id)
        draft = await read_participant(session, body, agency_id, moment, sees_protected=sees_protected)
        saved = await use_cases.register_participant(session, draft, moment)
        return f"/participants/{saved.id}?done=registered"

    around = await around_new(person, session)
    async with asking_again(request, "participant_new.html", NEW_PARTICIPANT, sent.form, **around):
        return await sent.once(act)


@router.get("/{participant_id}")
async def show(
    request: Request,
    participant_id: UUID,
    scope: _Reading,
    person: RequestPerson,
    session: Transaction,
    moment: RequestMoment,
    desk: DeskOfRequest,
    done: Literal["registered", "saved", "decided"] | None = None,
) -> Response:
    """Somebody: how they are reached, what they agree to, what was seen of them, and where they are expected."""
    participant = await use_cases.participant_named(session, scope, participant_id)
    return pages_of(request).page(
        request,
        "participant.html",
        participant=participant,
        picture=await picture_of(session, desk, person, participant, moment),
        agencies={each.id: each.name for each in await all_agencies(session)},
        done=done,
        may_write=scope_of(person, "write participants").covers(participant.situation.agency_id),
        may_decide=scope_of(person, "write consents").covers(participant.situation.agency_id),
        objections={each.purpose: each for each in await objections_of(session, participant.id) if each.is_in_force},
        merges=await merges_of(session, scope, participant.id) if may(person, "merge participants") else (),
        may_erase=scope_of(person, "erase participants").covers(participant.situation.agency_id),
        may_hand_over=scope_of(person, "hand over records").covers(participant.situation.agency_id),
    )


@router.get("/{participant_id}/edit")
async def show_edit(
    request: Request, participant_id: UUID, scope: _Writing, person: RequestPerson, session: Transaction
) -> Response:
    """The form with what is kept."""
    kept, form, shown = await _editable(session, scope, person, participant_id)
    await note_looks(session, "participants", [kept.id])
    return show_form(
        request, "participant_edit.html", form, form.known(shown), revision=kept.revision, participant=kept
    )


@router.post("/{participant_id}/edit")
async def change(
    request: Request,
    participant_id: UUID,
    sent: SentByPage,
    session: Transaction,
    person: RequestPerson,
    scope: _Writing,
    moment: RequestMoment,
) -> Response:
    """Change what is said of somebody, unless others changed it since the form was shown: then both are shown."""
    kept, form, shown = await _editable(session, scope, person, participant_id, lock=True)
    async with asking_again(request, "participant_edit.html", form, sent.form, participant=kept):
        body = form.read(sent.form)
        check_seen(sent.form, kept, shown)
        agency_id = agency_to_write(scope, kept.situation.agency_id)
        draft = await read_participant(session, body, agency_id, moment, sees_protected="protected" in shown)
        await use_cases.change_participant(session, scope, kept.id, draft, moment)
        return RedirectResponse(f"/participants/{kept.id}?done=saved", 303)


@router.post("/{participant_id}/consents/{purpose}")
async def decide(
    participant_id: UUID,
    purpose: Purpose,
    sent: SentByPage,
    session: Transaction,
    scope: _Deciding,
    moment: RequestMoment,
) -> Response:
    """Note that somebody agrees, or no longer does; withdrawing takes effect at once."""
    said = Consent(granted=sent.form.get("decision") == "yes", source="person", way="oral")
    await use_cases.decide_consent(session, scope, participant_id, purpose, said, moment)
    return RedirectResponse(f"/participants/{participant_id}?done=decided", 303)


async def _editable(
    session: Transaction, scope: Scope, person: RequestPerson, participant_id: UUID, *, lock: bool = False
) -> tuple[Participant, PageForm[Any], showing.Shown]:
    """Somebody, the form by which this person changes them, and what it shows."""
    kept = await use_cases.participant_named(session, scope, participant_id, lock=lock)
    if not scope_of(person, "read protected data").covers(kept.situation.agency_id):
        return kept, KNOWN_PARTICIPANT_UNPROTECTED, showing.participant(kept)
    (kept,) = await protected_data.opened(session, [kept])
    return kept, KNOWN_PARTICIPANT, showing.participant(kept)
