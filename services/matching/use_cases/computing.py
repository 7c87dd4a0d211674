"""Computing pairings: claim a run, gather at one moment, compute beside the event loop, record. A lost lease records
nothing, and nothing is recorded that is not true any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.following.judging import outdated
from services.matching.domain.pairing import Pairing
from services.matching.domain.proposing import ImpossiblePairing
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Policy
from services.matching.repository import facts, pairings, runs
from services.matching.repository.pairings import StoredPairing
from services.matching.repository.runs import Run, RunRecord
from services.matching.use_cases import announcing, erasing, replaying
from services.matching.use_cases.fitting import fit_unfitted
from services.matching.use_cases.following import hold, is_over
from services.matching.use_cases.gathering import gather
from services.matching.use_cases.queueing import ensure_run
from services.matching.use_cases.truth import true_now
from shared.database import Sessions, is_transient, unit_of_work
from shared.ending import end
from shared.ids import NewId
from shared.moment import Moment

LEASE = timedelta(seconds=30)
"""How long a run may stay silent before somebody else computes it."""

TRY_AGAIN = timedelta(seconds=1)
"""How soon a run that failed is tried again."""

MEETUP_OVER: dict[str, Any] = {"kind": "meetup-over", "pairs": [], "limit": None, "obstacles": []}
"""The conflict of a run whose meetup was cancelled or has begun."""

ENDLESS = 30
ENDLESS_WITHIN = timedelta(minutes=1)
"""So many runs of one meetup overtaken in so short a time: no reality changes so fast."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Computer:
    """What computing needs from its surroundings."""

    sessions: Sessions
    policy: Policy
    clock: Callable[[], datetime]
    new_id: NewId

    def moment(self) -> Moment:
        """Now, by the service itself."""
        return Moment(self.clock(), self.new_id)


@dataclass(frozen=True, slots=True)
class ComputedRun:
    """What a run computed of whom, its record, and the pairing in force that it builds on."""

    people: frozenset[UUID]
    pairing: Pairing
    record: RunRecord
    based_on: UUID | None


async def compute_next(computer: Computer) -> bool:
    """Compute the run that waits longest; False when none waits.

    Raises what is transient, the run being given back, so that whoever calls waits a little.
    """
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
        async with _renewing(computer, run, lease):
            await _compute_and_record(computer, run, lease)
    except ImpossiblePairing as impossible:
        await _refuse(computer, run, lease, list(impossible.conflicts))
    except Exception as error:
        if is_transient(error):
            await _give_back(computer, run, lease)
            raise
        log.exception("run %s failed with %s", run.id, type(error).__name__)
        async with unit_of_work(computer.sessions) as session:
            await runs.fail(session, run.id, lease, type(error).__name__, TRY_AGAIN)
    except asyncio.CancelledError:
        await asyncio.shield(_give_back(computer, run, lease))
        raise


@asynccontextmanager
async def _renewing(computer: Computer, run: Run, lease: UUID) -> AsyncIterator[None]:
    """Renew a run's lease as long as it is computed."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                async with unit_of_work(computer.sessions) as session:
                    await runs.renew(session, run.id, lease, LEASE)
            except Exception as error:
                if not is_transient(error):
                    raise

    heartbeat = asyncio.create_task(renew(), name="lease")
    try:
        yield
    finally:
        await end(heartbeat)


async def _give_back(computer: Computer, run: Run, lease: UUID) -> None:
    """Let somebody else compute a run at once; where even that cannot be written, its lease runs out soon."""
    try:
        async with unit_of_work(computer.sessions) as session:
            await runs.give_back(session, run.id, lease)
    except Exception as error:
        if not is_transient(error):
            raise


async def _compute_and_record(computer: Computer, run: Run, lease: UUID) -> None:
    await _ensure_components(computer, run.meetup_id)
    async with one_moment(computer.sessions) as session:
        meetup = await facts.find_meetup(session, run.meetup_id)
        if meetup is None or is_over(meetup, computer.moment()):
            raise ImpossiblePairing((dict(MEETUP_OVER),))
        inputs, based_on = await gather(session, run, computer.policy)
    async with unit_of_work(computer.sessions) as session:
        await runs.note_step(session, run.id, lease, "computing")
    pairing, record = await replaying.propose_on_record(inputs)
    people = frozenset(enrolment.participant_id for enrolment in inputs.enrolments)
    async with unit_of_work(computer.sessions) as session:
        await _record(session, computer, run, lease, ComputedRun(people, pairing, record, based_on))


@asynccontextmanager
async def one_moment(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A transaction that sees the database as it was when it began, whatever is committed beside it."""
    async with unit_of_work(sessions) as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


