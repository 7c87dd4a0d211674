"""The pairing of a meetup: asked for, looked at with its reasons, changed, approved or discarded by an adviser."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.desk import pairings
from services.registration.desk.asking import Away, DeskOfRequest, NotDone
from services.registration.desk.meetups import needs_at, people_at
from services.registration.desk.pairings import PairingSeen, PairNamed
from services.registration.desk.plans import plan_of, what_leaves
from services.registration.domain.meetups import Meetup
from services.registration.pages.pairing_words import CAUSES, OBSTACLES, REASONS
from services.registration.pages.sending import SentByPage
from services.registration.use_cases.meetups import meetup_named
from shared.contracts.vocabulary import RematchReason
from shared.rights import Scope, may
from shared.web import Problem, pages_of
from shared.web.edge import May, RequestPerson, Transaction

router = APIRouter(prefix="/meetups/{meetup_id}/pairing", include_in_schema=False)

_Reading = Annotated[Scope, May("read enrolments")]
_Deciding = Annotated[Scope, May("decide pairings")]
PairingDone = Literal["asked", "word", "approved", "discarded"]

MATCHING_AWAY = Problem(
    503,
    "matching-away",
    "Les propositions ne sont pas accessibles pour le moment",
    "Le service qui les calcule ne répond pas. Rien n’est perdu : revenez dans quelques minutes.",
    english=(
        "Proposals cannot be reached for the moment",
        "The service that works them out does not answer. Nothing is lost: come back in a few minutes.",
    ),
    headers={"retry-after": "30"},
)
UNKNOWN_PAIRING = Problem(
    404,
    "unknown-pairing",
    "Proposition introuvable",
    "Cette proposition n’existe pas, ou plus. Revenez à la rencontre.",
    english=("Unknown proposal", "There is no such proposal, or no longer. Go back to the meetup."),
)


@router.get("")
async def show(
    request: Request,
    meetup_id: UUID,
    person: RequestPerson,
    scope: _Reading,
    session: Transaction,
    desk: DeskOfRequest,
    done: PairingDone | None = None,
) -> Response:
    """The proposal that waits, else the plan in force: as a timetable, with every meeting's reasons."""
    meetup = await meetup_named(session, scope, meetup_id, lock=False)
    return await _page(request, session, desk, meetup, may_decide=may(person, "decide pairings"), done=done)


@router.post("/ask")
async def ask(
    request: Request, meetup_id: UUID, sent: SentByPage, scope: _Deciding, session: Transaction, desk: DeskOfRequest
) -> Response:
    """Ask for a proposal."""
    meetup = await meetup_named(session, scope, meetup_id, lock=False)
    reason = next((each for each in RematchReason if each == sent.form.get("reason")), RematchReason.FIRST_PAIRING)
    note = str(sent.form.get("note", "")).strip()[:1000] or None
    return await _decided(
        request, session, desk, meetup, "asked", pairings.ask_for_pairing(desk, meetup_id, reason, note)
    )


@router.post("/words/{participant_id}/{need_id}")
async def say(
    request: Request,
    meetup_id: UUID,
    participant_id: UUID,
    need_id: UUID,
    sent: SentByPage,
    scope: _Deciding,
    session: Transaction,
    desk: DeskOfRequest,
) -> Response:
    """Pin or forbid a pair, or take that back."""
    meetup = await meetup_named(session, scope, meetup_id, lock=False)
    rule = next((each for each in ("pin", "forbid") if each == sent.form.get("rule")), "")
    told = pairings.set_word(desk, meetup_id, (participant_id, need_id), rule)
    return await _decided(request, session, desk, meetup, "word", told)


@router.get("/{pairing_id}/approve")
async def preview(
    request: Request, meetup_id: UUID, pairing_id: UUID, scope: _Deciding, session: Transaction, desk: DeskOfRequest
) -> Response:
    """What approving sends to whom, before anything is sent; meetings may be left out, reserves put in."""
    meetup = await meetup_named(session, scope, meetup_id, lock=False)
    pairing = await _pairing(desk, pairing_id)
    people = await people_at(session, meetup)
    return pages_of(request).page(
        request,
        "pairing_approve.html",
        meetup=meetup,
        pairing=pairing,
        plan=plan_of(meetup, pairing, people.names, await needs_at(session, meetup)),
        leaves=await what_leaves(session, pairing),
        names=people.names,
    )


