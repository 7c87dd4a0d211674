"""A meetup's pairings follow what is true now: the one function to call whenever something may have changed.

What is in force is left alone, revised from the approved reserve, or withdrawn; a proposal that waits is left alone, or
superseded and computed again. Called twice it changes nothing the second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.following.judging import Why, judge, outdated
from services.matching.domain.pairing import Difference, Pairing
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Meetup, Policy
from services.matching.repository import facts, pairings
from services.matching.repository.pairings import Outlined, StoredPairing
from services.matching.use_cases import announcing, telling
from services.matching.use_cases.queueing import ensure_run
from services.matching.use_cases.truth import true_now
from shared.contracts.employers import NeedClosed, NeedState
from shared.contracts.envelope import Event
from shared.moment import Moment


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force at a meetup and what waits, and why the latter has to be computed again (None: it need not)."""

    in_force: Outlined | None
    waiting: Outlined | None
    again: Why | None = None


async def follow(session: AsyncSession, meetup_ids: Collection[UUID], moment: Moment, policy: Policy) -> None:
    """Let the pairings of these meetups follow what is true now; those of the same people elsewhere, too."""
    if not meetup_ids:
        return
    neighbours = await hold(session, meetup_ids)
    for meetup_id in (*sorted(set(meetup_ids)), *neighbours):
        await _follow(session, meetup_id, moment, policy)


async def meetups_of_participants(session: AsyncSession, events: Sequence[Event]) -> frozenset[UUID]:
    """The meetups where somebody takes part of whom these events tell."""
    people = {person for event in events if isinstance(person := getattr(event, "participant_id", None), UUID)}
    return await pairings.meetups_with(session, people)


async def meetups_of_needs(session: AsyncSession, events: Sequence[Event]) -> frozenset[UUID]:
    """The meetups that place a need of which these events tell."""
    needs = {event.need_id for event in events if isinstance(event, NeedState | NeedClosed)}
    return await pairings.meetups_placing(session, needs)


def meetups_named(events: Sequence[Event]) -> frozenset[UUID]:
    """The meetups that these events name."""
    return frozenset(found for event in events if isinstance(found := getattr(event, "meetup_id", None), UUID))


