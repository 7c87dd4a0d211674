"""An adviser decides: approve, change and approve, or reject. Two at once cannot both win."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain import proposing
from services.matching.domain.following.judging import outdated
from services.matching.domain.pairing import Pairing
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Pair, Policy
from services.matching.repository import pairings
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases import announcing
from services.matching.use_cases.following import follow, hold
from services.matching.use_cases.refusals import EditImpossible, NotWaiting, ProposalOutdated
from services.matching.use_cases.rematches import meetup_to_come
from services.matching.use_cases.truth import true_now
from shared.moment import Moment
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True)
class Edits:
    """What an adviser changes in a proposal before approving it."""

    remove: Sequence[Pair] = ()
    add: Sequence[Pair] = ()


async def approve(
    session: AsyncSession, pairing_id: UUID, *, approved_by: UUID, edits: Edits, moment: Moment, policy: Policy
) -> StoredPairing:
    """Put a proposal in force, with an adviser's edits; invitations may go out after that.

    Raises `Unknown`, `MeetupOver`, `NotWaiting` when somebody was faster or a newer proposal came, `ProposalOutdated`
    when it no longer fits what is true (let the meetup follow then), and `EditImpossible`.
    """
    waiting = await _waiting(session, pairing_id)
    meetup = await meetup_to_come(session, waiting.meetup_id, moment.now)
    before = await pairings.in_force(session, meetup.id)
    rules = MeetupRules(await true_now(session, meetup.id, before.pairing.outline if before else None, policy))
    _check_is_true(waiting, before, rules)
    pairing = waiting.pairing
    if edits.remove or edits.add:
        pairing = await asyncio.to_thread(_edited, rules, pairing, edits)
    if before:
        await pairings.decide(session, before.id, "replaced", decided_by=approved_by, decided_at=moment.now)
    approved = replace(
        waiting,
        status="in-force",
        pairing=pairing,
        revision=await pairings.next_revision(session, meetup.id),
        decided_by=approved_by,
        decided_at=moment.now,
    )
    await pairings.put_in_force(session, approved)
    await pairings.keep_tables(session, meetup.id, rules.seating)
    await pairings.count_exposure(session, _newcomers(pairing, before.pairing if before else None))
    await announcing.announce(session, approved, announcing.revised if before else announcing.approved, moment=moment)
    # Whoever meets here is not free elsewhere at that hour.
    await follow(session, await pairings.meetups_sharing_people(session, [meetup.id]), moment, policy)
    return approved


def _edited(rules: MeetupRules, pairing: Pairing, edits: Edits) -> Pairing:
    """The pairing with an adviser's edits; for a thread: the first one loads the solvers. Raises `EditImpossible`."""
    try:
        return proposing.edit(rules, pairing, remove=edits.remove, add=edits.add)
    except proposing.ImpossibleEdit as impossible:
        raise EditImpossible(impossible.pair, impossible.rule) from None


def _check_is_true(waiting: StoredPairing, before: StoredPairing | None, rules: MeetupRules) -> None:
    broken = outdated(rules, waiting.pairing.outline)
    if broken or waiting.based_on != (before.id if before else None):
        raise ProposalOutdated(waiting.meetup_id, broken)


async def reject(
    session: AsyncSession, pairing_id: UUID, *, rejected_by: UUID, note: str | None, now: datetime
) -> None:
    """Discard a proposal; what was in force stays. Raises `Unknown` or `NotWaiting`."""
    waiting = await _waiting(session, pairing_id)
    await pairings.decide(session, waiting.id, "rejected", decided_by=rejected_by, decided_at=now, note=note)


async def _waiting(session: AsyncSession, pairing_id: UUID) -> StoredPairing:
    found = await pairings.find(session, pairing_id)
    if found is None:
        raise Unknown("pairing")
    await hold(session, [found.meetup_id])
    # Read again: somebody may have decided while this one waited for the meetup.
    held = await pairings.find(session, pairing_id)
    if held is None or held.status != "proposed":
        newer = await pairings.proposed(session, found.meetup_id)
        raise NotWaiting(held.status if held else "withdrawn", newer.id if newer else None)
    return held


def _newcomers(pairing: Pairing, before: Pairing | None) -> Collection[UUID]:
    """Who is shortlisted now and was not before."""
    known = {meeting.participant_id for meeting in before.meetings} if before else set()
    return {meeting.participant_id for meeting in pairing.meetings} - known
