"""The relay: takes events from the outbox to Kafka, in order per key, and loses none.

One relay of a service leads at a time (`leading`), and claims and marks on the connection that holds the lead. So
whoever loses the connection loses the lead, and can mark nothing any more. What it may have sent without marking is
sent again by the next leader, in the same order; inboxes drop what they know.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerClosed
from aiokafka.partitioner import DefaultPartitioner
from pydantic_core import from_json

from shared.travel.broker import KafkaAddress, create_producer, see_started
from shared.travel.dead_letters import message_headers
from shared.travel.leading import leading
from shared.travel.metrics import TravelMetrics
from shared.travel.outbox import WAKE_CHANNEL
from shared.travel.pauses import pause_after
from shared.travel.topics import Topic, topic_named

log = logging.getLogger(__name__)

LEADER_LOCK = 7_236_002
"""The advisory lock of the leader; each service has its own database, so one number serves all."""

BATCH = 1000
"""Messages claimed at once."""

DEADLINE = 30.0
"""Seconds in which Kafka must have acknowledged a batch; an idempotent producer of its own never gives up."""

METADATA_DEADLINE = 3.0
"""Seconds in which a topic must be known to Kafka."""

SAFETY_POLL = 5.0
"""Seconds after which the leader looks into the outbox though nothing woke it."""

LONGEST_PAUSE = 5.0
"""Seconds at most between two attempts to reach PostgreSQL or Kafka."""

SILENCE = 12.0
"""Seconds without progress after which the relay counts as stuck: more than the rest and the question after it."""

TOPIC_REST = 5.0
"""Seconds for which a topic that refused a batch is left alone, so that the others go on."""

LOST = (OSError, TimeoutError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What ends a lead without being a mistake of ours."""


class OutgoingMessage(NamedTuple):
    """One row on its way to Kafka; ``place`` identifies it in the table that it comes from."""

    place: Any
    topic: str
    key: bytes | None
    headers: list[tuple[str, bytes]]
    body: bytes


@dataclass(slots=True)
class Sent:
    """What became of a batch: the places that Kafka acknowledged, and the kind of error by topic where it did not."""

    places: list[Any] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


class ProducerStuck(Exception):
    """The producer failed or fell silent; it is replaced."""


async def claim(
    connection: asyncpg.Connection, resting: Sequence[str], in_flight: Sequence[int]
) -> list[OutgoingMessage]:
    """The next unpublished events in the order of their positions, without resting topics and what is in flight.

    By claim and not by ``position > last``: a lower position may be committed later.
    """
    rows = await connection.fetch(
        "SELECT position, topic, key, headers, body FROM outbox"
        " WHERE published_at IS NULL AND topic <> ALL ($1::varchar[]) AND position <> ALL ($2::bigint[])"
        " ORDER BY position LIMIT $3",
        resting,
        in_flight,
        BATCH,
    )
    return [
        OutgoingMessage(
            position, topic, str(key).encode(), [(name, value.encode()) for name, value in headers.items()], body
        )
        for position, topic, key, headers, body in rows
    ]


async def claim_dead_letters(connection: asyncpg.Connection) -> list[OutgoingMessage]:
    """The next dead letters that are not yet on their topic's dead-letter topic."""
    rows = await connection.fetch(
        'SELECT id, topic, partition, "offset", error, key, headers, body FROM dead_letters'
        " WHERE published_at IS NULL AND NOT parked ORDER BY died_at LIMIT $1",
        BATCH,
    )
    return [OutgoingMessage(row["id"], row["topic"], row["key"], message_headers(row), row["body"]) for row in rows]


async def mark_published(connection: asyncpg.Connection, positions: Sequence[int]) -> None:
    """Note that Kafka holds these events."""
    await connection.execute("UPDATE outbox SET published_at = now() WHERE position = ANY ($1::bigint[])", positions)


async def mark_dead_letters_published(connection: asyncpg.Connection, ids: Sequence[Any]) -> None:
    """Note that Kafka holds these dead letters."""
    await connection.execute("UPDATE dead_letters SET published_at = now() WHERE id = ANY ($1::uuid[])", ids)


async def send(
    producer: AIOKafkaProducer,
    messages: Sequence[OutgoingMessage],
    full_name: Callable[[Topic], str],
    *,
    deadline: float,
) -> Sent:
    """Send messages pipelined and wait until Kafka acknowledged all, or ``deadline`` seconds are over.

    ``full_name`` gives the name on Kafka of a message's topic. Within a partition nothing counts as sent that comes
    after something that failed.
    """
    by_topic: dict[str, list[OutgoingMessage]] = defaultdict(list)
    for message in messages:
        by_topic[message.topic].append(message)
    sent = Sent()
    await asyncio.gather(
        *(
            _send_topic(producer, topic, full_name(topic_named(topic)), part, sent, deadline)
            for topic, part in by_topic.items()
        )
    )
    return sent


