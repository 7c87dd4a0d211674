"""Stopping messages behind a link, for participants and employers alike: no login, one click from a mail program."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import HTMLResponse, Response

from services.notification.adapters.directory import Directory, DirectoryUnavailable
from services.notification.domain.rules import Rules
from services.notification.edge import AskedDirectory, LinkMoment, OurSettings
from services.notification.pages.linked import (
    GUESSES_COUNTED,
    back_to,
    check_proof,
    chosen_language,
    proof_for,
    text_in,
    token_hash_in,
)
from services.notification.settings import Settings
from services.notification.use_cases import replying, shortlisting
from shared.language import Language
from shared.moment import Moment
from shared.web import pages_of
from shared.web.edge import Transaction

router = APIRouter(include_in_schema=False, dependencies=[GUESSES_COUNTED])


@dataclass(frozen=True, slots=True)
class _Behind:
    """Who stands behind a link, and whether they stopped messages."""

    is_silent: bool
    language: str | None


@router.get("/r/{token}/stop", response_class=HTMLResponse)
async def show_stop_to_participant(
    request: Request, token: str, session: Transaction, moment: LinkMoment, names: AskedDirectory, settings: OurSettings
) -> Response:
    """Ask a participant whether messages shall stop, or begin again; changes nothing."""
    opened = await replying.open_invitation(session, token_hash_in(token), now=moment.now, rules=settings.rules)
    language = await _language_of(opened.invitation.participant_id, names)
    return _page(request, f"/r/{token}", token, _Behind(opened.is_silent, language))


@router.get("/e/{token}/stop", response_class=HTMLResponse)
async def show_stop_to_employer(
    request: Request, token: str, session: Transaction, moment: LinkMoment, settings: OurSettings
) -> Response:
    """Ask an employer whether messages shall stop, or begin again; changes nothing."""
    opened = await shortlisting.open_shortlist(session, token_hash_in(token), now=moment.now, rules=settings.rules)
    return _page(request, f"/e/{token}", token, _Behind(opened.is_silent, "fr"))


@router.post("/r/{token}/stop")
async def stop_for_participant(
    request: Request, token: str, session: Transaction, moment: LinkMoment, settings: OurSettings
) -> Response:
    """Stop a participant's messages, or begin again."""
    return await _stop(request, f"/r/{token}", token, session, moment, settings)


@router.post("/e/{token}/stop")
async def stop_for_employer(
    request: Request, token: str, session: Transaction, moment: LinkMoment, settings: OurSettings
) -> Response:
    """Stop an employer's messages, or begin again."""
    return await _stop(request, f"/e/{token}", token, session, moment, settings)


async def _language_of(participant_id: UUID, names: Directory) -> str | None:
    """In which language registration says that a participant is written to; the page also works while it is silent."""
    try:
        entries = await names.look_up(participants=[participant_id])
    except DirectoryUnavailable:
        return None
    entry = entries.participants.get(participant_id)
    return entry.language if entry else None


async def _stop(
    request: Request, home: str, token: str, session: AsyncSession, moment: Moment, settings: Settings
) -> Response:
    """Do as the form says; a mail program's one click (RFC 8058) needs no form, and follows no redirect."""
    token_hash = token_hash_in(token)
    form = await request.form(max_files=0, max_fields=20)
    is_one_click = text_in(form, "List-Unsubscribe") == "One-Click"
    if not is_one_click:
        check_proof(request, form, token_hash)
    resumes = not is_one_click and text_in(form, "action") == "resume"
    act = _follow_participant if home.startswith("/r/") else _follow_employer
    await act(session, token_hash, resumes, moment, settings.rules)
    return Response(status_code=200) if is_one_click else back_to(request, f"{home}/stop")


async def _follow_participant(
    session: AsyncSession, token_hash: bytes, resumes: bool, moment: Moment, rules: Rules
) -> None:
    opened = await replying.open_invitation(session, token_hash, now=moment.now, rules=rules)
    act = replying.resume_messages if resumes else replying.stop_messages
    await act(session, opened.invitation.participant_id, moment=moment, rules=rules)


async def _follow_employer(
    session: AsyncSession, token_hash: bytes, resumes: bool, moment: Moment, rules: Rules
) -> None:
    opened = await shortlisting.open_shortlist(session, token_hash, now=moment.now, rules=rules)
    act = shortlisting.resume_messages if resumes else shortlisting.stop_messages
    await act(session, opened.shortlist.employer_id, moment=moment, rules=rules)


def _page(request: Request, home: str, token: str, behind: _Behind) -> Response:
    language: Language = chosen_language(request, behind.language)
    return pages_of(request).page(
        request,
        "stop.html",
        language=language,
        is_silent=behind.is_silent,
        home=home,
        proof=proof_for(request, token_hash_in(token)),
    )
