"""Matching's worker: subscribers, relay, and the tasks that compute."""

from __future__ import annotations

from datetime import timedelta

from services.matching.repository.runs import WAKE_CHANNEL
from services.matching.settings import Settings
from services.matching.subscribers import Subscribers
from services.matching.use_cases.computing import Computer, compute_next
from services.matching.use_cases.fitting import refit_asked_for, refit_if_due
from shared.database import create_engine, create_sessions
from shared.identity import wall_clock
from shared.ids import new_id
from shared.waking import listening
from shared.worker import Task, Timer, Worker, create_worker, run

LOOK_AGAIN = timedelta(seconds=10)
"""How long a run whose computer died can wait at most before somebody looks."""


def matching_worker(settings: Settings) -> Worker:
    """The worker process of matching."""
    engine = create_engine(settings.database_url, pool_size=12)
    computer = Computer(create_sessions(engine), settings.policy, wall_clock, new_id)

    async def compute_runs() -> None:
        async with listening(settings.database_url, WAKE_CHANNEL) as bell:
            while True:
                await refit_asked_for(computer.sessions, now=wall_clock(), new_id=new_id)
                while await compute_next(computer):
                    pass
                await bell.wait(LOOK_AGAIN)

    async def refit_regularly() -> None:
        await refit_if_due(computer.sessions, settings.refit_every, now=wall_clock(), new_id=new_id)

    return create_worker(
        service="matching",
        settings=settings,
        engine=engine,
        subscriptions=Subscribers(settings.policy, wall_clock, new_id).subscriptions(),
        timers=[Timer("refit", timedelta(hours=1), refit_regularly)],
        tasks=[Task("runs", compute_runs)],
    )


if __name__ == "__main__":
    run(matching_worker(Settings()))
