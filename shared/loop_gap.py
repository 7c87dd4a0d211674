"""How long this process's event loop was silent at most: while it is, nobody is answered and no heartbeat leaves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, Gauge

from shared.ending import end

BEAT_SECONDS = 0.02
"""How often the loop is asked to be there; what it comes late by is its silence."""

LONGEST_SECONDS = 0.25
"""A longer silence is told in the log."""

LOOP_GAP = "vernissage_event_loop_gap_seconds_max"

log = logging.getLogger(__name__)


class LoopGap:
    """The longest silence of the event loop since it began, as a metric on `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.longest = 0.0
        self._gauge = Gauge(
            LOOP_GAP, "The longest silence of the event loop since the process began.", registry=registry
        )

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Measure for as long as the context lasts."""
        beating = asyncio.create_task(self._beat(), name="loop-gap")
        try:
            yield
        finally:
            await end(beating)

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            # The process first, and last below: its time holds the loop's.
            due, by_process, by_loop = loop.time() + BEAT_SECONDS, time.process_time(), time.thread_time()
            await asyncio.sleep(BEAT_SECONDS)
            late = loop.time() - due
            if late > LONGEST_SECONDS:
                _tell(late, time.thread_time() - by_loop, time.process_time() - by_process)
            if late > self.longest:
                self.longest = late
                self._gauge.set(late)


def _tell(late: float, by_loop: float, by_process: float) -> None:
    """Say who is to blame: the loop that computed, a thread of this process that kept Python, or a busy machine."""
    log.warning(
        "the event loop was silent for %.0f ms; meanwhile it computed for %.0f ms, all of the process for %.0f ms",
        late * 1000,
        by_loop * 1000,
        by_process * 1000,
    )
