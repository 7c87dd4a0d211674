"""Asking for a pairing: the request, what it pins and forbids, and the run that answers it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Meetup, Pair
from services.matching.repository import facts, pairings, runs
from services.matching.repository.runs import RematchRequest
from services.matching.use_cases.announcing import envelope
from services.matching.use_cases.refusals import ContradictoryRules, MeetupOver, NotOfThisMeetup, Unknown
from shared.contracts import vocabulary
from shared.contracts.rematches import RematchRequested
from shared.ids import NewId
from shared.travel import outbox


async def ask_for_pairing(
    session: AsyncSession,
    *,
    meetup_id: UUID,
    requested_by: UUID,
    reason: vocabulary.RematchReason,
    note: str | None,
    pins: Collection[Pair],
    forbids: Collection[Pair],
    now: datetime,
    new_id: NewId,
) -> UUID:
    """Ask for a proposal for a meetup; returns the request's id.

    The request travels through Kafka like one of any other system; the typed note stays here. Raises a `Refusal` for
    an unknown or past meetup, a pair that is not of it, or a pair both pinned and forbidden.
    """
    meetup = await meetup_to_come(session, meetup_id, now)
    await _check_rules(session, meetup, pins, forbids)
    request = RematchRequest(
        id=new_id(),
        meetup_id=meetup_id,
        requested_by=requested_by,
        reason=reason.value,
        note=note,
        pins=tuple(pins),
        forbids=tuple(forbids),
        requested_at=now,
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
    await outbox.add(session, envelope(event, now=now, new_id=new_id))
    return request.id


async def accept_request(session: AsyncSession, event: RematchRequested, *, now: datetime, new_id: NewId) -> None:
    """Let a run answer a request: the one that waits already, or a new one. A second delivery changes nothing.

    What it says of somebody erased is not kept.
    """
    erased = await facts.erased_among(session, {pair.participant_id for pair in (*event.pins, *event.forbids)})
    request = RematchRequest(
        id=event.request_id,
        meetup_id=event.meetup_id,
        requested_by=event.requested_by,
        reason=event.reason.value,
        note=None,
        pins=tuple(pair for pair in _domain_pairs(event.pins) if pair.participant_id not in erased),
        forbids=tuple(pair for pair in _domain_pairs(event.forbids) if pair.participant_id not in erased),
        requested_at=now,
    )
    await runs.add_request(session, request)
    known = await runs.find_request(session, request.id)
    if known is None or known.run_id is not None:
        return
    await pairings.save_rules(session, request.meetup_id, _rules(request), set_by=request.requested_by, set_at=now)
    run_id = await ensure_run(session, request.meetup_id, request.reason, now=now, new_id=new_id)
    await runs.assign_request(session, request.id, run_id)


async def ensure_run(session: AsyncSession, meetup_id: UUID, reason: str, *, now: datetime, new_id: NewId) -> UUID:
    """The run of this meetup that waits to be computed, queued now if there is none."""
    waiting = await runs.queued_run(session, meetup_id)
    if waiting:
        return waiting
    run_id = new_id()
    await runs.queue_run(session, run_id, meetup_id, reason, now)
    return run_id


async def meetup_to_come(session: AsyncSession, meetup_id: UUID, now: datetime) -> Meetup:
    """The meetup, if it can still be paired; raises `Unknown` or `MeetupOver`."""
    meetup = await facts.find_meetup(session, meetup_id)
    if meetup is None:
        raise Unknown("meetup", meetup_id)
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
    now: datetime,
) -> None:
    """Pin or forbid a pair for every later pairing of a meetup."""
    meetup = await meetup_to_come(session, meetup_id, now)
    await _check_rules(session, meetup, [pair], ())
    await pairings.save_rules(session, meetup_id, {pair: rule}, set_by=set_by, set_at=now)


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
