"""A worker: one process of a service that relays, consumes, keeps its timers, and tells how it is."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import PurePath
from traceback import extract_tb
from typing import NoReturn, Protocol

import uvicorn
from aiokafka.errors import KafkaError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from shared.database import Patience, allow, create_engine, create_sessions, unit_of_work
from shared.ending import end
from shared.loop_gap import LoopGap
from shared.reference import known
from shared.revisions import refuse_other_revisions
from shared.settings import ServiceSettings
from shared.settling import settle
from shared.travel.broker import apply_topics, kafka_address
from shared.travel.consumer import Consumer
from shared.travel.gaps import Gap, forget_places
from shared.travel.inbox import Subscription
from shared.travel.metrics import TravelMetrics
from shared.travel.pauses import pause_after
from shared.travel.pulse import Pulse
from shared.travel.relay import Relay
from shared.travel.replay import replay
from shared.travel.retention import prune
from shared.travel.throttle import Throttle
from shared.travel.topics import TOPICS, Service, Topic
from shared.travel.watch import Watch

log = logging.getLogger(__name__)

PULSE_EVERY = timedelta(seconds=5)
TOPICS_EVERY = timedelta(minutes=1)
WATCH_EVERY = timedelta(seconds=15)
REPLAYING = Patience(lock=5, statement=600)
PRUNE_EVERY = timedelta(hours=6)

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
    """Something that runs as long as the worker; when it ends with an error it begins again after a pause.

    ``run`` is handed a function that it calls after each round that went well.
    """

    name: str
    run: Callable[[Well], Awaitable[None]]


def run(worker: Worker, *, warm: Callable[[], None] | None = None) -> NoReturn:
    """Serve a worker until a signal ends it, then end the process: with 1 where it could not be served, else with 0.

    Before it serves, ``warm`` does once what would hold the event loop up when first needed; the tables that every
    letter is checked against are loaded in any case.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # While Kafka is away it would write hundreds of lines a second.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    for handler in logging.getLogger().handlers:
        handler.addFilter(Throttle("aiokafka"))
    settings = worker.settings
    refuse_other_revisions(worker.service, settings.database_url)
    server = uvicorn.Server(
        uvicorn.Config(worker, host=settings.host, port=settings.worker_port, log_config=None, access_log=False)
    )
    # The server hands a signal on when it has stopped; what has stopped cleanly ends with 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    known.load()
    if warm is not None:
        warm()
    settle()
    server.run()
    sys.exit(0 if server.started else 1)