async def _send_topic(
    producer: AIOKafkaProducer, topic: str, full_name: str, messages: list[OutgoingMessage], sent: Sent, deadline: float
) -> None:
    try:
        async with asyncio.timeout(min(deadline, METADATA_DEADLINE)):
            partitions = len(await producer.partitions_for(full_name))
        by_partition: dict[int, list[OutgoingMessage]] = defaultdict(list)
        for message in messages:
            by_partition[partition_of(message.key, partitions)].append(message)
        async with asyncio.timeout(deadline):
            await _all_of(
                _send_partition(producer, full_name, number, part, sent) for number, part in by_partition.items()
            )
    except (KafkaError, TimeoutError) as error:
        sent.failures[topic] = type(error).__name__


async def _all_of(parts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait until all ended, well or badly; then raise the first error."""
    for result in await asyncio.gather(*parts, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


async def _send_partition(
    producer: AIOKafkaProducer, full_name: str, partition: int, messages: list[OutgoingMessage], sent: Sent
) -> None:
    waiting = []
    for builder, part in _batches(producer, messages):
        acknowledged = await producer.send_batch(builder, full_name, partition=partition)
        acknowledged.add_done_callback(_retrieve)
        waiting.append((acknowledged, part))
    for acknowledged, part in waiting:
        await asyncio.shield(acknowledged)
        sent.places.extend(message.place for message in part)


def _batches(
    producer: AIOKafkaProducer, messages: list[OutgoingMessage]
) -> Iterator[tuple[Any, list[OutgoingMessage]]]:
    builder, part = producer.create_batch(), list[OutgoingMessage]()
    for message in messages:
        if _append(builder, message) is None:
            yield builder, part
            builder, part = producer.create_batch(), []
            _append(builder, message)
        part.append(message)
    builder.close()
    yield builder, part


def _append(builder: Any, message: OutgoingMessage) -> Any:
    return builder.append(timestamp=None, key=message.key, value=message.body, headers=message.headers)


def _retrieve(future: asyncio.Future[Any]) -> None:
    """Look at a late error, so that it is not reported as forgotten: its batch counts as unsent already."""
    if not future.cancelled():
        future.exception()


@lru_cache(maxsize=65_536)
def partition_of(key: bytes | None, partitions: int) -> int:
    """The partition of a key, as Kafka's own clients choose it (murmur2)."""
    if key is None:
        return 0
    numbers = list(range(partitions))
    return int(DefaultPartitioner()(key, numbers, numbers))


class Relay:
    """The relay of one service: follows until it leads, leads until it loses the connection, for ever."""

    def __init__(self, database_url: str, kafka: KafkaAddress, metrics: TravelMetrics, *, service: str) -> None:
        self._database_url = database_url
        self._kafka = kafka
        self._metrics = metrics
        self._client_id = f"{kafka.prefix}{service}-relay"
        self._wake = asyncio.Event()
        self._resting: dict[str, float] = {}
        self._stumbled: str | None = "has not begun"
        self._moved_at = time.monotonic()

    @property
    def trouble(self) -> str | None:
        """What keeps the relay from its work, in a few words; None when it is well, or stands by for one that is."""
        silent = time.monotonic() - self._moved_at
        if self._stumbled is None and silent > SILENCE:
            return f"has not moved for {silent:.0f} s"
        return self._stumbled

    async def run(self) -> None:
        """Relay until cancelled."""
        failures = 0
        while True:
            try:
                async with self.lead() as connection:
                    failures = 0
                    await self._relay_with_fresh_producers(connection)
            except LOST as error:
                failures += 1
                self._stumble("the relay lost PostgreSQL", error)
            await asyncio.sleep(pause_after(failures, longest=LONGEST_PAUSE))

    @asynccontextmanager
    async def lead(self) -> AsyncIterator[asyncpg.Connection]:
        """Wait until this relay may lead; the connection holds the lead, and ends with the block."""
        async with leading(self._database_url, LEADER_LOCK, self._client_id, on_standby=self._move) as connection:
            await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=from_json, schema="pg_catalog")
            await connection.add_listener(WAKE_CHANNEL, lambda *_: self._wake.set())
            connection.add_termination_listener(lambda _: self._wake.set())
            self._metrics.leading.set(1)
            try:
                yield connection
            finally:
                self._metrics.leading.set(0)

    async def _relay_with_fresh_producers(self, connection: asyncpg.Connection) -> None:
        failures = 0
        while True:
            producer = create_producer(self._kafka, client_id=self._client_id)
            try:
                await see_started(producer.start())
                failures = 0
                await self._relay(connection, producer)
            except (KafkaError, ProducerStuck) as error:
                failures += 1
                self._stumble("the relay lost Kafka", error)
            finally:
                await _abandon(producer)
            await connection.fetchval("SELECT 1")
            await asyncio.sleep(pause_after(failures, longest=LONGEST_PAUSE))

    async def _relay(self, connection: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        while True:
            self._wake.clear()
            await self.relay_events(connection, producer)
            more = await self.relay_dead_letters(connection, producer)
            self._move()
            if not more and not await self._rest():
                await _ask_for_news(producer)

    async def relay_events(self, connection: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        """Take events to Kafka until the outbox is empty; while Kafka receives a batch, the database works on others.

        Raises `ProducerStuck`, after marking what was acknowledged, when something was not: what was claimed behind it
        is not sent, and claimed again in order.
        """
        batch = await claim(connection, self._resting_topics(), ())
        sending = self._begin_to_send(producer, batch)
        try:
            while batch:
                following = await self._claim_behind(connection, batch)
                sent = await sending
                if not sent.failures:
                    sending = self._begin_to_send(producer, following)
                await mark_published(connection, sent.places)
                self._move()
                self._count(batch, sent)
                batch = following
        finally:
            sending.cancel()

    def _begin_to_send(self, producer: AIOKafkaProducer, batch: Sequence[OutgoingMessage]) -> asyncio.Task[Sent]:
        return asyncio.create_task(send(producer, batch, self._full_name, deadline=DEADLINE))

    async def _claim_behind(
        self, connection: asyncpg.Connection, batch: Sequence[OutgoingMessage]
    ) -> list[OutgoingMessage]:
        if len(batch) < BATCH:
            return []
        return await claim(connection, self._resting_topics(), [message.place for message in batch])

    async def relay_dead_letters(self, connection: asyncpg.Connection, producer: AIOKafkaProducer) -> bool:
        """Take one batch of dead letters to their topics; whether there may be more. Raises `ProducerStuck`."""
        letters = await claim_dead_letters(connection)
        if letters:
            sent = await send(producer, letters, self._dead_letter_name, deadline=DEADLINE)
            await mark_dead_letters_published(connection, sent.places)
            self._raise_failures(sent)
        return len(letters) == BATCH

    def _full_name(self, topic: Topic) -> str:
        return topic.full_name(self._kafka.prefix)

    def _dead_letter_name(self, topic: Topic) -> str:
        return topic.dead_letters(self._kafka.prefix)

    def _count(self, messages: Sequence[OutgoingMessage], sent: Sent) -> None:
        acknowledged = set(sent.places)
        for topic, count in Counter(message.topic for message in messages if message.place in acknowledged).items():
            self._metrics.published.labels(topic).inc(count)
        rest_until = asyncio.get_running_loop().time() + TOPIC_REST
        self._resting.update(dict.fromkeys(sent.failures, rest_until))
        self._raise_failures(sent)

    def _raise_failures(self, sent: Sent) -> None:
        for topic, error in sent.failures.items():
            self._metrics.publishing_failed.labels(topic).inc()
            log.warning("Kafka did not take a batch for %s: %s", topic, error)
        if sent.failures:
            raise ProducerStuck

    def _resting_topics(self) -> list[str]:
        now = asyncio.get_running_loop().time()
        self._resting = {topic: until for topic, until in self._resting.items() if until > now}
        return sorted(self._resting)

    async def _rest(self) -> bool:
        """Wait to be woken; whether something did."""
        try:
            async with asyncio.timeout(SAFETY_POLL):
                return await self._wake.wait()
        except TimeoutError:
            return False

    def _move(self) -> None:
        self._stumbled = None
        self._moved_at = time.monotonic()

    def _stumble(self, what: str, error: BaseException) -> None:
        self._stumbled = f"{what} ({type(error).__name__})"
        log.warning("%s: %s", what, type(error).__name__)


async def _ask_for_news(producer: AIOKafkaProducer) -> None:
    """Have Kafka say something though there is nothing to send; raises `ProducerStuck` where it does not."""
    try:
        async with asyncio.timeout(METADATA_DEADLINE):
            answered = await producer.client.force_metadata_update()
    except TimeoutError:
        raise ProducerStuck from None
    if not answered:
        raise ProducerStuck


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Stop a producer at once, with whatever it has not sent: those events are still unpublished in the outbox."""
    # stop() alone would wait, without end when the broker is away, until all is sent.
    producer._message_accumulator.fail_all(ProducerClosed())
    try:
        await producer.stop()
    except KeyError:
        # Its sender found a batch failed that it was about to try again, and died of it.
        await producer.client.close()
