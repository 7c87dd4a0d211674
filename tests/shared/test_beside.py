"""Work beside an event loop holds nobody up, tells what it comes to, and ends with whoever waits for it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from shared.beside import beside


async def test_the_loop_goes_on_while_something_computes_beside_it() -> None:
    met = threading.Barrier(2)

    async def compute() -> str:
        met.wait(10)
        return threading.current_thread().name

    computing = asyncio.create_task(beside(compute, name="sums"))
    await asyncio.to_thread(met.wait, 10)
    assert await computing == "sums"


async def test_what_goes_wrong_beside_is_raised_here() -> None:
    async def fail() -> None:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        await beside(fail, name="sums")


async def test_whoever_is_cancelled_waits_until_the_work_has_ended() -> None:
    begun, ended = threading.Event(), threading.Event()

    async def wait() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    working = asyncio.create_task(beside(wait, name="sums"))
    await asyncio.to_thread(begun.wait, 10)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert ended.is_set()
