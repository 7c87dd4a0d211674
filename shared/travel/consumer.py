"""The consumer: takes batches from Kafka into the inbox; offsets follow the database, never the other way round."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from shared.database import Sessions, is_transient, unit_of_work
from shared.ending import to_its_end
from shared.travel import stops
from shared.travel.broker import see_started
from shared.travel.hearing import Hearing
from shared.travel.inbox import (
    BatchTally,
    Handler,
    Subscription,
    TooManyDeadLetters,
    apply_batch,
    apply_parked,
)
from shared.travel.metrics import TravelMetrics
from shared.travel.pauses import pause_after
from shared.travel.stops import OperatorWord
from shared.travel.topics import Topic

log = logging.getLogger(__name__)

LONGEST_PAUSE = 5.0
"""Seconds between two attempts on a batch at most: far below the time after which the group would exclude us."""

COMMIT_DEADLINE = 10.0
"""Seconds for a commit of offsets; one that fails costs duplicates that the inbox drops, never events."""

STOP_DEADLINE = 20.0
"""Seconds in which a batch may still end, and the group be left, when the consumer stops."""

WORD_POLL = 2.0
"""Seconds between two looks for an operator's word while the consumer stands still."""


class FellSilent(Exception):
    """The client of Kafka does nothing though there is something to do."""


