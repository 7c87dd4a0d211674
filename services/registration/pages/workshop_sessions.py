"""The sessions of a workshop: planned, changed and dropped, and who came."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.desk.meetups import names_of
from services.registration.intake.of_workshops import read_session
from services.registration.pages.filling import asking_again, check_seen, show_form
from services.registration.pages.sending import SentByPage
from services.registration.pages.workshop_form import session_form
from services.registration.use_cases import workshop_sessions as use_cases
from services.registration.use_cases.workshops import workshop_named
from shared.auditing import note_looks
from shared.ids import new_id
from shared.rights import Scope, scope_of
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction

router = APIRouter(prefix="/workshops/{workshop_id}/sessions", include_in_schema=False)

_Writing = Annotated[Scope, May("write workshops")]
_Reading = Annotated[Scope, May("read presences")]
_Noting = Annotated[Scope, May("note presences")]

CAME = {"yes": True, "no": False, "unknown": None}
"""What can be said of whether somebody came."""


@router.get("/new")
async def show_new(request: Request, workshop_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """An empty form, on the workshop's first day."""
    workshop = await workshop_named(session, scope, workshop_id)
    typed = {"held_on": workshop.details.starts_on.isoformat()}
    return show_form(request, "session_new.html", session_form(), typed, workshop=workshop, sending=new_id())


@router.post("/new")
async def plan(
    request: Request,
    workshop_id: UUID,
    sent: SentByPage,
    session: Transaction,
    scope: _Writing,
    moment: RequestMoment,
) -> Response:
    """Plan a session, and lead back to its workshop."""
    workshop = await workshop_named(session, scope, workshop_id)

    async def act() -> str:
        draft = read_session(workshop_id, session_form().read(sent.form))
        await use_cases.plan_session(session, scope, draft, moment)
        return f"/workshops/{workshop_id}?done=planned#sessions"

    async with asking_again(
        request, "session_new.html", session_form(), sent.form, workshop=workshop, sending=sent.form.get("sending")
    ):
        return await sent.once(act)


@router.get("/{session_id}")
async def show(
    request: Request,
    workshop_id: UUID,
    session_id: UUID,
    person: RequestPerson,
    scope: _Reading,
    session: Transaction,
) -> Response:
    """A session, and whether each of those enrolled came."""
    workshop = await workshop_named(session, scope, workshop_id)
    planned = await use_cases.session_named(session, scope, workshop_id, session_id)
    came = await use_cases.people_at(session, scope, workshop_id, session_id)
    await note_looks(session, "workshop_presences", came, session_id)
    names = await names_of(session, list(came))
    return pages_of(request).page(
        request,
        "session.html",
        workshop=workshop,
        planned=planned,
        came=came,
        people=sorted(names.items(), key=lambda each: each[1]),
        may_write=scope_of(person, "write workshops").covers(workshop.details.agency_id),
    )


@router.post("/{session_id}/presences")
async def note_who_came(
    workshop_id: UUID,
    session_id: UUID,
    sent: SentByPage,
    scope: _Noting,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Note of everybody of whom something is said whether they came."""
    for participant_id, is_present in _said_to_have_come(sent).items():
        await use_cases.note_presence(
            session, scope, workshop_id, session_id, participant_id, is_present=is_present, moment=moment
        )
    return RedirectResponse(f"/workshops/{workshop_id}?done=noted#sessions", 303)


@router.get("/{session_id}/edit")
async def show_edit(
    request: Request, workshop_id: UUID, session_id: UUID, scope: _Writing, session: Transaction
) -> Response:
    """The form with what is kept."""
    workshop = await workshop_named(session, scope, workshop_id)
    kept = await use_cases.session_named(session, scope, workshop_id, session_id)
    typed = session_form().known(showing.workshop_session(kept))
    return show_form(
        request, "session_edit.html", session_form(), typed, revision=kept.revision, workshop=workshop, planned=kept
    )


@router.post("/{session_id}/edit")
async def change(
    request: Request,
    workshop_id: UUID,
    session_id: UUID,
    sent: SentByPage,
    session: Transaction,
    scope: _Writing,
    moment: RequestMoment,
) -> Response:
    """Change what is said of a session, unless others changed it since the form was shown: then both are shown."""
    workshop = await workshop_named(session, scope, workshop_id)
    kept = await use_cases.session_named(session, scope, workshop_id, session_id, lock=True)
    async with asking_again(request, "session_edit.html", session_form(), sent.form, workshop=workshop, planned=kept):
        body = session_form().read(sent.form)
        check_seen(sent.form, kept, showing.workshop_session(kept))
        await use_cases.change_session(session, kept, read_session(workshop_id, body), moment)
        return RedirectResponse(f"/workshops/{workshop_id}?done=planned#sessions", 303)


@router.post("/{session_id}/drop")
async def drop(
    workshop_id: UUID, session_id: UUID, _sent: SentByPage, scope: _Writing, session: Transaction
) -> Response:
    """Drop a session that is not held, and with it who came."""
    await use_cases.drop_session(session, scope, workshop_id, session_id)
    return RedirectResponse(f"/workshops/{workshop_id}?done=dropped#sessions", 303)


def _said_to_have_come(sent: SentByPage) -> dict[UUID, bool | None]:
    """Whether each person came of whom the form says something; what was not on the page says nothing."""
    found = {}
    for name, said in sent.form.multi_items():
        if name.startswith("came.") and said in CAME:
            with suppress(ValueError):
                found[UUID(name.removeprefix("came."))] = CAME[str(said)]
    return found
