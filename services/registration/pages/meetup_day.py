"""The day of a meetup and what came of it: who is there, at which table next, and the outcome of each meeting."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.desk import pairings
from services.registration.desk.asking import Away, DeskOfRequest
from services.registration.desk.meetups import needs_at, people_at
from services.registration.desk.plans import EveningPlan, plan_of
from services.registration.domain.meetups import Meetup
from services.registration.pages.outcome_words import OUTCOMES
from services.registration.pages.sending import SentByPage
from services.registration.repository.meetups import outcomes_of
from services.registration.use_cases.meetups import meetup_named
from services.registration.use_cases.meetups import record_attendance as note_attendance
from services.registration.use_cases.outcomes import SaidOutcome, record_outcomes
from services.registration.use_cases.saving import unless_refused
from shared.rights import Scope
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, Transaction

router = APIRouter(prefix="/meetups/{meetup_id}", include_in_schema=False)

_Reading = Annotated[Scope, May("read enrolments")]
_Writing = Annotated[Scope, May("write enrolments")]


@router.get("/day")
async def show_day(
    request: Request, meetup_id: UUID, scope: _Reading, session: Transaction, desk: DeskOfRequest
) -> Response:
    """Everybody enrolled, whether they are there, and when and where they meet whom."""
    meetup = await meetup_named(session, scope, meetup_id, lock=False)
    people = await people_at(session, meetup)
    plan, is_away = await _plan_in_force(session, desk, meetup, people.names)
    return pages_of(request).page(
        request, "meetup_day.html", meetup=meetup, people=people, plan=plan, is_matching_away=is_away
    )


@router.post("/day/{participant_id}")
async def note_presence(
    meetup_id: UUID,
    participant_id: UUID,
    sent: SentByPage,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Note that somebody is there, or did not come."""
    present = sent.form.get("present") == "yes"
    await note_attendance(session, scope, meetup_id, participant_id, present=present, moment=moment)
    return RedirectResponse(f"/meetups/{meetup_id}/day#p-{participant_id}", 303)


@router.get("/outcomes")
async def show_outcomes(
    request: Request,
    meetup_id: UUID,
    scope: _Reading,
    session: Transaction,
    desk: DeskOfRequest,
    done: Literal["saved"] | None = None,
) -> Response:
    """What came of each meeting, as far as it is known."""
    meetup = await meetup_named(session, scope, meetup_id, lock=False)
    people = await people_at(session, meetup)
    plan, is_away = await _plan_in_force(session, desk, meetup, people.names)
    known = {(each.participant_id, each.need_id): each.outcome for each in await outcomes_of(session, [meetup_id])}
    return pages_of(request).page(
        request,
        "meetup_outcomes.html",
        meetup=meetup,
        plan=plan,
        is_matching_away=is_away,
        known=known,
        outcomes=OUTCOMES,
        done=done,
    )


@router.post("/outcomes")
async def note_outcomes(
    meetup_id: UUID, sent: SentByPage, scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Note every outcome that was chosen; what is left open stays as it is."""
    meetup = await meetup_named(session, scope, meetup_id)
    said = [(meetup, each) for each in _said(sent)]
    for answer in await record_outcomes(session, said, moment) if said else []:
        unless_refused(answer)
    return RedirectResponse(f"/meetups/{meetup_id}/outcomes?done=saved", 303)


def _said(sent: SentByPage) -> list[SaidOutcome]:
    """What was chosen, meeting by meeting; a field that is none of the page's says nothing."""
    found = []
    for name, value in sent.form.multi_items():
        ids = name.removeprefix("outcome ").split()
        kind = next((kind for kind in OUTCOMES if kind == value), None)
        if name.startswith("outcome ") and len(ids) == 2 and kind is not None:
            try:
                found.append(SaidOutcome(UUID(ids[0]), UUID(ids[1]), kind))
            except ValueError:
                continue
    return found


async def _plan_in_force(
    session: Transaction, desk: DeskOfRequest, meetup: Meetup, names: Any
) -> tuple[EveningPlan | None, bool]:
    """The plan in force, and whether nobody can tell it now."""
    try:
        standing = await pairings.standing_of(desk, meetup.id)
        in_force = standing.in_force if standing else None
        pairing = await pairings.pairing_named(desk, in_force) if in_force else None
    except Away:
        return None, True
    return (plan_of(meetup, pairing, names, await needs_at(session, meetup)) if pairing else None), False
