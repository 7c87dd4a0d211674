"""Workers of the small service in processes of their own, which die at a named point.

Nothing in the product knows of it: the function at the point is wrapped here, and the process ends without any goodbye,
as by ``kill -9``, just before the function begins or just after it ended.
"""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Event
from types import ModuleType
from typing import Any

from shared.travel import consumer, inbox, relay
from shared.travel.process import run
from shared.travel.worker import Worker
from tests.shared.travel.small_service import SUBSCRIPTION, running, settings_of, until, worker_of

DIED = 9

POINTS: dict[str, ModuleType] = {
    "claim": relay,
    "send": relay,
    "_send_partition": relay,
    "mark_published": relay,
    "mark_dead_letters_published": relay,
    "mark_seen": inbox,
    "apply_together": inbox,
    "apply_batch": consumer,
    "commit_offsets": consumer,
}
"""The functions at which a process can die, and where they are looked up."""


def die_at(when: str, name: str) -> None:
    """Have the process end ``before`` or ``after`` a function that has something to do."""
    module = POINTS[name]
    function: Callable[..., Awaitable[Any]] = getattr(module, name)

    @functools.wraps(function)
    async def mortal(*arguments: Any, **named: Any) -> Any:
        idle = name == "send" and not arguments[1]
        if when == "before" and not idle:
            os._exit(DIED)
        result = await function(*arguments, **named)
        idle = idle or (name == "claim" and not result)
        if when == "after" and not idle:
            os._exit(DIED)
        return result

    setattr(module, name, mortal)


@dataclass(frozen=True)
class Life:
    """Where a worker lives, whether it consumes, and the point at which it dies, if any."""

    url: str
    bootstrap: str
    prefix: str
    consumes: bool = True
    point: tuple[str, str] | None = None


@dataclass(frozen=True)
class Halt:
    """Where a process waits until it is let go on: ``reached`` tells that it is there."""

    reached: Event
    go_on: Event

    def stand(self) -> None:
        """Wait here."""
        self.reached.set()
        self.go_on.wait()


def start(life: Life) -> tuple[ForkServerProcess, Event]:
    """Start a worker in its own process; the event is set as soon as it runs."""
    alive = nursery().Event()
    process = nursery().Process(target=_live, args=(life, alive), daemon=True)
    process.start()
    return process, alive


def start_served(life: Life, port: int, *, halt: Halt | None = None) -> ForkServerProcess:
    """Start a worker as the product does: served on a port until a signal or a failure ends the process.

    It halts at ``halt`` while it warms up.
    """
    process = nursery().Process(target=_serve, args=(life, port, halt), daemon=True)
    process.start()
    return process


def new_halt() -> Halt:
    """A halt for one process."""
    return Halt(nursery().Event(), nursery().Event())


@functools.cache
def nursery() -> ForkServerContext:
    """Where processes are made, copied from one that has imported everything: imports take longer than lives."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _serve(life: Life, port: int, halt: Halt | None) -> None:
    settings = settings_of(life.url, life.bootstrap, life.prefix, limit=3).model_copy(update={"worker_port": port})
    run(worker_of(settings), warm=halt.stand if halt else None)


def _live(life: Life, alive: Event) -> None:
    if life.point is not None:
        die_at(*life.point)
    asyncio.run(_work(life, alive))


async def _work(life: Life, alive: Event) -> None:
    subscriptions = [SUBSCRIPTION] if life.consumes else []
    async with running(worker_of(settings_of(life.url, life.bootstrap, life.prefix), subscriptions)) as worker:
        await until(lambda: _is_well(worker))
        alive.set()
        await asyncio.Event().wait()


async def _is_well(worker: Worker) -> bool:
    return not any(worker.health().values())
