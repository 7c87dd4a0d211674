"""The participant's page: who, what, where, when; yes, no, or call me. No login, no JavaScript."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from services.notification.directory import DirectoryUnavailable, Entries
from services.notification.domain.inviting import Reply
from services.notification.domain.replying import DECLINE_REASONS, Choice, NoLongerPlanned, TooLate
from services.notification.pages.linked import (
    back_to,
    check_proof,
    chosen_language,
    proof_for,
    proven_form,
    text_in,
    token_hash_in,
    unclear_answer,
    unknown_link,
)
from services.notification.parts import Parts, ServiceParts
from services.notification.presenting import appointments_of, occasion_of
from services.notification.use_cases import replying
from services.notification.use_cases.replying import OpenInvitation, UnknownInvitation
from shared.database import unit_of_work
from shared.web import pages_of

router = APIRouter(include_in_schema=False)


@router.get("/r/{token}", response_class=HTMLResponse)
async def show_invitation(request: Request, token: str, parts: ServiceParts) -> Response:
    """Show the invitation; changes nothing."""
    return await _page(request, token, parts)


@router.post("/r/{token}")
async def answer_invitation(request: Request, token: str, parts: ServiceParts) -> Response:
    """Take the answer, then show the page again."""
    token_hash = token_hash_in(token)
    form = await proven_form(request, token_hash)
    choice = _choice_in(text_in(form, "choice"))
    reason = text_in(form, "reason") or None
    if reason is not None and reason not in DECLINE_REASONS:
        raise unclear_answer()
    try:
        async with unit_of_work(parts.sessions) as session:
            await replying.reply_by_link(session, token_hash, choice, reason, now=parts.clock(), new_id=parts.new_id)
    except UnknownInvitation:
        raise unknown_link() from None
    except (TooLate, NoLongerPlanned) as refusal:
        return await _page(request, token, parts, refusal=type(refusal).__name__, status=409)
    return back_to(request, f"/r/{token}")


@router.get("/r/{token}/stop", response_class=HTMLResponse)
async def show_stop(request: Request, token: str, parts: ServiceParts) -> Response:
    """Ask whether messages shall stop, or begin again; changes nothing."""
    token_hash = token_hash_in(token)
    opened = await _open(token_hash, parts)
    return pages_of(request).page(
        request,
        "stop.html",
        language=chosen_language(request, opened.language),
        is_silent=opened.is_silent,
        home=f"/r/{token}",
        proof=proof_for(request, token_hash),
    )


@router.post("/r/{token}/stop")
async def stop_messages(request: Request, token: str, parts: ServiceParts) -> Response:
    """Stop messages, or begin again; a mail program's one click (RFC 8058) needs no form."""
    token_hash = token_hash_in(token)
    form = await request.form(max_files=0, max_fields=20)
    is_one_click = text_in(form, "List-Unsubscribe") == "One-Click"
    if not is_one_click:
        check_proof(request, form, token_hash)
    opened = await _open(token_hash, parts)
    resumes = not is_one_click and text_in(form, "action") == "resume"
    await _silence(opened.invitation.participant_id, parts, resumes=resumes)
    return back_to(request, f"/r/{token}/stop")


def _choice_in(text: str) -> Choice:
    try:
        return Choice(text)
    except ValueError:
        raise unclear_answer() from None


async def _silence(participant_id: UUID, parts: Parts, *, resumes: bool) -> None:
    act = replying.resume_messages if resumes else replying.stop_messages
    async with unit_of_work(parts.sessions) as session:
        await act(session, participant_id, now=parts.clock(), new_id=parts.new_id, rules=parts.rules)


async def _open(token_hash: bytes, parts: Parts) -> OpenInvitation:
    try:
        async with unit_of_work(parts.sessions) as session:
            return await replying.open_invitation(session, token_hash)
    except UnknownInvitation:
        raise unknown_link() from None


async def _page(
    request: Request, token: str, parts: Parts, *, refusal: str | None = None, status: int = 200
) -> HTMLResponse:
    token_hash = token_hash_in(token)
    opened = await _open(token_hash, parts)
    entries = await _names(opened, parts)
    language = chosen_language(request, opened.language)
    state = _state_of(opened, is_late=parts.clock() >= opened.invitation.deadline)
    return pages_of(request).page(
        request,
        "reply.html",
        status=410 if status == 200 and state in ("expired", "cancelled") else status,
        language=language,
        state=state,
        refusal=refusal,
        invitation=opened.invitation,
        occasion=occasion_of(opened.meetup, opened.meetings, entries),
        appointments=appointments_of(opened.meetup, opened.meetings, opened.occupations, entries, language),
        reasons=DECLINE_REASONS,
        proof=proof_for(request, token_hash),
        home=f"/r/{token}",
    )


async def _names(opened: OpenInvitation, parts: Parts) -> Entries:
    """What registration adds; the page also works while it is silent."""
    try:
        return await parts.directory.look_up(
            employers={meeting.employer_id for meeting in opened.meetings},
            needs={meeting.need_id for meeting in opened.meetings},
            meetups=[opened.meetup.id],
            agencies=[opened.meetup.agency_id],
        )
    except DirectoryUnavailable:
        return Entries()


def _state_of(opened: OpenInvitation, *, is_late: bool) -> str:
    """What the page is about: one word for its template."""
    invitation = opened.invitation
    if opened.meetup.is_cancelled:
        return "cancelled"
    if invitation.is_removed_after_acceptance:
        return "changing"
    if not invitation.is_in_force:
        return "declined" if invitation.reply is Reply.DECLINED else "gone"
    if invitation.reply is not Reply.NONE:
        closed = is_late and invitation.reply is not Reply.EXPIRED
        return f"{invitation.reply}-closed" if closed else invitation.reply.value
    return "expired" if is_late else "open"