class Consumer:
    """One topic that a service hears, in the consumer group that all its workers share."""

    def __init__(
        self, hearing: Hearing, topic: Topic, sessions: Sessions, metrics: TravelMetrics, *, limit: int
    ) -> None:
        self._hearing = hearing
        self._subscriber = hearing.subscriber(topic)
        self._sessions = sessions
        self._metrics = metrics
        self._limit = None if topic.is_open else limit
        self._word = OperatorWord(frozenset(), None)
        self._stands_still: TooManyDeadLetters | None = None
        self.topic = topic
        self.group = str(self._subscriber.group_id)
        self._dead_in_a_row = 0
        self._failures = 0
        self._stopped_by: asyncio.Future[None] | None = None
        self.attempts = 0
        """How often a batch was taken up: grows as long as the consumer lives and there is something to do."""
        self.connected = False
        self._silent: str | None = None

    @property
    def trouble(self) -> str | None:
        """What keeps the consumer from its work, in a few words; None when it is well."""
        if (stop := self._stands_still) is not None:
            return f"stands still before {self.topic.name} {_written(stop.place)}: {stop.kind}"
        if not self.connected:
            return "is not in its group"
        if self._silent is not None:
            return f"its Kafka does not answer ({self._silent})"
        return f"its last {self._failures} batches failed" if self._failures else None

    async def run(self) -> None:
        """Consume until cancelled.

        What cannot be applied stops this consumer alone, until an operator's word moves it on.
        """
        parked = await apply_parked(self._sessions, self._hearing.subscription(self.topic))
        if parked:
            log.info("%s took up %d events that had waited for this version", self.group, parked)
        while True:
            await self._heed()
            try:
                await self._listen()
            except TooManyDeadLetters as stop:
                await self._stand_still(stop)

    async def _listen(self) -> None:
        self._stopped_by = asyncio.get_running_loop().create_future()
        try:
            await see_started(self._hearing.start(self.topic, self.take))
            self.connected = True
            log.info("%s listens", self.group)
            await self._stopped_by
        finally:
            self.connected = False
            # To leave a group that waits for a dead member takes longer than `end` waits before it asks again.
            await to_its_end(self._stop())

    async def _heed(self) -> OperatorWord:
        """Take in what operators said of this consumer."""
        async with self._sessions() as session:
            self._word = await stops.word_on(session, self.topic)
        return self._word

    async def _stand_still(self, stop: TooManyDeadLetters) -> None:
        log.critical(
            "%s stands still before %s %s: %s, and %s; “vernissage dead-letters bury” or “skip” moves it on",
            self.group,
            self.topic.name,
            _written(stop.place),
            stop.kind,
            stop,
        )
        self._stands_still = stop
        self._metrics.stands_still.labels(self.topic.name).set(1)
        try:
            async with unit_of_work(self._sessions) as session:
                await stops.note_stop(session, self.topic, stop.place, stop.kind)
            await self._wait_for_a_word(stop)
        finally:
            self._stands_still = None
            self._metrics.stands_still.labels(self.topic.name).set(0)
        self._dead_in_a_row = 0
        log.info("%s goes on", self.group)

    async def _wait_for_a_word(self, stop: TooManyDeadLetters) -> None:
        while True:
            try:
                word = await self._heed()
            except Exception as error:
                if not is_transient(error):
                    raise
            else:
                if word.moves_on_from(stop.place):
                    return
            await asyncio.sleep(WORD_POLL)

    def assignment(self) -> frozenset[TopicPartition]:
        """The partitions that this consumer holds in its group."""
        client = self._subscriber.consumer
        return frozenset(client.assignment()) if client is not None else frozenset()

    async def feel_pulse(self, deadline: float) -> None:
        """Ask the coordinator of the group over the consumer's own connection, within ``deadline`` seconds."""
        client = self._subscriber.consumer
        if client is None or not self.connected:
            return
        try:
            async with asyncio.timeout(deadline):
                held = sorted(client.assignment())
                await (client.committed(held[0]) if held else client.topics())
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            self._silent = type(error).__name__
        else:
            self._silent = None

    def begin_anew(self) -> None:
        """End `run` with `FellSilent`."""
        self._stop_by(FellSilent(f"{self.group} fell silent"))

    def _stop_by(self, error: Exception) -> None:
        if self._stopped_by is not None and not self._stopped_by.done():
            self._stopped_by.set_exception(error)

    async def _stop(self) -> None:
        try:
            async with asyncio.timeout(STOP_DEADLINE):
                await self._subscriber.stop()
        except TimeoutError:
            log.warning("%s did not stop in time", self.group)

    async def take(self, records: Sequence[ConsumerRecord], handler: Handler) -> None:
        """Apply a batch and commit its offsets; put it back, and wait, when that fails.

        Nothing is raised: FastStream would swallow it, and go on to the next batch.
        """
        client = self._subscriber.consumer
        started = time.monotonic()
        self.attempts += 1
        try:
            if self._failures:
                await self._heed()
            outcome = await apply_batch(
                self._sessions,
                Subscription(self.topic, handler),
                records,
                dead_in_a_row=self._dead_in_a_row,
                limit=None if self._word.buries else self._limit,
                skips=self._word.skips,
            )
            if self._word.stop is not None:
                await self._end_stop(outcome)
        except Exception as error:
            await self._put_back(client, records, error)
            return
        self._failures = 0
        self._dead_in_a_row = outcome.dead_in_a_row
        await commit_offsets(client, records)
        self._tell(records, outcome, time.monotonic() - started)

    async def _end_stop(self, outcome: BatchTally) -> None:
        """Note that the consumer got past what it stood before; it buries until a good event has come."""
        async with unit_of_work(self._sessions) as session:
            await stops.end_stop(session, self.topic)
        if outcome.dead_in_a_row == 0:
            self._word = OperatorWord(self._word.skips, None)

    async def _put_back(self, client: AIOKafkaConsumer, records: Sequence[ConsumerRecord], error: Exception) -> None:
        self._failures += 1
        self._metrics.batches_failed.labels(self.topic.name).inc()
        log.warning("%s puts a batch back: %s", self.group, type(error).__name__)
        rewind(client, records)
        if isinstance(error, TooManyDeadLetters):
            self._stop_by(error)
        await asyncio.sleep(pause_after(self._failures, longest=LONGEST_PAUSE))

    def _tell(self, records: Sequence[ConsumerRecord], outcome: BatchTally, seconds: float) -> None:
        topic = self.topic.name
        self._metrics.consumed.labels(topic, "applied").inc(outcome.applied)
        self._metrics.consumed.labels(topic, "seen").inc(outcome.seen)
        self._metrics.consumed.labels(topic, "dead").inc(outcome.dead)
        self._metrics.consumed.labels(topic, "parked").inc(outcome.parked)
        if outcome.gaps:
            self._metrics.gaps.labels(topic).inc(outcome.gaps)
            log.error(
                "%s: messages are missing before %s; “vernissage rebuild” tells everything anew", self.group, topic
            )
        self._metrics.batch_events.labels(topic).observe(len(records))
        self._metrics.batch_seconds.labels(topic).observe(seconds)
        log.info(
            "%s %s: %d applied, %d seen before, %d dead, %d parked, %.0f ms",
            self.group,
            " ".join(f"{place.partition}@{offset}" for place, offset in next_offsets(records).items()),
            outcome.applied,
            outcome.seen,
            outcome.dead,
            outcome.parked,
            seconds * 1000,
        )


async def commit_offsets(consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
    """Commit the offsets of exactly these records; a failure is only told, since the inbox drops what comes again."""
    try:
        async with asyncio.timeout(COMMIT_DEADLINE):
            await consumer.commit(next_offsets(records))
    except (KafkaError, IllegalStateError, TimeoutError) as error:
        log.info("offsets are not committed: %s", type(error).__name__)


def rewind(consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
    """Have exactly these records come again; those of a partition that is held no more come to whoever holds it."""
    first = {TopicPartition(record.topic, record.partition): record.offset for record in reversed(records)}
    for place, offset in first.items():
        with suppress(IllegalStateError):
            consumer.seek(place, offset)


def next_offsets(records: Sequence[ConsumerRecord]) -> dict[TopicPartition, int]:
    """The offset behind the last of these records, for each partition."""
    return {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}


def _written(place: stops.Position) -> str:
    partition, offset = place
    return f"{partition}@{offset}"
