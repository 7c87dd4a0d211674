"""The consumer: takes batches from Kafka into the inbox; offsets follow the database, never the other way round."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber

from shared.database import Sessions
from shared.travel.broker import KafkaAddress, build_broker
from shared.travel.inbox import Outcome, Subscription, TooManyDeadLetters, apply_batch
from shared.travel.metrics import TravelMetrics
from shared.travel.pauses import pause_after
from shared.travel.status import group_name

log = logging.getLogger(__name__)

BATCH = 1000
"""Messages taken at once."""

POLL_MS = 20
"""Milliseconds for which FastStream waits for messages, and then again after it found none."""

LONGEST_PAUSE = 5.0
"""Seconds between two attempts on a batch at most: far below the time after which the group would exclude us."""

COMMIT_DEADLINE = 10.0
"""Seconds for a commit of offsets; one that fails costs duplicates that the inbox drops, never events."""


STOP_DEADLINE = 20.0
"""Seconds in which a batch may still end, and the group be left, when the consumer stops."""


class FellSilent(Exception):
    """The client of Kafka does nothing though there is something to do."""


class Consumer:
    """One subscription of one service, in the consumer group that all its workers share."""

    def __init__(
        self,
        subscription: Subscription,
        sessions: Sessions,
        kafka: KafkaAddress,
        metrics: TravelMetrics,
        *,
        service: str,
        limit: int,
    ) -> None:
        self._subscription = subscription
        self._sessions = sessions
        self._kafka = kafka
        self._metrics = metrics
        self._limit = limit
        self.topic = subscription.topic
        self.group = group_name(kafka, service, subscription.topic)
        self._dead_in_a_row = 0
        self._failures = 0
        self._stopped_by: asyncio.Future[None] | None = None
        self._subscriber: BatchSubscriber | None = None
        self.attempts = 0
        """How often a batch was taken up: grows as long as the consumer lives and there is something to do."""
        self.connected = False

    @property
    def healthy(self) -> bool:
        """Whether the consumer is in its group and its last batch went well."""
        return self.connected and self._failures == 0

    async def run(self) -> None:
        """Consume until cancelled. Raises `TooManyDeadLetters` when the topic cannot be applied."""
        self._stopped_by = asyncio.get_running_loop().create_future()
        broker = self._build()
        try:
            await broker.start()
            self.connected = True
            log.info("%s listens", self.group)
            await self._stopped_by
        finally:
            self.connected = False
            await self._stop(broker)

    def assignment(self) -> frozenset[TopicPartition]:
        """The partitions that this consumer holds in its group."""
        client = self._subscriber.consumer if self._subscriber is not None else None
        return frozenset(client.assignment()) if client is not None else frozenset()

    def begin_anew(self) -> None:
        """End `run` with `FellSilent`."""
        self._stop_by(FellSilent(f"{self.group} fell silent"))

    def _stop_by(self, error: Exception) -> None:
        if self._stopped_by is not None and not self._stopped_by.done():
            self._stopped_by.set_exception(error)

    def _build(self) -> KafkaBroker:
        broker = build_broker(self._kafka, client_id=self.group)
        subscriber = broker.subscriber(
            self.topic.full_name(self._kafka.prefix),
            batch=True,
            group_id=self.group,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            batch_timeout_ms=POLL_MS,
            max_records=BATCH,
        )

        async def parse(records: tuple[ConsumerRecord, ...]) -> KafkaMessage:
            """Hand the batch on as it came: FastStream's own parser fails all of it for one header that is no text."""
            return KafkaAckableMessage(raw_message=records, body=b"", consumer=subscriber.consumer)

        async def decode(message: KafkaMessage) -> KafkaMessage:
            return message

        async def take(message: KafkaMessage) -> None:
            await self.take(message)

        subscriber(take, parser=parse, decoder=decode)
        self._subscriber = subscriber
        return broker

    async def _stop(self, broker: KafkaBroker) -> None:
        try:
            async with asyncio.timeout(STOP_DEADLINE):
                await broker.stop()
        except TimeoutError:
            log.warning("%s did not stop in time", self.group)

    async def take(self, message: KafkaMessage) -> None:
        """Apply a batch and commit its offsets; put it back, and wait, when that fails.

        Nothing is raised: FastStream would swallow it, and go on to the next batch.
        """
        records = message.raw_message
        started = time.monotonic()
        self.attempts += 1
        try:
            outcome = await apply_batch(
                self._sessions,
                self._subscription,
                records,
                dead_in_a_row=self._dead_in_a_row,
                limit=self._limit,
            )
        except Exception as error:
            await self._put_back(message, error)
            return
        self._failures = 0
        self._dead_in_a_row = outcome.dead_in_a_row
        await commit_offsets(message.consumer, records)
        self._tell(records, outcome, time.monotonic() - started)

    async def _put_back(self, message: KafkaMessage, error: Exception) -> None:
        self._failures += 1
        self._metrics.batches_failed.labels(self.topic.name).inc()
        log.warning("%s puts a batch back: %s", self.group, type(error).__name__)
        try:
            await message.nack()
        except IllegalStateError:
            log.info("%s no longer holds the partition of that batch", self.group)
        if isinstance(error, TooManyDeadLetters):
            self._stop_by(error)
        await asyncio.sleep(pause_after(self._failures, longest=LONGEST_PAUSE))

    def _tell(self, records: Sequence[ConsumerRecord], outcome: Outcome, seconds: float) -> None:
        topic = self.topic.name
        self._metrics.consumed.labels(topic, "applied").inc(outcome.applied)
        self._metrics.consumed.labels(topic, "seen").inc(outcome.seen)
        self._metrics.consumed.labels(topic, "dead").inc(outcome.dead)
        self._metrics.batch_events.labels(topic).observe(len(records))
        self._metrics.batch_seconds.labels(topic).observe(seconds)
        log.info(
            "%s %s: %d applied, %d seen before, %d dead, %.0f ms",
            self.group,
            " ".join(f"{place.partition}@{offset}" for place, offset in next_offsets(records).items()),
            outcome.applied,
            outcome.seen,
            outcome.dead,
            seconds * 1000,
        )


async def commit_offsets(consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
    """Commit the offsets of exactly these records; a failure is only told, since the inbox drops what comes again."""
    try:
        async with asyncio.timeout(COMMIT_DEADLINE):
            await consumer.commit(next_offsets(records))
    except (KafkaError, IllegalStateError, TimeoutError) as error:
        log.info("offsets are not committed: %s", type(error).__name__)


def next_offsets(records: Sequence[ConsumerRecord]) -> dict[TopicPartition, int]:
    """The offset behind the last of these records, for each partition."""
    return {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}