@router.post("/{pairing_id}/approve")
async def approve(
    request: Request,
    meetup_id: UUID,
    pairing_id: UUID,
    sent: SentByPage,
    scope: _Deciding,
    session: Transaction,
    desk: DeskOfRequest,
) -> Response:
    """Put the proposal in force, as ticked."""
    meetup = await meetup_named(session, scope, meetup_id, lock=False)
    pairing = await _pairing(desk, pairing_id)
    ticked = {str(each) for each in sent.form.getlist("meeting")}
    remove = [pair for pair in _pairs(pairing.meetings) if _tick(pair) not in ticked]
    add = [pair for pair in _pairs(pairing.reserve) if _tick(pair) in ticked]
    told = pairings.approve(desk, pairing_id, remove, add)
    return await _decided(request, session, desk, meetup, "approved", told)


@router.post("/{pairing_id}/discard")
async def discard(
    request: Request,
    meetup_id: UUID,
    pairing_id: UUID,
    sent: SentByPage,
    scope: _Deciding,
    session: Transaction,
    desk: DeskOfRequest,
) -> Response:
    """Discard the proposal; what is in force stays."""
    meetup = await meetup_named(session, scope, meetup_id, lock=False)
    note = str(sent.form.get("note", "")).strip()[:1000] or None
    return await _decided(request, session, desk, meetup, "discarded", pairings.discard(desk, pairing_id, note))


async def _decided(
    request: Request, session: Transaction, desk: DeskOfRequest, meetup: Meetup, done: PairingDone, told: Any
) -> Response:
    """Lead back to the plan once matching has done what it was told, or show there why it has not."""
    try:
        await told
    except Away:
        raise MATCHING_AWAY from None
    except NotDone as refused:
        return await _page(request, session, desk, meetup, may_decide=True, refused=refused.detail)
    return RedirectResponse(f"/meetups/{meetup.id}/pairing?done={done}", 303)


async def _page(
    request: Request,
    session: Transaction,
    desk: DeskOfRequest,
    meetup: Meetup,
    *,
    may_decide: bool,
    done: PairingDone | None = None,
    refused: str = "",
) -> Response:
    try:
        standing = await pairings.standing_of(desk, meetup.id)
        shown = (standing.waiting or standing.in_force) if standing else None
        pairing = await pairings.pairing_named(desk, shown) if shown else None
        words = await pairings.words_at(desk, meetup.id) if standing else {}
        run = await pairings.newest_run(desk, meetup.id) if standing else None
    except Away:
        raise MATCHING_AWAY from None
    people, needs = await people_at(session, meetup), await needs_at(session, meetup)
    return pages_of(request).page(
        request,
        "pairing.html",
        status=409 if refused else 200,
        meetup=meetup,
        standing=standing,
        pairing=pairing,
        plan=plan_of(meetup, pairing, people.names, needs) if pairing else None,
        people=people,
        words=words,
        run=run,
        causes=CAUSES,
        obstacles=OBSTACLES,
        reasons=[(reason.value, REASONS[reason]) for reason in REASONS],
        may_decide=may_decide,
        done=done,
        refused=refused,
    )


async def _pairing(desk: DeskOfRequest, pairing_id: UUID) -> PairingSeen:
    try:
        found = await pairings.pairing_named(desk, pairing_id)
    except Away:
        raise MATCHING_AWAY from None
    if found is None:
        raise UNKNOWN_PAIRING
    return found


def _pairs(placed: Any) -> list[PairNamed]:
    return [(each.participant_id, each.need_id) for each in placed]


def _tick(pair: PairNamed) -> str:
    return f"{pair[0]} {pair[1]}"
