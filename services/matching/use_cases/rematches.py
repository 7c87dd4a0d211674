"""Asking for a pairing: the request, what it pins and forbids, and the run that answers it."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Meetup, Pair, Policy
from services.matching.repository import facts, pairings, runs
from services.matching.repository.runs import RematchRequest
from services.matching.use_cases.following import follow, hold
from services.matching.use_cases.queueing import ensure_run
from services.matching.use_cases.refusals import ContradictoryRules, MeetupOver, NotOfThisMeetup
from services.matching.use_cases.telling import tell
from shared.contracts import vocabulary
from shared.contracts.rematches import RematchRequested
from shared.moment import Moment
from shared.refusals import Unknown


async def ask_for_pairing(
    session: AsyncSession,
    *,
    meetup_id: UUID,
    requested_by: UUID,
    reason: vocabulary.RematchReason,
    note: str | None,
    pins: Collection[Pair],
    forbids: Collection[Pair],
    moment: Moment,
) -> UUID:
    """Ask for a proposal for a meetup; returns the request's id.

    The request travels through Kafka like one of any other system; the typed note stays here. Raises a `Refusal` for
    an unknown or past meetup, a pair that is not of it, or a pair both pinned and forbidden.
    """
    meetup = await meetup_to_come(session, meetup_id, moment.now)
    await _check_rules(session, meetup, pins, forbids)
    request = RematchRequest(
        id=moment.new_id(),
        meetup_id=meetup_id,
        requested_by=requested_by,
        reason=reason.value,
        note=note,
        pins=tuple(pins),
        forbids=tuple(forbids),
        requested_at=moment.now,
    )
    await runs.add_request(session, request)
    event = RematchRequested(
        meetup_id=meetup_id,
        request_id=request.id,
        requested_by=requested_by,
        reason=reason,
        pins=_contract_pairs(pins),
        forbids=_contract_pairs(forbids),
    )
    await tell(session, event, moment=moment)
    return request.id


async def accept_requests(
    session: AsyncSession, events: Sequence[RematchRequested], moment: Moment, policy: Policy
) -> None:
    """Let runs answer requests: the one of the meetup that waits already, or a new one.

    What a request forbids leaves what is in force alone until its proposal is approved, but fills no seat meanwhile;
    what it says of somebody erased is not kept. A second delivery changes nothing.
    """
    named = {pair.participant_id for event in events for pair in (*event.pins, *event.forbids)}
    erased = await facts.erased_among(session, named)
    await hold(session, {event.meetup_id for event in events})
    for event in events:
        await _accept_request(session, _told_request(event, erased, moment), moment, policy)


def _told_request(event: RematchRequested, erased: Container[UUID], moment: Moment) -> RematchRequest:
    return RematchRequest(
        id=event.request_id,
        meetup_id=event.meetup_id,
        requested_by=event.requested_by,
        reason=event.reason.value,
        note=None,
        pins=tuple(pair for pair in _domain_pairs(event.pins) if pair.participant_id not in erased),
        forbids=tuple(pair for pair in _domain_pairs(event.forbids) if pair.participant_id not in erased),
        requested_at=moment.now,
    )


async def _accept_request(session: AsyncSession, request: RematchRequest, moment: Moment, policy: Policy) -> None:
    await runs.add_request(session, request)
    known = await runs.find_request(session, request.id)
    if known is None or known.run_id is not None:
        return
    rules = _rules(request)
    await pairings.save_rules(session, request.meetup_id, rules, set_by=request.requested_by, set_at=moment.now)
    if rules:
        await follow(session, [request.meetup_id], moment, policy)
    run_id = await ensure_run(session, request.meetup_id, request.reason, moment)
    await runs.assign_request(session, request.id, run_id)


async def meetup_to_come(session: AsyncSession, meetup_id: UUID, now: datetime) -> Meetup:
    """The meetup, if it can still be paired; raises `Unknown` or `MeetupOver`."""
    meetup = await facts.find_meetup(session, meetup_id)
    if meetup is None:
        raise Unknown("meetup")
    if meetup.is_cancelled or meetup.starts_at <= now:
        raise MeetupOver(meetup_id, meetup.is_cancelled)
    return meetup


async def set_rule(
    session: AsyncSession,
    meetup_id: UUID,
    pair: Pair,
    rule: Literal["pin", "forbid"],
    *,
    set_by: UUID,
    moment: Moment,
    policy: Policy,
) -> None:
    """Pin a pair for every later pairing of a meetup, or forbid it now and for every later one."""
    await hold(session, [meetup_id])
    meetup = await meetup_to_come(session, meetup_id, moment.now)
    await _check_rules(session, meetup, [pair], ())
    await pairings.save_rules(session, meetup_id, {pair: rule}, set_by=set_by, set_at=moment.now, at_once=True)
    await follow(session, [meetup_id], moment, policy)


async def _check_rules(
    session: AsyncSession, meetup: Meetup, pins: Collection[Pair], forbids: Collection[Pair]
) -> None:
    if both := set(pins) & set(forbids):
        raise ContradictoryRules(tuple(sorted(both, key=str)))
    enrolled = {enrolment.participant_id for enrolment in await facts.enrolments_of(session, meetup.id)}
    invited = {need.need_id for need in meetup.needs}
    strangers = [
        pair for pair in (*pins, *forbids) if pair.participant_id not in enrolled or pair.need_id not in invited
    ]
    if strangers:
        raise NotOfThisMeetup(tuple(strangers))


def _rules(request: RematchRequest) -> dict[Pair, Literal["pin", "forbid"]]:
    """What a request says of pairs. One that another system both pins and forbids is forbidden: the careful reading."""
    pinned: dict[Pair, Literal["pin", "forbid"]] = dict.fromkeys(request.pins, "pin")
    return pinned | dict.fromkeys(request.forbids, "forbid")


def _contract_pairs(pairs: Collection[Pair]) -> tuple[vocabulary.Pair, ...]:
    return tuple(vocabulary.Pair(participant_id=pair.participant_id, need_id=pair.need_id) for pair in pairs)


def _domain_pairs(pairs: Collection[vocabulary.Pair]) -> tuple[Pair, ...]:
    return tuple(Pair(pair.participant_id, pair.need_id) for pair in pairs)