class Worker:
    """The parts of one worker process behind ``/health/live``, ``/health/ready`` and ``/metrics``; `run` serves it.

    ``engine`` is for the service's own timers and tasks; the worker disposes of it when it ends. ``metadata`` tells of
    the service's tables where those who were erased are kept.

    Ready means that everything moves. A worker that is not ready still lives: it does what it can and mends itself, or
    waits for somebody; to end it would not help. So liveness only says that the process answers.
    """

    def __init__(
        self,
        *,
        service: Service,
        settings: ServiceSettings,
        engine: AsyncEngine,
        metadata: MetaData,
        subscriptions: Sequence[Subscription],
        timers: Sequence[Timer] = (),
        tasks: Sequence[Task] = (),
    ) -> None:
        self.service = service
        self.settings = settings
        self._failing: dict[str, str] = {}
        self._engine = engine
        self._metadata = metadata
        self._own_engine = create_engine(
            settings.database_url, pool_size=len(subscriptions) + 2, patience=settings.patience
        )
        """For consumers, watch and pulse, so that no task of the service takes their connections."""
        self._sessions = create_sessions(self._own_engine)
        self._kafka = kafka_address(settings)
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._loop_gap = LoopGap(self._registry)
        self._metrics = TravelMetrics(self._registry)
        self._relay = Relay(settings.direct_url, self._kafka, self._metrics, service=service)
        self._consumers = [self._consumer(subscription) for subscription in subscriptions]
        self._watch = Watch(self._consumers, self._sessions, self._kafka, self._metrics)
        self._pulse = Pulse(self._sessions, self._kafka, self._consumers)
        self._timers = (
            Timer("pulse", PULSE_EVERY, self._pulse.feel),
            Timer("watch", WATCH_EVERY, self._watch.look),
            Timer("prune", PRUNE_EVERY, self._prune),
            *timers,
        )
        self._topics_are_there = asyncio.Event()
        self._tasks = (*self._own_tasks(), *tasks)
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

    def health(self) -> dict[str, str | None]:
        """What is wrong with each part, by name: the kind of error and its place. None where a part is well."""
        names = [*(task.name for task in self._tasks), *(timer.name for timer in self._timers)]
        return {
            **dict.fromkeys(names, None),
            **self._pulse.troubles,
            "relay": self._relay.trouble,
            **{consumer.group: consumer.trouble for consumer in self._consumers},
            **self._failing,
        }

    def _consumer(self, subscription: Subscription) -> Consumer:
        return Consumer(
            subscription,
            self._sessions,
            self._kafka,
            self._metrics,
            service=self.service,
            limit=self.settings.dead_letters_in_a_row,
        )

    def _own_tasks(self) -> list[Task]:
        return [
            Task("topics", self._keep_topics),
            Task("relay", self._relay_all),
            *(Task(consumer.group, partial(self._consume, consumer)) for consumer in self._consumers),
        ]

    async def _keep_topics(self, well: Well) -> None:
        """Make the topics that are missing, and those that this service produces again whenever one was deleted."""
        produced = [topic for topic in TOPICS if self.service == topic.producer]
        consumed = [topic for topic in TOPICS if self.service in topic.consumers]
        if not self.settings.kafka_keeps_topics:
            async with unit_of_work(self._sessions) as session:
                await forget_places(session)
        await self._apply_topics([*produced, *(topic for topic in consumed if topic not in produced)])
        self._topics_are_there.set()
        while True:
            well()
            await asyncio.sleep(TOPICS_EVERY.total_seconds())
            await self._apply_topics(produced)

    async def _apply_topics(self, topics: Sequence[Topic]) -> None:
        try:
            made = await apply_topics(self._kafka, topics)
        except KafkaError as error:
            if error.retriable:
                raise
            log.warning("the topics are left to whoever may make them: %s", type(error).__name__)
        else:
            if made:
                log.info("topics made: %s", ", ".join(made))
                await self._send_again([topic for topic in topics if topic.full_name(self._kafka.prefix) in made])

    async def _send_again(self, topics: Sequence[Topic]) -> None:
        """Send what the outbox keeps of topics that were made anew; inboxes drop what they know."""
        async with unit_of_work(self._sessions) as session:
            await allow(session, REPLAYING)
            count = await replay(session, topics)
        if count:
            log.warning("%d events are sent again, since their topic was lost", count)

    async def _relay_all(self, well: Well) -> None:
        await self._topics_are_there.wait()
        if not self.settings.kafka_keeps_topics:
            async with unit_of_work(self._sessions) as session:
                await allow(session, REPLAYING)
                count = await replay(session, TOPICS)
            log.info("%d events are sent again, since this Kafka forgets", count)
        # From here on it says itself how it is.
        well()
        await self._relay.run()

    async def _consume(self, consumer: Consumer, well: Well) -> None:
        await self._topics_are_there.wait()
        well()
        await consumer.run()

    async def _prune(self) -> None:
        gone = await prune(self._sessions, self._metadata, now=datetime.now(UTC))
        log.info("%d rows were past their retention", gone)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        running = [asyncio.create_task(self._keep(task), name=task.name) for task in self._tasks]
        running += [asyncio.create_task(self._beat(timer), name=timer.name) for timer in self._timers]
        try:
            async with self._loop_gap.measured():
                yield
        finally:
            await end(*running)
            await self._pulse.close()
            await self._own_engine.dispose()
            await self._engine.dispose()

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
                self._metrics.task_failed.labels(task.name).inc()
                log.warning("%s begins again after %s", task.name, kind_and_place(error))
            await asyncio.sleep(pause_after(failures, longest=LONGEST_PAUSE))

    def _say_failing(self, task: Task, trouble: str | None) -> None:
        self._metrics.task_failing.labels(task.name).set(trouble is not None)
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
                self._metrics.timer_failed.labels(timer.name).inc()
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
            "notices": [_in_words(gap) for gap in self._watch.gaps],
        }
        return JSONResponse(told, status_code=200 if ready else 503)

    async def _tell_metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


def _in_words(gap: Gap) -> str:
    what = "began anew" if gap.began_anew else f"lost {gap.found - gap.expected} messages before they were read"
    return f"{gap.topic}, partition {gap.partition}: {what}; “vernissage rebuild” tells everything anew"


def kind_and_place(error: BaseException) -> str:
    """The kind of an error and where it arose, without its text, which may quote a person."""
    frames = extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
