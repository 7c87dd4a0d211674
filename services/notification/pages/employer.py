"""The employer's page: who comes when, what they showed and where, and an answer for each in two clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from services.notification.directory import DirectoryUnavailable, Entries
from services.notification.domain.replying import NOT_NOW_REASONS, Answer, EmployerChoice, TooLate
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
from services.notification.presenting import occasion_of, title_of
from services.notification.repository import told
from services.notification.use_cases import shortlisting
from services.notification.use_cases.shortlisting import Candidate, NotOnShortlist, OpenShortlist, UnknownShortlist
from shared.database import unit_of_work
from shared.web import Problem, pages_of

router = APIRouter(include_in_schema=False)


def answers_closed() -> Problem:
    """The problem of an answer after the last day."""
    return Problem(
        409,
        "answers-closed",
        "La date pour répondre est passée",
        "Votre réponse n’est pas enregistrée. Appelez l’agence qui organise la rencontre.",
        english=("The time to answer is over", "Your answer was not saved. Call the agency that runs the meetup."),
    )


def not_on_shortlist() -> Problem:
    """The problem of an answer about somebody who left the list."""
    return Problem(
        409,
        "not-on-shortlist",
        "Cette personne ne vient plus",
        "Votre réponse n’est pas enregistrée. Revenez à votre page : la liste a changé.",
        english=(
            "This person no longer comes",
            "Your answer was not saved. Go back to your page: the list has changed.",
        ),
    )


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A candidate as the employer reads it; without a name while registration is silent."""

    candidate: Candidate
    name: str
    account: str
    starts_at: datetime

    @property
    def anchor(self) -> str:
        """Where the candidate stands on the page."""
        return anchor_of(self.candidate.meeting.need_id, self.candidate.meeting.participant_id)


@dataclass(frozen=True, slots=True)
class ShownNeed:
    """A need with its candidates, in the order of the day."""

    title: str
    candidates: Sequence[ShownCandidate]


@router.get("/e/{token}", response_class=HTMLResponse)
async def show_shortlist(request: Request, token: str, parts: ServiceParts) -> Response:
    """Show the shortlist; changes nothing."""
    return await _page(request, token, parts, "shortlist.html")


@router.get("/e/{token}/day", response_class=HTMLResponse)
async def show_day_sheet(request: Request, token: str, parts: ServiceParts) -> Response:
    """The day on one sheet, to print."""
    return await _page(request, token, parts, "day_sheet.html")


@router.post("/e/{token}")
async def answer_shortlist(request: Request, token: str, parts: ServiceParts) -> Response:
    """Take the answer for one candidate, then show the page again."""
    token_hash = token_hash_in(token)
    form = await proven_form(request, token_hash)
    answer = _answer_in(form)
    try:
        async with unit_of_work(parts.sessions) as session:
            await shortlisting.answer_by_link(
                session, token_hash, answer, now=parts.clock(), new_id=parts.new_id, rules=parts.rules
            )
    except UnknownShortlist:
        raise unknown_link() from None
    except NotOnShortlist:
        raise not_on_shortlist() from None
    except TooLate:
        raise answers_closed() from None
    return back_to(request, f"/e/{token}", f"#{anchor_of(answer.need_id, answer.participant_id)}")


@router.get("/e/{token}/stop", response_class=HTMLResponse)
async def show_stop(request: Request, token: str, parts: ServiceParts) -> Response:
    """Ask whether messages shall stop, or begin again; changes nothing."""
    token_hash = token_hash_in(token)
    opened = await _open(token_hash, parts)
    return pages_of(request).page(
        request,
        "stop.html",
        language=chosen_language(request, "fr"),
        is_silent=opened.is_silent,
        home=f"/e/{token}",
        proof=proof_for(request, token_hash),
    )


@router.post("/e/{token}/stop")
async def stop_messages(request: Request, token: str, parts: ServiceParts) -> Response:
    """Stop messages, or begin again; a mail program's one click (RFC 8058) needs no form."""
    token_hash = token_hash_in(token)
    form = await request.form(max_files=0, max_fields=20)
    is_one_click = text_in(form, "List-Unsubscribe") == "One-Click"
    if not is_one_click:
        check_proof(request, form, token_hash)
    opened = await _open(token_hash, parts)
    async with unit_of_work(parts.sessions) as session:
        if not is_one_click and text_in(form, "action") == "resume":
            await told.delete_silence(session, opened.shortlist.employer_id)
        else:
            row = {"recipient_id": opened.shortlist.employer_id, "since": parts.clock()}
            await told.write_silence(session, row)
    return back_to(request, f"/e/{token}/stop")


def anchor_of(need_id: UUID, participant_id: UUID) -> str:
    """The place of a candidate on the page, by opaque ids."""
    return f"c-{need_id.hex[-8:]}-{participant_id.hex[-8:]}"


def _answer_in(form: FormData) -> Answer:
    reason = text_in(form, "reason") or "unsaid"
    try:
        choice = EmployerChoice(text_in(form, "choice"))
        answer = Answer(UUID(text_in(form, "need")), UUID(text_in(form, "participant")), choice, reason)
    except ValueError:
        raise unclear_answer() from None
    if reason not in NOT_NOW_REASONS:
        raise unclear_answer()
    return answer


async def _open(token_hash: bytes, parts: Parts) -> OpenShortlist:
    try:
        async with unit_of_work(parts.sessions) as session:
            return await shortlisting.open_shortlist(session, token_hash, rules=parts.rules)
    except UnknownShortlist:
        raise unknown_link() from None


async def _page(request: Request, token: str, parts: Parts, template: str) -> HTMLResponse:
    token_hash = token_hash_in(token)
    opened = await _open(token_hash, parts)
    entries = await _names(opened, parts)
    employer = entries.employers.get(opened.shortlist.employer_id) if entries else None
    language = chosen_language(request, employer.language if employer else "fr")
    known = entries or Entries()
    return pages_of(request).page(
        request,
        template,
        language=language,
        is_cancelled=opened.meetup.is_cancelled,
        names_missing=entries is None,
        employer=employer.name if employer else "",
        occasion=occasion_of(opened.meetup, [each.meeting for each in opened.candidates], known),
        needs=_needs(opened, known, language),
        answers_until=opened.answers_until,
        is_open=parts.clock() < opened.answers_until and not opened.meetup.is_cancelled,
        reasons=NOT_NOW_REASONS,
        proof=proof_for(request, token_hash),
        home=f"/e/{token}",
    )


async def _names(opened: OpenShortlist, parts: Parts) -> Entries | None:
    """What registration adds; `None` while it is silent."""
    try:
        return await parts.directory.look_up(
            participants={each.meeting.participant_id for each in opened.candidates},
            employers=[opened.shortlist.employer_id],
            needs={each.meeting.need_id for each in opened.candidates},
            meetups=[opened.meetup.id],
            agencies=[opened.meetup.agency_id],
        )
    except DirectoryUnavailable:
        return None


def _needs(opened: OpenShortlist, entries: Entries, language: str) -> list[ShownNeed]:
    by_need: dict[UUID, list[ShownCandidate]] = {}
    for each in opened.candidates:
        entry = entries.participants.get(each.meeting.participant_id)
        shown = ShownCandidate(
            each,
            entry.full_name if entry else "",
            each.meeting.for_employer.in_language(language),
            opened.meetup.hours_of(each.meeting).starts_at,
        )
        by_need.setdefault(each.meeting.need_id, []).append(shown)
    return [ShownNeed(title_of(need_id, {}, entries), shown) for need_id, shown in by_need.items()]
