"""Matching's worker: subscribers, relay, and the tasks that compute."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from services.matching.domain.pooling import Pool
from services.matching.repository import runs, shortlists
from services.matching.settings import Settings
from services.matching.subscribers import Subscribers
from services.matching.use_cases.computing import Computer, compute_next
from services.matching.use_cases.fitting import refit_asked_for, refit_if_due
from services.matching.use_cases.standing import PoolOutdated, make_pool, refresh_all, refresh_due
from shared.database import create_engine, create_sessions, unit_of_work
from shared.identity import wall_clock
from shared.ids import new_id
from shared.travel.waking import Bell, listening
from shared.travel.worker import Task, Timer, Well, Worker, create_worker, run

LOOK_AGAIN = timedelta(seconds=10)
"""How long a run whose computer died can wait at most before somebody looks."""

POOL_LOCK = 7_236_012
"""The advisory lock of the one worker that keeps the standing shortlists."""

GATHER_CHANGES = 2.0
"""Seconds in which changes may gather, so that an import refreshes the shortlists a few times, not thousands."""


def matching_worker(settings: Settings) -> Worker:
    """The worker process of matching."""
    engine = create_engine(settings.database_url, pool_size=12)
    computer = Computer(create_sessions(engine), settings.policy, wall_clock, new_id)

    async def compute_runs(well: Well) -> None:
        async with listening(settings.direct_url, runs.WAKE_CHANNEL) as bell:
            while True:
                await refit_asked_for(computer.sessions, now=wall_clock(), new_id=new_id)
                while await compute_next(computer):
                    pass
                well()
                await bell.wait(LOOK_AGAIN)

    async def keep_shortlists(well: Well) -> None:
        async with listening(settings.direct_url, shortlists.WAKE_CHANNEL, leader_lock=POOL_LOCK) as bell:
            while True:
                async with unit_of_work(computer.sessions) as session:
                    pool = await make_pool(session, settings.policy)
                    await refresh_all(session, pool, now=wall_clock(), new_id=new_id)
                with contextlib.suppress(PoolOutdated):
                    await follow(pool, bell, well)

    async def follow(pool: Pool, bell: Bell, well: Well) -> None:
        while True:
            well()
            await bell.wait(LOOK_AGAIN)
            await asyncio.sleep(GATHER_CHANGES)
            async with unit_of_work(computer.sessions) as session:
                await refresh_due(session, pool, now=wall_clock(), new_id=new_id)

    async def refit_regularly() -> None:
        await refit_if_due(computer.sessions, settings.refit_every, now=wall_clock(), new_id=new_id)

    return create_worker(
        service="matching",
        settings=settings,
        engine=engine,
        subscriptions=Subscribers(settings.policy, wall_clock, new_id).subscriptions(),
        timers=[Timer("refit", timedelta(hours=1), refit_regularly)],
        tasks=[Task("runs", compute_runs), Task("shortlists", keep_shortlists)],
    )


if __name__ == "__main__":
    run(matching_worker(Settings()))
