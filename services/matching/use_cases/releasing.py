"""Somebody leaves a meetup, or a meetup is cancelled: the pairing in force follows at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.proposing.filling import release
from services.matching.domain.situation import GONE, Policy
from services.matching.repository import facts, pairings
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases import announcing
from services.matching.use_cases.rematches import ensure_run
from shared.ids import NewId
from shared.travel import outbox

Why = Literal["refusal", "withdrawal"]


async def follow_withdrawals(
    session: AsyncSession, participant_ids: Iterable[UUID], *, policy: Policy, now: datetime, new_id: NewId
) -> None:
    """Take those who no longer agree to be paired, or were erased, out of every pairing."""
    people = set(participant_ids)
    leaving = people - await facts.consenting(session, people)
    for meetup_id in await pairings.meetups_with(session, leaving):
        for participant_id in sorted(leaving):
            await release_participant(
                session, meetup_id, participant_id, "withdrawal", policy=policy, now=now, new_id=new_id
            )


async def follow_departure(
    session: AsyncSession,
    meetup_id: UUID,
    participant_id: UUID,
    *,
    policy: Policy,
    now: datetime,
    new_id: NewId,
) -> None:
    """Take somebody out of a meetup's pairing who declined, let the deadline pass, or is enrolled no longer.

    What holds now decides, not the event that told of it: somebody may have changed their mind since.
    """
    replies = await facts.replies_of(session, meetup_id)
    enrolled = {one.participant_id for one in await facts.enrolments_of(session, meetup_id)}
    why: Why | None = None
    if participant_id not in enrolled:
        why = "withdrawal"
    elif replies.get(participant_id) in GONE:
        why = "refusal"
    if why:
        await release_participant(session, meetup_id, participant_id, why, policy=policy, now=now, new_id=new_id)


async def release_participant(
    session: AsyncSession,
    meetup_id: UUID,
    participant_id: UUID,
    why: Why,
    *,
    policy: Policy,
    now: datetime,
    new_id: NewId,
) -> None:
    """Fill the meetings of somebody who leaves from the approved reserve, changing as little as possible.

    A proposal that still counts on them is superseded and computed again. Somebody who has no part changes nothing.
    """
    await pairings.hold_meetup(session, meetup_id)
    in_force = await pairings.in_force(session, meetup_id)
    if in_force and _counts_on(in_force, participant_id):
        await _revise(session, in_force, participant_id, why, policy=policy, now=now, new_id=new_id)
        waiting = await pairings.proposed(session, meetup_id)
    else:
        waiting = await pairings.proposed(session, meetup_id)
        waiting = waiting if waiting and _counts_on(waiting, participant_id) else None
    if waiting:
        await pairings.supersede_proposal(session, meetup_id, now)
        await ensure_run(session, meetup_id, why, now=now, new_id=new_id)


async def withdraw_pairing(session: AsyncSession, meetup_id: UUID, *, now: datetime, new_id: NewId) -> None:
    """The meetup is cancelled: no pairing holds any more."""
    await pairings.hold_meetup(session, meetup_id)
    await pairings.supersede_proposal(session, meetup_id, now)
    in_force = await pairings.in_force(session, meetup_id)
    if in_force is None:
        return
    revision = await pairings.next_revision(session, meetup_id)
    await pairings.decide(session, in_force.id, "withdrawn", decided_at=now, revision=revision)
    event = announcing.withdrawn(in_force, revision)
    await outbox.add(session, announcing.envelope(event, now=now, new_id=new_id))


async def _revise(
    session: AsyncSession,
    in_force: StoredPairing,
    participant_id: UUID,
    why: Why,
    *,
    policy: Policy,
    now: datetime,
    new_id: NewId,
) -> None:
    meetup = await facts.find_meetup(session, in_force.meetup_id)
    if meetup is None or in_force.decided_by is None:
        return
    enrolments = await facts.enrolments_of(session, meetup.id)
    people = {one.participant_id for one in enrolments}
    replies = await facts.replies_of(session, meetup.id)
    willing = await facts.consenting(session, people)
    revised = StoredPairing(
        id=new_id(),
        meetup_id=meetup.id,
        run_id=in_force.run_id,
        revision=await pairings.next_revision(session, meetup.id),
        status="in-force",
        based_on=in_force.id,
        pairing=release(
            in_force.pairing,
            participant_id,
            why,
            meetup=meetup,
            enrolments=enrolments,
            ruled_out={one for one in people if replies.get(one) in GONE or one not in willing},
            policy=policy,
        ),
        created_at=now,
        # The reserve was approved with the pairing, so whoever approved that answers for this one too.
        decided_by=in_force.decided_by,
        decided_at=now,
    )
    await pairings.decide(session, in_force.id, "replaced", decided_by=in_force.decided_by, decided_at=now)
    await pairings.add(session, revised)
    await pairings.count_exposure(session, {one.participant_id for one in revised.pairing.difference.added})
    await announcing.announce(session, revised, announcing.revised, in_force.decided_by, now=now, new_id=new_id)


def _counts_on(stored: StoredPairing, participant_id: UUID) -> bool:
    pairing = stored.pairing
    counted = {one.participant_id for one in pairing.meetings} | {one.participant_id for one in pairing.reserve}
    return participant_id in counted
