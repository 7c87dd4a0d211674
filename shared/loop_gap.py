"""How long this process's event loop was silent at most: while it is, nobody is answered and no heartbeat leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prometheus_client import CollectorRegistry, Gauge

BEAT_SECONDS = 0.02
"""How often the loop is asked to be there; what it comes late by is its silence."""

LOOP_GAP = "vernissage_event_loop_gap_seconds_max"


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
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT_SECONDS
            await asyncio.sleep(BEAT_SECONDS)
            late = loop.time() - due
            if late > self.longest:
                self.longest = late
                self._gauge.set(late)
