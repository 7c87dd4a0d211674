"""Matching's worker: subscribers, relay, and the tasks that compute."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from services.matching.repository import components, runs
from services.matching.settings import Settings
from services.matching.subscribers import create_router
from services.matching.tables import Base, LimitRow
from services.matching.use_cases.computing import Computer, compute_next
from services.matching.use_cases.fitting import ask_when_due, lasting_trouble, meet_requests
from services.matching.use_cases.retention import all_kept
from services.matching.warming import warm_worker
from shared import limits
from shared.asking import IN_WORKER
from shared.auditing import SEAL_EVERY, TELL_HEAD_EVERY, seal_lines, tell_head
from shared.database import create_engine, create_sessions
from shared.identity import wall_clock
from shared.ids import new_id
from shared.moment import Moment
from shared.retention import LET_GO_EVERY, let_outlived_go
from shared.sql import table_of
from shared.travel.process import Task, Timer, Well, run
from shared.travel.waking import Bell, listening
from shared.travel.worker import Worker

LOOK_AGAIN = timedelta(seconds=10)
"""How long a run whose computer died can wait at most before somebody looks."""

LOOK_FOR_FITS = timedelta(minutes=10)
"""How often somebody looks whether it is time for a new fit."""

FIT_LOCK = 7_236_013
"""The advisory lock of the one worker that fits components, so that several do not fit the same night."""


class Computing:
    """What matching computes beside what it hears, a task each: none waits for another, none stops with another."""

    def __init__(self, settings: Settings, computer: Computer) -> None:
        self._settings = settings
        self._computer = computer

    def tasks(self) -> tuple[Task, ...]:
        """Pairings, and the components behind profiles."""
        return (
            Task("runs", self._compute_runs),
            Task("components", self._keep_components),
        )

    async def _compute_runs(self, well: Well) -> None:
        async with self._listening(runs.WAKE_CHANNEL) as bell:
            while True:
                while await compute_next(self._computer):
                    pass
                well()
                await bell.wait(LOOK_AGAIN)

    async def _keep_components(self, well: Well) -> None:
        sessions, every = self._computer.sessions, self._settings.refit_every
        async with self._listening(components.WAKE_CHANNEL, leader_lock=FIT_LOCK) as bell:
            while True:
                await ask_when_due(sessions, every, moment=self._moment())
                await meet_requests(sessions, moment=self._moment())
                well(await lasting_trouble(sessions))
                await bell.wait(LOOK_FOR_FITS)

    def _listening(self, channel: str, *, leader_lock: int | None = None) -> AbstractAsyncContextManager[Bell]:
        return listening(self._settings.direct_url, channel, leader_lock=leader_lock)

    def _moment(self) -> Moment:
        return Moment(self._computer.clock(), self._computer.new_id)


def create_worker(settings: Settings) -> Worker:
    """The worker, an ASGI application."""
    engine = create_engine(settings.database_url, pool_size=12)
    computer = Computer(create_sessions(engine, IN_WORKER), settings.policy, wall_clock, new_id)
    return Worker(
        service="matching",
        settings=settings,
        engine=engine,
        metadata=Base.metadata,
        router=create_router(),
        given={"policy": settings.policy},
        timers=[
            Timer(
                "forget-limits",
                limits.FORGET_EVERY,
                lambda: limits.forget_limits(computer.sessions, table_of(LimitRow)),
            ),
            Timer("retention", LET_GO_EVERY, lambda: keep_no_longer(computer, settings)),
            Timer("seal-audit", SEAL_EVERY, lambda: seal_lines(computer.sessions)),
            Timer("audit-head", TELL_HEAD_EVERY, lambda: tell_head(computer.sessions)),
        ],
        tasks=Computing(settings, computer).tasks(),
    )


async def keep_no_longer(computer: Computer, settings: Settings) -> None:
    """Let go of what has outlived its time."""
    await let_outlived_go(computer.sessions, all_kept(settings), now=computer.clock())


def main() -> None:
    """Run matching's worker, configured by the environment."""
    run(create_worker(Settings()), warm=warm_worker)


if __name__ == "__main__":
    main()
