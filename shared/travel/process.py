"""A process of a service that keeps tasks and timers going and tells how it is; a worker also hears and sends."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from traceback import extract_tb
from typing import NoReturn, Protocol

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from shared.ending import end
from shared.loop_gap import LoopGap
from shared.reference import known
from shared.revisions import refuse_other_revisions
from shared.settings import ServiceSettings
from shared.settling import settle
from shared.travel.metrics import TaskMetrics
from shared.travel.pauses import pause_after
from shared.travel.throttle import Throttle
from shared.travel.topics import Service

log = logging.getLogger(__name__)

LONGEST_PAUSE = 10.0
"""Seconds at most before a part that ended begins again."""


class Well(Protocol):
    """Says that a round of a task ended: until then a task that failed counts as failing.

    With a trouble that lasts, the task goes on and counts as failing all the same.
    """

    def __call__(self, lasting: str | None = None) -> None:
        """End a round, with a trouble that lasts or without."""


@dataclass(frozen=True)
class Timer:
    """Something to do again and again; a run that fails is told and counted, and the next one comes all the same."""

    name: str
    every: timedelta
    job: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Task:
    """Something that runs as long as the process; when it ends with an error it begins again after a pause.

    ``run`` is handed a function that it calls after each round that went well.
    """

    name: str
    run: Callable[[Well], Awaitable[None]]


def run(process: Process, *, warm: Callable[[], None] | None = None) -> NoReturn:
    """Serve a process until a signal ends it, then end: with 1 where it could not be served, else with 0.

    Before it serves, ``warm`` does once what would hold the event loop up when first needed; the tables that every
    letter is checked against are loaded in any case.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # While Kafka is away it would write hundreds of lines a second.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    for handler in logging.getLogger().handlers:
        handler.addFilter(Throttle("aiokafka"))
    settings = process.settings
    refuse_other_revisions(process.service, settings.database_url)
    server = uvicorn.Server(
        uvicorn.Config(process, host=settings.host, port=process.port, log_config=None, access_log=False)
    )
    # The server hands a signal on when it has stopped; what has stopped cleanly ends with 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    known.load()
    if warm is not None:
        warm()
    settle()
    server.run()
    sys.exit(0 if server.started else 1)


class Process:
    """Tasks and timers behind ``/health/live``, ``/health/ready`` and ``/metrics``; `run` serves them on ``port``.

    ``engine`` is for what the tasks and timers do; the process disposes of it when it ends.

    Ready means that everything moves. A process that is not ready still lives: it does what it can and mends itself, or
    waits for somebody; to end it would not help. So liveness only says that the process answers.
    """

    def __init__(
        self,
        *,
        service: Service,
        settings: ServiceSettings,
        port: int,
        engine: AsyncEngine,
        timers: Sequence[Timer] = (),
        tasks: Sequence[Task] = (),
    ) -> None:
        self.service = service
        self.settings = settings
        self.port = port
        self._timers, self._tasks = timers, tasks
        self._failing: dict[str, str] = {}
        self._engine = engine
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._loop_gap = LoopGap(self._registry)
        self._task_metrics = TaskMetrics(self._registry)
        self._app = Starlette(
            routes=[
                Route("/health/live", self._live),
                Route("/health/ready", self._ready),
                Route("/metrics", self._tell_metrics),
            ],
            lifespan=self._lifespan,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or start and stop with the server."""
        await self._app(scope, receive, send)

    def health(self) -> Mapping[str, str | None]:
        """What is wrong with each part, by name: the kind of error and its place. None where a part is well."""
        names = [*(task.name for task in self._tasks), *(timer.name for timer in self._timers)]
        return {**dict.fromkeys(names, None), **self._failing}

    def notices(self) -> list[str]:
        """What an operator should know although nothing is wrong now."""
        return []

    async def close(self) -> None:
        """Give back what the process holds, once its tasks have ended."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        running = [asyncio.create_task(self._keep(task), name=task.name) for task in self._tasks]
        running += [asyncio.create_task(self._beat(timer), name=timer.name) for timer in self._timers]
        try:
            async with self._loop_gap.measured():
                yield
        finally:
            await end(*running)
            await self.close()

    async def _keep(self, task: Task) -> None:
        failures = 0

        def well(lasting: str | None = None) -> None:
            nonlocal failures
            failures = 0
            self._say_failing(task, lasting)

        while True:
            try:
                await task.run(well)
                return
            except Exception as error:
                failures += 1
                self._say_failing(task, f"failed with {kind_and_place(error)}")
                self._task_metrics.task_failed.labels(task.name).inc()
                log.warning("%s begins again after %s", task.name, kind_and_place(error))
            await asyncio.sleep(pause_after(failures, longest=LONGEST_PAUSE))

    def _say_failing(self, task: Task, trouble: str | None) -> None:
        self._task_metrics.task_failing.labels(task.name).set(trouble is not None)
        if trouble is None:
            self._failing.pop(task.name, None)
        else:
            self._failing[task.name] = trouble

    async def _beat(self, timer: Timer) -> None:
        while True:
            try:
                await timer.job()
                self._failing.pop(timer.name, None)
            except Exception as error:
                self._failing[timer.name] = f"failed with {kind_and_place(error)}"
                self._task_metrics.timer_failed.labels(timer.name).inc()
                log.warning("the timer %s failed: %s", timer.name, kind_and_place(error))
            await asyncio.sleep(timer.every.total_seconds())

    async def _live(self, _request: Request) -> Response:
        return JSONResponse({"live": True})

    async def _ready(self, _request: Request) -> Response:
        troubles = {name: trouble for name, trouble in self.health().items() if trouble is not None}
        ready = not troubles
        told = {
            "ready": ready,
            "parts": {name: name not in troubles for name in self.health()},
            "troubles": troubles,
            "notices": self.notices(),
        }
        return JSONResponse(told, status_code=200 if ready else 503)

    async def _tell_metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


def kind_and_place(error: BaseException) -> str:
    """The kind of an error and where it arose, without its text, which may quote a person."""
    frames = extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
