"""What was said and answered for a meetup: whom to phone, which letters to print, and the employers' lists."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.registration.desk import messages
from services.registration.desk.asking import Away, DeskOfRequest, NotDone
from services.registration.desk.meetups import names_of
from services.registration.pages.sending import SentByPage
from services.registration.repository.employers import employers_by_id
from services.registration.repository.participants import contacts
from services.registration.use_cases.meetups import meetup_named
from shared.auditing import note_looks
from shared.rights import Scope, may
from shared.web import Problem, pages_of
from shared.web.edge import May, RequestPerson, Transaction

router = APIRouter(prefix="/meetups/{meetup_id}/messages", include_in_schema=False)

_Reading = Annotated[Scope, May("read enrolments")]
_Settling = Annotated[Scope, May("settle messages")]
_Sending = Annotated[Scope, May("send shortlists")]
_Printing = Annotated[Scope, May("print letters")]
MessagesDone = Literal["replied", "told", "printed", "posted", "shortlists"]

NOTIFICATION_AWAY = Problem(
    503,
    "notification-away",
    "Les messages ne sont pas accessibles pour le moment",
    "Le service qui les envoie ne répond pas. Rien n’est perdu : revenez dans quelques minutes.",
    english=(
        "Messages cannot be reached for the moment",
        "The service that sends them does not answer. Nothing is lost: come back in a few minutes.",
    ),
    headers={"retry-after": "30"},
)


@router.get("")
async def show(
    request: Request,
    meetup_id: UUID,
    person: RequestPerson,
    scope: _Reading,
    session: Transaction,
    desk: DeskOfRequest,
    done: MessagesDone | None = None,
) -> Response:
    """Everything that waits for somebody, then every invitation with its reply."""
    meetup = await meetup_named(session, scope, meetup_id, lock=False)
    try:
        said = await messages.said_at(desk, meetup_id)
    except Away:
        raise NOTIFICATION_AWAY from None
    people = [each.participant_id for each in said.invitations] if said else []
    await note_looks(session, "participants", people)
    employers = await employers_by_id(session, [each.employer_id for each in said.shortlists] if said else [])
    return pages_of(request).page(
        request,
        "meetup_messages.html",
        meetup=meetup,
        said=said,
        known={each["participant_id"]: each for each in await contacts(session, people)},
        names=await names_of(session, people),
        employers={each.id: each.details.name for each in employers.values()},
        done=done,
        may_settle=may(person, "settle messages"),
        may_send=may(person, "send shortlists"),
    )


@router.post("/invitations/{invitation_id}/reply")
async def reply(
    meetup_id: UUID,
    invitation_id: UUID,
    sent: SentByPage,
    scope: _Settling,
    session: Transaction,
    desk: DeskOfRequest,
) -> Response:
    """Note what somebody said on the phone."""
    await meetup_named(session, scope, meetup_id, lock=False)
    choice = "accept" if sent.form.get("choice") == "accept" else "decline"
    return await _done(meetup_id, "replied", messages.reply_by_phone(desk, invitation_id, choice))


@router.post("/invitations/{invitation_id}/told")
async def tell(
    meetup_id: UUID,
    invitation_id: UUID,
    _sent: SentByPage,
    scope: _Settling,
    session: Transaction,
    desk: DeskOfRequest,
) -> Response:
    """Note that somebody was told what is true now."""
    await meetup_named(session, scope, meetup_id, lock=False)
    return await _done(meetup_id, "told", messages.note_told(desk, invitation_id))


@router.post("/shortlists")
async def send_shortlists(
    meetup_id: UUID, _sent: SentByPage, scope: _Sending, session: Transaction, desk: DeskOfRequest
) -> Response:
    """Send their lists to the employers who have none yet."""
    await meetup_named(session, scope, meetup_id, lock=False)
    return await _done(meetup_id, "shortlists", messages.send_shortlists(desk, meetup_id))


@router.get("/letters/{message_id}")
async def show_letter(
    meetup_id: UUID, message_id: UUID, scope: _Printing, session: Transaction, desk: DeskOfRequest
) -> Response:
    """A letter to print, as notification lays it out."""
    await meetup_named(session, scope, meetup_id, lock=False)
    try:
        return HTMLResponse(await desk.page("notification", f"/api/v1/letters/{message_id}"))
    except Away:
        raise NOTIFICATION_AWAY from None
    except NotDone as refused:
        raise _refused(refused) from None


@router.post("/letters/{message_id}/{step}")
async def note_letter(
    meetup_id: UUID,
    message_id: UUID,
    step: Literal["printed", "posted"],
    _sent: SentByPage,
    scope: _Printing,
    session: Transaction,
    desk: DeskOfRequest,
) -> Response:
    """Note that a letter was printed, or posted."""
    await meetup_named(session, scope, meetup_id, lock=False)
    return await _done(meetup_id, step, messages.note_letter(desk, message_id, step))


async def _done(meetup_id: UUID, done: MessagesDone, told: Awaitable[object]) -> Response:
    """Lead back once notification has done what it was told."""
    try:
        await told
    except Away:
        raise NOTIFICATION_AWAY from None
    except NotDone as refused:
        raise _refused(refused) from None
    return RedirectResponse(f"/meetups/{meetup_id}/messages?done={done}", 303)


def _refused(refused: NotDone) -> Problem:
    """Why notification has not done it, in its own words."""
    return Problem(
        refused.status,
        refused.code or "not-done",
        "Ce n’est pas fait",
        refused.detail,
        english=("This is not done", refused.detail),
    )
