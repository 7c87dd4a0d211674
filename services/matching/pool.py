"""Matching's pool: a process of its own that keeps profiles and the standing shortlists of the whole country.

It holds a number or two for each skill of everybody, and computes whenever somebody changes; so neither those who hear
events nor those who compute pairings share their memory, their event loop or their fate with it. It speaks with the
others through the database alone. Of several, one keeps the pool; the others wait to take over.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.pool import Pool
from services.matching.repository import components, profiles, shortlists
from services.matching.settings import Settings
from services.matching.use_cases.keeping_profiles import follow_fit
from services.matching.use_cases.standing import PoolOutdated, make_pool, refresh_due
from services.matching.warming import warm_pool
from shared.asking import IN_WORKER
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.identity import wall_clock
from shared.ids import NewId, new_id
from shared.moment import Moment
from shared.reference.skills import DEFAULT_FRAMEWORK
from shared.travel.process import Process, Task, Well, run
from shared.travel.waking import Bell, listening

LOOK_AGAIN = timedelta(seconds=10)
"""How long what nobody was woken for can wait at most."""

POOL_LOCK = 7_236_012
"""The advisory lock of the one process that keeps the standing shortlists."""

PROFILES_LOCK = 7_236_014
"""The advisory lock of the one process that works all profiles out anew after a fit."""

GATHER_CHANGES = 2.0
"""Seconds in which changes may gather, so that an import refreshes the shortlists a few times, not thousands."""


class Keeping:
    """What the process keeps, a task each: while profiles follow a fit, shortlists go on following changes."""

    def __init__(
        self, settings: Settings, sessions: Sessions, clock: Callable[[], datetime] = wall_clock, ids: NewId = new_id
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._clock = clock
        self._ids = ids

    def tasks(self) -> tuple[Task, ...]:
        """The standing shortlists, and the profiles behind them."""
        return Task("shortlists", self._keep_shortlists), Task("profiles", self._keep_profiles)

    async def _keep_shortlists(self, well: Well) -> None:
        async with self._listening(shortlists.WAKE_CHANNEL, POOL_LOCK) as bell:
            while True:
                pool = await make_pool(self._sessions, self._settings.policy, moment=self._moment())
                with contextlib.suppress(PoolOutdated):
                    await self._follow(pool, bell, well)

    async def _follow(self, pool: Pool, bell: Bell, well: Well) -> None:
        while True:
            well()
            await bell.wait(LOOK_AGAIN)
            await asyncio.sleep(GATHER_CHANGES)
            await refresh_due(self._sessions, pool, moment=self._moment())

    async def _keep_profiles(self, well: Well) -> None:
        """After each fit; whoever begins looks once, since the last one may not have come to the end."""
        async with self._listening(profiles.WAKE_CHANNEL, PROFILES_LOCK) as bell:
            followed = await follow_fit(self._sessions)
            while True:
                well()
                await bell.wait(LOOK_AGAIN)
                async with unit_of_work(self._sessions) as session:
                    in_use = await _fit_in_use(session)
                if in_use != followed:
                    followed = await follow_fit(self._sessions)

    def _listening(self, channel: str, leader_lock: int) -> AbstractAsyncContextManager[Bell]:
        return listening(self._settings.direct_url, channel, leader_lock=leader_lock)

    def _moment(self) -> Moment:
        return Moment(self._clock(), self._ids)


async def _fit_in_use(session: AsyncSession) -> UUID | None:
    fit = await components.newest(session, DEFAULT_FRAMEWORK)
    return fit.id if fit else None


def create_pool(settings: Settings) -> Process:
    """The process, an ASGI application."""
    engine = create_engine(settings.database_url)
    keeping = Keeping(settings, create_sessions(engine, IN_WORKER))
    return Process(service="matching", settings=settings, port=settings.pool_port, engine=engine, tasks=keeping.tasks())


def main() -> None:
    """Run matching's pool, configured by the environment."""
    run(create_pool(Settings()), warm=warm_pool)


if __name__ == "__main__":
    main()
