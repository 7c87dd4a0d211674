"""Queueing the run that computes a meetup's next proposal."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.repository import facts, runs
from shared.moment import Moment

WAITS_FOR_MEETUP = "waiting-for-meetup"
"""The step of a run whose meetup nobody told of yet."""


async def ensure_run(session: AsyncSession, meetup_id: UUID, reason: str, moment: Moment) -> UUID:
    """The run of this meetup that waits to be computed, queued now if there is none. The meetup is held."""
    waiting = await runs.queued_run(session, meetup_id)
    if waiting:
        return waiting
    run_id = moment.new_id()
    is_known = await facts.find_meetup(session, meetup_id) is not None
    step = "queued" if is_known else WAITS_FOR_MEETUP
    await runs.queue_run(session, run_id, meetup_id, reason, moment.now, step=step)
    return run_id
