"""The participant's page: who, what, where, when; yes, no, or call me. No login, no JavaScript."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import HTMLResponse, Response

from services.notification.adapters.directory import Directory, DirectoryUnavailable
from services.notification.adapters.presenting import appointments_of, occasion_of
from services.notification.domain.inviting import Reply
from services.notification.domain.replying import DECLINE_REASONS, Choice, NoLongerPlanned, OtherDay, TooLate
from services.notification.edge import AskedDirectory, LinkMoment, OurSettings
from services.notification.pages.linked import (
    GUESSES_COUNTED,
    back_to,
    chosen_language,
    proof_for,
    proven_form,
    text_in,
    token_hash_in,
)
from services.notification.pages.problems import UNCLEAR_ANSWER
from services.notification.settings import Settings
from services.notification.use_cases import replying
from services.notification.use_cases.replying import OpenInvitation
from shared.directory import Entries
from shared.moment import Moment
from shared.web import pages_of
from shared.web.edge import Transaction

router = APIRouter(include_in_schema=False, dependencies=[GUESSES_COUNTED])


@router.get("/r/{token}", response_class=HTMLResponse)
async def show_invitation(
    request: Request, token: str, session: Transaction, moment: LinkMoment, names: AskedDirectory, settings: OurSettings
) -> Response:
    """Show the invitation; changes nothing."""
    return await _page(request, token, session, names, moment, settings)


@router.post("/r/{token}")
async def answer_invitation(
    request: Request, token: str, session: Transaction, moment: LinkMoment, names: AskedDirectory, settings: OurSettings
) -> Response:
    """Take the answer, then show the page again."""
    token_hash = token_hash_in(token)
    form = await proven_form(request, token_hash)
    choice, for_day = _choice_in(text_in(form, "choice")), _day_in(text_in(form, "day"))
    reason = text_in(form, "reason") or None
    if reason is not None and reason not in DECLINE_REASONS:
        raise UNCLEAR_ANSWER
    try:
        await replying.reply_by_link(session, token_hash, choice, reason, for_day=for_day, moment=moment)
    except (TooLate, NoLongerPlanned, OtherDay) as refusal:
        name = type(refusal).__name__
        return await _page(request, token, session, names, moment, settings, refusal=name, status=409)
    return back_to(request, f"/r/{token}")


def _choice_in(text: str) -> Choice:
    try:
        return Choice(text)
    except ValueError:
        raise UNCLEAR_ANSWER from None


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UNCLEAR_ANSWER from None


async def _page(
    request: Request,
    token: str,
    session: AsyncSession,
    names: Directory,
    moment: Moment,
    settings: Settings,
    *,
    refusal: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    token_hash = token_hash_in(token)
    opened = await replying.open_invitation(session, token_hash, now=moment.now, rules=settings.rules)
    entries = await _names(opened, names)
    reader = entries.participants.get(opened.invitation.participant_id)
    language = chosen_language(request, reader.language if reader else None)
    state = _state_of(opened, is_late=moment.now >= opened.invitation.deadline)
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
        yes_for=_earlier_yes(opened),
        reasons=DECLINE_REASONS,
        proof=proof_for(request, token_hash),
        home=f"/r/{token}",
    )


async def _names(opened: OpenInvitation, names: Directory) -> Entries:
    """What registration adds; the page also works while it is silent."""
    try:
        return await names.look_up(
            participants=[opened.invitation.participant_id],
            employers={meeting.employer_id for meeting in opened.meetings},
            needs={meeting.need_id for meeting in opened.meetings},
            meetups=[opened.meetup.id],
            agencies=[opened.meetup.agency_id],
        )
    except DirectoryUnavailable:
        return Entries()


def _earlier_yes(opened: OpenInvitation) -> date | None:
    """The other day for which somebody said yes who is asked again."""
    invitation = opened.invitation
    is_asked_again = invitation.reply is Reply.NONE and invitation.accepted_day not in (None, invitation.day)
    return invitation.accepted_day if is_asked_again else None


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
