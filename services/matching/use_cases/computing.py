"""Computing pairings: claim a run, gather, compute beside the event loop, record. A lost lease records nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.pairing import Pairing
from services.matching.domain.proposing import ImpossiblePairing
from services.matching.domain.situation import Policy
from services.matching.repository import components as stored_components
from services.matching.repository import facts, pairings, runs
from services.matching.repository.pairings import StoredPairing
from services.matching.repository.runs import Run, RunRecord
from services.matching.use_cases import announcing, erasing, replaying
from services.matching.use_cases.fitting import refit
from services.matching.use_cases.gathering import gather
from services.matching.use_cases.rematches import ensure_run
from shared.database import Sessions, unit_of_work
from shared.ids import NewId

LEASE = timedelta(minutes=5)
"""How long a run may stay silent before somebody else computes it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Computer:
    """What computing needs from its surroundings."""

    sessions: Sessions
    policy: Policy
    clock: Callable[[], datetime]
    new_id: NewId


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run computed of whom, its record, and the pairing in force that it builds on."""

    people: frozenset[UUID]
    pairing: Pairing
    record: RunRecord
    based_on: UUID | None


async def compute_next(computer: Computer) -> bool:
    """Compute the run that waits longest; False when none waits."""
    lease = computer.new_id()
    async with unit_of_work(computer.sessions) as session:
        run = await runs.claim(session, lease, LEASE)
    if run is None:
        return False
    if run.status == "running":
        await _settle(computer, run, lease)
    return True


async def _settle(computer: Computer, run: Run, lease: UUID) -> None:
    try:
        outcome = await _compute(computer, run, lease)
    except ImpossiblePairing as impossible:
        conflicts = list(impossible.conflicts)
        async with unit_of_work(computer.sessions) as session:
            if await runs.holds(session, run.id, lease):
                await runs.finish(session, run.id, "impossible", finished_at=computer.clock(), conflicts=conflicts)
        return
    async with unit_of_work(computer.sessions) as session:
        await _record(session, computer, run, lease, outcome)


async def _compute(computer: Computer, run: Run, lease: UUID) -> Outcome:
    await _ensure_components(computer, run.meetup_id)
    async with unit_of_work(computer.sessions) as session:
        situation, in_force = await gather(session, run, computer.policy)
        await runs.note_step(session, run.id, lease, "computing", LEASE)
    pairing, record = await replaying.propose_on_record(situation)
    people = frozenset(enrolment.participant_id for enrolment in situation.enrolments)
    return Outcome(people, pairing, record, in_force.id if in_force else None)


async def _ensure_components(computer: Computer, meetup_id: UUID) -> None:
    """Before the very first pairing in a framework its components are fitted, not only believed."""
    async with unit_of_work(computer.sessions) as session:
        meetup = await facts.find_meetup(session, meetup_id)
        needs = await facts.find_needs(session, {need.need_id for need in meetup.needs} if meetup else ())
        unfitted = [
            framework
            for framework in sorted({need.framework for need in needs})
            if await stored_components.newest(session, framework) is None
        ]
    for framework in unfitted:
        await refit(computer.sessions, framework, now=computer.clock(), new_id=computer.new_id)


async def _record(session: AsyncSession, computer: Computer, run: Run, lease: UUID, outcome: Outcome) -> None:
    await pairings.hold_meetup(session, run.meetup_id)
    if not await runs.holds(session, run.id, lease):
        _log.warning("a run lost its lease and records nothing")
        return
    now = computer.clock()
    record = await erasing.record_without_erased(session, outcome.record, outcome.people, now=now)
    await runs.finish(session, run.id, "done", finished_at=now, record=record)
    in_force = await pairings.in_force(session, run.meetup_id)
    if (in_force.id if in_force else None) != outcome.based_on or record.redacted_at is not None:
        # A reply or an erasure came in between: compute again on what holds now.
        await ensure_run(session, run.meetup_id, run.reason, now=now, new_id=computer.new_id)
        return
    await pairings.supersede_proposal(session, run.meetup_id, now)
    stored = StoredPairing(
        id=computer.new_id(),
        meetup_id=run.meetup_id,
        run_id=run.id,
        revision=await pairings.next_revision(session, run.meetup_id),
        status="proposed",
        based_on=outcome.based_on,
        pairing=outcome.pairing,
        created_at=now,
    )
    await pairings.add(session, stored)
    await announcing.announce(session, stored, announcing.proposed, now=now, new_id=computer.new_id)