async def _refuse(computer: Computer, run: Run, lease: UUID, conflicts: list[dict[str, Any]]) -> None:
    async with unit_of_work(computer.sessions) as session:
        if await runs.holds(session, run.id, lease):
            await runs.finish(session, run.id, "impossible", finished_at=computer.clock(), conflicts=conflicts)


async def _ensure_components(computer: Computer, meetup_id: UUID) -> None:
    """Before the very first pairing in a framework its components are fitted, not only believed."""
    async with unit_of_work(computer.sessions) as session:
        meetup = await facts.find_meetup(session, meetup_id)
        needs = await facts.find_needs(session, {need.need_id for need in meetup.needs} if meetup else ())
    moment = Moment(computer.clock(), computer.new_id)
    await fit_unfitted(computer.sessions, sorted({need.framework for need in needs}), moment=moment)


async def _record(session: AsyncSession, computer: Computer, run: Run, lease: UUID, outcome: ComputedRun) -> None:
    record = await erasing.record_without_erased(session, outcome.record, outcome.people, now=computer.clock())
    await hold(session, [run.meetup_id])
    if not await runs.holds(session, run.id, lease):
        log.warning("a run lost its lease and records nothing")
        return
    moment = computer.moment()
    in_force, _ = await pairings.outlined(session, run.meetup_id)
    truth = await true_now(session, run.meetup_id, in_force.outline if in_force else None, computer.policy)
    rules = MeetupRules(truth)
    if is_over(truth.meetup, moment):
        await runs.finish(session, run.id, "impossible", finished_at=moment.now, conflicts=[dict(MEETUP_OVER)])
        return
    is_based_on_it = outcome.based_on == (in_force.id if in_force else None)
    if record.redacted_at or not is_based_on_it or outdated(rules, outcome.pairing.outline):
        await _compute_again(session, run, moment)
        return
    await runs.finish(session, run.id, "done", finished_at=moment.now, record=record)
    await pairings.supersede_proposal(session, run.meetup_id, moment.now)
    stored = StoredPairing(
        id=computer.new_id(),
        meetup_id=run.meetup_id,
        run_id=run.id,
        revision=await pairings.next_revision(session, run.meetup_id),
        status="proposed",
        based_on=outcome.based_on,
        pairing=outcome.pairing,
        created_at=moment.now,
    )
    await pairings.add(session, stored)
    await pairings.keep_tables(session, run.meetup_id, rules.seating)
    await announcing.announce(session, stored, announcing.proposed, moment=moment)


async def _compute_again(session: AsyncSession, run: Run, moment: Moment) -> None:
    """What is true changed while this was computed: another run answers, on what holds now.

    A result that is refused again and again is a contradiction of our own, and no change: that ends as failed.
    """
    if await runs.count_outdated(session, run.meetup_id, moment.now - ENDLESS_WITHIN) >= ENDLESS:
        log.error("run %s is refused again and again", run.id)
        await runs.finish(session, run.id, "failed", finished_at=moment.now, failure="never-settles")
        return
    await runs.finish(session, run.id, "outdated", finished_at=moment.now)
    await runs.hand_on(session, run.id, await ensure_run(session, run.meetup_id, run.reason, moment))
