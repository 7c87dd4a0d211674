"""A worker: one process of a service that relays, consumes, keeps its timers, and tells how it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from aiokafka.errors import KafkaError
from faststream.kafka import KafkaRouter
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.asking import IN_WORKER
from shared.database import Patience, allow, create_engine, create_sessions, unit_of_work
from shared.settings import ServiceSettings
from shared.travel.broker import apply_topics, kafka_address
from shared.travel.consumer import Consumer
from shared.travel.gaps import forget_places, gaps_in_words
from shared.travel.hearing import Hearing
from shared.travel.metrics import TravelMetrics
from shared.travel.process import Process, Task, Timer, Well
from shared.travel.pulse import Pulse
from shared.travel.relay import Relay
from shared.travel.replay import replay
from shared.travel.retention import prune
from shared.travel.topics import TOPICS, Service, Topic
from shared.travel.watch import Watch

log = logging.getLogger(__name__)

PULSE_EVERY = timedelta(seconds=5)
TOPICS_EVERY = timedelta(minutes=1)
WATCH_EVERY = timedelta(seconds=15)
REPLAYING = Patience(lock=5, statement=600)
PRUNE_EVERY = timedelta(hours=6)


class Worker(Process):
    """A process that also hears and sends events.

    ``engine`` is for the service's own timers and tasks. ``metadata`` tells of the service's tables where those who
    were erased are kept. ``router`` has the service's subscribers, which find what is ``given`` by its name.
    """

    def __init__(
        self,
        *,
        service: Service,
        settings: ServiceSettings,
        engine: AsyncEngine,
        metadata: MetaData,
        router: KafkaRouter,
        given: Mapping[str, object] | None = None,
        timers: Sequence[Timer] = (),
        tasks: Sequence[Task] = (),
    ) -> None:
        super().__init__(service=service, settings=settings, port=settings.worker_port, engine=engine)
        self._metadata = metadata
        self._kafka = kafka_address(settings)
        self._hearing = Hearing(service, router, given, kafka=self._kafka)
        self._own_engine = create_engine(
            settings.database_url, pool_size=len(self._hearing.topics) + 2, patience=settings.patience
        )
        """For consumers, watch and pulse, so that no task of the service takes their connections."""
        self._sessions = create_sessions(self._own_engine, IN_WORKER)
        self._metrics = TravelMetrics(self._registry)
        self._relay = Relay(settings.direct_url, self._kafka, self._metrics, service=service)
        self._consumers = [self._consumer(topic) for topic in self._hearing.topics]
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

    def health(self) -> Mapping[str, str | None]:
        """What is wrong with each part, by name: the kind of error and its place. None where a part is well."""
        return {
            **super().health(),
            **self._pulse.troubles,
            "relay": self._relay.trouble,
            **{consumer.group: consumer.trouble for consumer in self._consumers},
            **self._failing,
        }

    def notices(self) -> list[str]:
        """The gaps that nobody has settled."""
        return gaps_in_words(self.service, [(gap.topic, gap.partition) for gap in self._watch.gaps])

    async def close(self) -> None:
        """Give back the connections to Kafka and PostgreSQL."""
        await self._pulse.close()
        await self._own_engine.dispose()
        await super().close()

    def _consumer(self, topic: Topic) -> Consumer:
        limit = self.settings.dead_letters_in_a_row
        return Consumer(self._hearing, topic, self._sessions, self._metrics, limit=limit)

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
