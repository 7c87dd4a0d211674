"""The longest silence of an event loop is measured, and told as a metric."""

import asyncio
import re
import time

import pytest
from prometheus_client import CollectorRegistry

from shared.loop_gap import BEAT_SECONDS, LONGEST_SECONDS, LOOP_GAP, LoopGap


async def test_a_loop_that_is_held_up_is_seen() -> None:
    registry = CollectorRegistry()
    gap = LoopGap(registry)
    async with gap.measured():
        await asyncio.sleep(0)
        began = time.monotonic()
        time.sleep(0.3)  # noqa: ASYNC251 this is what is measured
        held = time.monotonic() - began
        await asyncio.sleep(2 * BEAT_SECONDS)
    assert registry.get_sample_value(LOOP_GAP) == gap.longest >= held - BEAT_SECONDS


async def test_it_ends_with_its_context_and_hides_no_error() -> None:
    gap = LoopGap(CollectorRegistry())
    with pytest.raises(ValueError, match="of somebody else"):
        async with gap.measured():
            raise ValueError("of somebody else")
    assert all(task.get_name() != "loop-gap" for task in asyncio.all_tasks())


async def test_a_long_silence_is_told_with_what_was_computed_meanwhile(caplog: pytest.LogCaptureFixture) -> None:
    async with LoopGap(CollectorRegistry()).measured():
        await asyncio.sleep(0)
        began = time.monotonic()
        while time.monotonic() - began < 2 * LONGEST_SECONDS:
            pass
        await asyncio.sleep(2 * BEAT_SECONDS)
    told = caplog.messages[0]
    silent, by_loop, by_process = map(int, re.findall(r"(\d+) ms", told))
    assert silent >= 1000 * LONGEST_SECONDS
    assert 0 < by_loop <= by_process
