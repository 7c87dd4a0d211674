"""Work beside an event loop: in a thread with a loop of its own, so that what computes for long holds up nobody."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")


async def beside(work: Callable[[], Coroutine[Any, Any, Result]], *, name: str) -> Result:
    """What ``work`` comes to, done in a thread of that name; connections that it makes are its own loop's.

    Whoever is cancelled has it cancelled, and waits until it has ended.
    """
    running = _Running(work)
    Thread(target=running.run, name=name, daemon=True).start()
    ended = asyncio.wrap_future(running.ended)
    try:
        return await asyncio.shield(ended)
    except asyncio.CancelledError:
        running.cancel()
        await asyncio.wait([ended])
        if not ended.cancelled():
            ended.exception()
        raise


class _Running:
    def __init__(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self.ended: Future[Any] = Future()
        self._work = work
        self._begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

    def run(self) -> None:
        try:
            self.ended.set_result(asyncio.run(self._carry_out()))
        except BaseException as error:
            self.ended.set_exception(error)

    def cancel(self) -> None:
        loop, task = self._begun.result()
        with contextlib.suppress(RuntimeError):  # it may just have ended
            loop.call_soon_threadsafe(task.cancel)

    async def _carry_out(self) -> Any:
        task = asyncio.ensure_future(self._work())
        self._begun.set_result((asyncio.get_running_loop(), task))
        return await task
