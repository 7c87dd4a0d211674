"""Working at what waits: claimed by lease, carried out beside the event loop, given back, tried again, given up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.registration.domain.queueing import AskedBy, WhyFailed, WorkState
from services.registration.repository import queueing
from services.registration.repository.queueing import WorkQueue
from shared.asking import Asker
from shared.beside import beside
from shared.database import Sessions, create_engine, create_sessions, is_transient, unit_of_work
from shared.ending import end
from shared.identity import Clock, Seal
from shared.ids import NewId
from shared.travel.process import kind_and_place

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""How long whoever works at something may stay silent before somebody else goes on with it."""

TRY_AGAIN = timedelta(seconds=1)


class LostLease(Exception):
    """It was cancelled, or somebody else goes on with it: nothing more may be kept."""


class MayNoMore(Exception):
    """Whoever asked for it may not any more."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What working needs from its surroundings; ``direct_url`` leads through no pooler, ``seal`` is the service's."""

    database_url: str
    direct_url: str
    sessions: Sessions
    seal: Seal
    clock: Clock
    new_id: NewId


CarriesOut = Callable[[Workplace, Mapping[str, Any], UUID], Coroutine[Any, Any, None]]
"""Carries out what a row of the queue asks for, under a lease, and settles it. Raises `LostLease` or `MayNoMore`."""


async def work_at_next(place: Workplace, queue: WorkQueue, carry_out: CarriesOut) -> bool:
    """Work at what waits longest; False when nothing waits.

    Raises what is transient, the work being given back, so that whoever calls waits a little.
    """
    lease = place.new_id()
    async with unit_of_work(place.sessions) as session:
        row = await queueing.claim(session, queue, lease, LEASE, place.clock())
    if row is None:
        return False
    if row["state"] == WorkState.RUNNING:
        await _Turn(place, queue, row, lease).work(carry_out)
    return True


@asynccontextmanager
async def own_sessions(place: Workplace, asked: AskedBy, route: str) -> AsyncIterator[Sessions]:
    """Sessions of the event loop in which they are asked for, which work in somebody's name."""
    engine = create_engine(place.database_url, pool_size=2)
    try:
        yield create_sessions(engine, Asker(asked.role, asked.person_id, asked.agency_id, route), seal=place.seal)
    finally:
        await engine.dispose()


class _Turn:
    """Something that was claimed, and is worked at."""

    def __init__(self, place: Workplace, queue: WorkQueue, row: Mapping[str, Any], lease: UUID) -> None:
        self._place = place
        self._queue = queue
        self._row = row
        self._id: UUID = row["id"]
        self._lease = lease

    async def work(self, carry_out: CarriesOut) -> None:
        """Have it carried out, and say what became of it where it did not come to its end."""
        try:
            async with self._renewing():
                await beside(lambda: carry_out(self._place, self._row, self._lease), name=self._queue.table.name)
        except LostLease:
            log.info("%s: one goes on elsewhere, or was cancelled", self._queue.table.name)
        except MayNoMore:
            async with unit_of_work(self._place.sessions) as session:
                await queueing.end(session, *self._held, WorkState.FAILED, self._place.clock(), WhyFailed.NOT_ALLOWED)
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back())
            raise
        except Exception as error:
            if is_transient(error):
                await self._give_back()
                raise
            # The text of the error may quote a row. What clashed with somebody else's change does not the next time.
            log.error("%s: one failed with %s", self._queue.table.name, kind_and_place(error))
            async with unit_of_work(self._place.sessions) as session:
                await queueing.fail(session, *self._held, self._place.clock(), again_after=TRY_AGAIN)

    @property
    def _held(self) -> tuple[WorkQueue, UUID, UUID]:
        return self._queue, self._id, self._lease

    @asynccontextmanager
    async def _renewing(self) -> AsyncIterator[None]:
        """Renew its lease as long as it is worked at."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(LEASE.total_seconds() / 3)
                try:
                    async with unit_of_work(self._place.sessions) as session:
                        await queueing.renew(session, *self._held, LEASE)
                except Exception as error:
                    if not is_transient(error):
                        raise

        heartbeat = asyncio.create_task(renew(), name="lease")
        try:
            yield
        finally:
            await end(heartbeat)

    async def _give_back(self) -> None:
        """Let somebody else go on at once; where even that cannot be written, its lease runs out soon."""
        try:
            async with unit_of_work(self._place.sessions) as session:
                await queueing.give_back(session, *self._held)
        except Exception as error:
            if not is_transient(error):
                raise
