"""The employer's page: who comes when, what they showed and where, and an answer for each in two clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from services.notification.adapters.directory import Directory, DirectoryUnavailable
from services.notification.adapters.presenting import occasion_of, title_of
from services.notification.domain.replying import NOT_NOW_REASONS, Answer, EmployerChoice
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
from services.notification.use_cases import shortlisting
from services.notification.use_cases.shortlisting import Candidate, OpenShortlist
from shared.auditing import note_looks
from shared.directory import Entries
from shared.moment import Moment
from shared.web import pages_of
from shared.web.edge import Transaction

router = APIRouter(include_in_schema=False, dependencies=[GUESSES_COUNTED])


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """Somebody whom the employer meets; without a name until they said yes, or while registration is silent."""

    candidate: Candidate
    name: str
    account: str
    starts_at: datetime

    @property
    def anchor(self) -> str:
        """Where they stand on the page."""
        return anchor_of(self.candidate.meeting.need_id, self.candidate.meeting.participant_id)


@dataclass(frozen=True, slots=True)
class ShownNeed:
    """A need with those who come for it."""

    title: str
    candidates: Sequence[ShownCandidate]


@router.get("/e/{token}", response_class=HTMLResponse)
async def show_shortlist(
    request: Request, token: str, session: Transaction, moment: LinkMoment, names: AskedDirectory, settings: OurSettings
) -> Response:
    """Show the shortlist; changes nothing."""
    return await _page(request, token, session, names, moment, settings, "shortlist.html")


@router.get("/e/{token}/day", response_class=HTMLResponse)
async def show_day_sheet(
    request: Request, token: str, session: Transaction, moment: LinkMoment, names: AskedDirectory, settings: OurSettings
) -> Response:
    """The day on a sheet to print; changes nothing."""
    return await _page(request, token, session, names, moment, settings, "day_sheet.html")


@router.post("/e/{token}")
async def answer_shortlist(
    request: Request, token: str, session: Transaction, moment: LinkMoment, settings: OurSettings
) -> Response:
    """Take an answer for one person, then show the page again."""
    token_hash = token_hash_in(token)
    answer = _answer_in(await proven_form(request, token_hash))
    await shortlisting.answer_by_link(session, token_hash, answer, moment=moment, rules=settings.rules)
    return back_to(request, f"/e/{token}", f"#{anchor_of(answer.need_id, answer.participant_id)}")


def anchor_of(need_id: UUID, participant_id: UUID) -> str:
    """The place of somebody on the page, by opaque ids."""
    return f"c-{need_id.hex[-8:]}-{participant_id.hex[-8:]}"


def _answer_in(form: FormData) -> Answer:
    reason = text_in(form, "reason") or "unsaid"
    try:
        choice = EmployerChoice(text_in(form, "choice"))
        answer = Answer(UUID(text_in(form, "need")), UUID(text_in(form, "participant")), choice, reason)
    except ValueError:
        raise UNCLEAR_ANSWER from None
    if reason not in NOT_NOW_REASONS:
        raise UNCLEAR_ANSWER
    return answer


async def _page(
    request: Request,
    token: str,
    session: AsyncSession,
    names: Directory,
    moment: Moment,
    settings: Settings,
    template: str,
) -> HTMLResponse:
    token_hash = token_hash_in(token)
    opened = await shortlisting.open_shortlist(session, token_hash, now=moment.now, rules=settings.rules)
    entries = await _names(opened, names)
    people = [each.meeting.participant_id for each in opened.candidates]
    await note_looks(session, "shortlists", people, opened.shortlist.id)
    employer = entries.employers.get(opened.shortlist.employer_id) if entries else None
    language = chosen_language(request, employer.language if employer else "fr")
    known = entries or Entries()
    return pages_of(request).page(
        request,
        template,
        language=language,
        is_cancelled=opened.meetup.is_cancelled,
        is_withdrawn=opened.is_withdrawn,
        names_missing=entries is None,
        employer=employer.name if employer else "",
        occasion=occasion_of(opened.meetup, [each.meeting for each in opened.candidates], known),
        needs=_needs(opened, known, language),
        time_to_answer=opened.time_to_answer,
        is_early=moment.now < opened.time_to_answer.starts_at,
        has_answered=any(each.answer for each in opened.candidates),
        is_open=opened.time_to_answer.holds(moment.now),
        reasons=NOT_NOW_REASONS,
        proof=proof_for(request, token_hash),
        home=f"/e/{token}",
    )


async def _names(opened: OpenShortlist, names: Directory) -> Entries | None:
    """What registration adds, names of those who said yes alone; `None` while it is silent."""
    try:
        return await names.look_up(
            participants={each.meeting.participant_id for each in opened.candidates if each.comes},
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
