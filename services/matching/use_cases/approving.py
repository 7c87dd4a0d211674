"""An adviser decides: approve, change and approve, or reject. Two at once cannot both win."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain import proposing
from services.matching.domain.pairing import Pairing
from services.matching.domain.situation import Pair
from services.matching.repository import facts, pairings
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases import announcing
from services.matching.use_cases.gathering import scheduled
from services.matching.use_cases.refusals import EditImpossible, NotWaiting, Unknown
from services.matching.use_cases.rematches import meetup_to_come
from shared.ids import NewId


@dataclass(frozen=True, slots=True)
class Edits:
    """What an adviser changes in a proposal before approving it."""

    remove: Sequence[Pair] = ()
    add: Sequence[Pair] = ()


async def approve(
    session: AsyncSession,
    pairing_id: UUID,
    *,
    approved_by: UUID,
    edits: Edits,
    now: datetime,
    new_id: NewId,
) -> StoredPairing:
    """Put a proposal in force, with an adviser's edits; invitations may go out after that.

    Raises `Unknown`, `MeetupOver`, `NotWaiting` when somebody was faster or a newer proposal came, and
    `EditImpossible`.
    """
    waiting = await _waiting(session, pairing_id)
    meetup = await meetup_to_come(session, waiting.meetup_id, now)
    before = await pairings.in_force(session, meetup.id)
    pairing = waiting.pairing
    if edits.remove or edits.add:
        try:
            pairing = proposing.edit(
                pairing,
                remove=edits.remove,
                add=edits.add,
                meetup=meetup,
                enrolments=await facts.enrolments_of(session, meetup.id),
                needs=await facts.find_needs(session, {need.need_id for need in meetup.needs}),
                current=scheduled(before),
            )
        except proposing.ImpossibleEdit as impossible:
            raise EditImpossible(impossible.pair, impossible.rule) from None
    if before:
        await pairings.decide(session, before.id, "replaced", decided_by=approved_by, decided_at=now)
    approved = replace(
        waiting,
        status="in-force",
        pairing=pairing,
        revision=await pairings.next_revision(session, meetup.id),
        decided_by=approved_by,
        decided_at=now,
    )
    await pairings.put_in_force(session, approved)
    await pairings.count_exposure(session, _newcomers(pairing, before.pairing if before else None))
    event_of = announcing.revised if before else announcing.approved
    await announcing.announce(session, approved, event_of, approved_by, now=now, new_id=new_id)
    return approved


async def reject(
    session: AsyncSession, pairing_id: UUID, *, rejected_by: UUID, note: str | None, now: datetime
) -> None:
    """Discard a proposal; what was in force stays. Raises `Unknown` or `NotWaiting`."""
    waiting = await _waiting(session, pairing_id)
    await pairings.decide(session, waiting.id, "rejected", decided_by=rejected_by, decided_at=now, note=note)


async def _waiting(session: AsyncSession, pairing_id: UUID) -> StoredPairing:
    found = await pairings.find(session, pairing_id)
    if found is None:
        raise Unknown("pairing", pairing_id)
    await pairings.hold_meetup(session, found.meetup_id)
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