async def hold(session: AsyncSession, meetup_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Let nobody else change the pairings of these meetups, nor of the others that share people; returns the others."""
    neighbours = await pairings.meetups_sharing_people(session, meetup_ids)
    await pairings.hold_meetups(session, {*meetup_ids, *neighbours})
    return tuple(sorted(neighbours))


async def _follow(session: AsyncSession, meetup_id: UUID, moment: Moment, policy: Policy) -> None:
    standing = Standing(*await pairings.outlined(session, meetup_id))
    if standing.in_force is None and standing.waiting is None:
        return
    meetup = await facts.find_meetup(session, meetup_id)
    if meetup is None or not await _is_told_of(session, meetup_id, standing):
        return
    if is_over(meetup, moment):
        await _end(session, meetup, standing, moment)
        return
    rules = await _rules_now(session, meetup_id, standing, policy)
    followed = await _follow_in_force(session, standing, rules, moment)
    if followed.waiting is None:
        return
    if followed.in_force is not standing.in_force:
        rules = await _rules_now(session, meetup_id, followed, policy)
    if why := _why_again(rules, followed, followed.waiting):
        await pairings.supersede_proposal(session, meetup_id, moment.now)
        await ensure_run(session, meetup_id, why, moment)


async def _is_told_of(session: AsyncSession, meetup_id: UUID, standing: Standing) -> bool:
    """Whether everybody and everything is known that the pairings count on.

    What was never told, or is being told anew, is no reason to decide: it comes, and is followed then.
    """
    pairs = {
        pair
        for one in (standing.in_force, standing.waiting)
        if one is not None
        for pair in (*(meeting.pair for meeting in one.outline.meetings), *one.outline.reserve)
    }
    people, needs = {pair.participant_id for pair in pairs}, {pair.need_id for pair in pairs}
    return await facts.are_told(session, meetup_id, people, needs)


def is_over(meetup: Meetup, moment: Moment) -> bool:
    """Whether a meetup is cancelled or has begun: nothing is paired any more."""
    return meetup.is_cancelled or meetup.starts_at <= moment.now


async def _end(session: AsyncSession, meetup: Meetup, standing: Standing, moment: Moment) -> None:
    """Nothing waits any more; what was in force at a meetup that began stays what it was."""
    await pairings.supersede_proposal(session, meetup.id, moment.now)
    if standing.in_force and meetup.is_cancelled:
        await _withdraw(session, standing.in_force, moment)


async def _withdraw(session: AsyncSession, in_force: Outlined, moment: Moment) -> None:
    revision = await pairings.next_revision(session, in_force.meetup_id)
    await pairings.decide(session, in_force.id, "withdrawn", decided_at=moment.now, revision=revision)
    event = announcing.withdrawn(in_force.meetup_id, in_force.id, revision)
    await telling.tell(session, event, moment=moment)


async def _rules_now(session: AsyncSession, meetup_id: UUID, standing: Standing, policy: Policy) -> MeetupRules:
    outline = standing.in_force.outline if standing.in_force else None
    return MeetupRules(await true_now(session, meetup_id, outline, policy))


async def _follow_in_force(session: AsyncSession, standing: Standing, rules: MeetupRules, moment: Moment) -> Standing:
    if standing.in_force is None or judge(rules, standing.in_force.outline, of_in_force=True).holds:
        return standing
    before = await pairings.in_force(session, standing.in_force.meetup_id)
    if before is None:
        return standing
    mended = await asyncio.to_thread(_mended, rules, before.pairing)
    if mended.difference.is_empty:
        return standing
    why = _first_cause(mended.difference)
    if not mended.meetings:
        await _withdraw(session, standing.in_force, moment)
        return replace(standing, in_force=None, again=why)
    revised = await _revise(session, before, mended, moment)
    await pairings.keep_tables(session, before.meetup_id, rules.seating)
    return replace(standing, in_force=revised, again=why)


def _mended(rules: MeetupRules, pairing: Pairing) -> Pairing:
    """The pairing as it can hold now; for a thread, since it may last."""
    # Only here: it brings the solvers with it, which take as long to load as the event loop may be silent.
    from services.matching.domain.following.mending import mend  # noqa: PLC0415

    return mend(rules, pairing)


async def _revise(session: AsyncSession, before: StoredPairing, mended: Pairing, moment: Moment) -> Outlined:
    revised = StoredPairing(
        id=moment.new_id(),
        meetup_id=before.meetup_id,
        run_id=before.run_id,
        revision=await pairings.next_revision(session, before.meetup_id),
        status="in-force",
        based_on=before.id,
        pairing=mended,
        created_at=moment.now,
        # The reserve was approved with the pairing, so whoever approved that answers for this one too.
        decided_by=before.decided_by,
        decided_at=moment.now,
    )
    await pairings.decide(session, before.id, "replaced", decided_by=before.decided_by, decided_at=moment.now)
    await pairings.add(session, revised)
    await pairings.count_exposure(session, {one.participant_id for one in mended.difference.added})
    await announcing.announce(session, revised, announcing.revised, moment=moment)
    return Outlined(revised.id, revised.meetup_id, revised.based_on, mended.outline)


def _why_again(rules: MeetupRules, standing: Standing, waiting: Outlined) -> Why | None:
    """Why a proposal has to be computed again; None when it can still be approved."""
    if broken := outdated(rules, waiting.outline):
        return broken[0].cause
    if waiting.based_on != (standing.in_force.id if standing.in_force else None):
        return standing.again or "follows"
    return None


def _first_cause(difference: Difference) -> Why:
    changes = (*difference.removed, *difference.moved)
    return changes[0].cause if changes else "follows"
