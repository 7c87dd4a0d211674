"""The one place that says how Vernissage speaks to Kafka: acknowledgements, idempotence, offsets, security, topics."""

from __future__ import annotations

import ssl
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from faststream import ContextRepo
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
from faststream.types import BrokerMiddleware

from shared.ending import see_begun
from shared.settings import ServiceSettings
from shared.travel.topics import TOPICS, Topic

LARGEST_MESSAGE = 16 * 1024 * 1024
"""Bytes of the largest message: the pairing of a meetup with thousands of meetings is a few of them, not one."""

BATCH_BYTES = 512 * 1024
"""Bytes of one batch of messages to one partition; a message that is larger goes alone."""

COPIES = 3
"""Brokers that keep each topic, where there are as many."""

METADATA_AGE_MS = 30_000
"""How long a client believes what it knows of topics and brokers."""

REQUEST_TIMEOUT_MS = 10_000

START_PATIENCE = 10.0
"""Seconds for which a client that is no longer wanted may go on starting."""


@dataclass(frozen=True)
class KafkaAddress:
    """Where Kafka is, how to get in, and what stands before the names of topics and groups."""

    bootstrap: str
    prefix: str = ""
    security: BaseSecurity | None = field(default=None, repr=False)

    def client_options(self) -> dict[str, Any]:
        """The options that every aiokafka client takes."""
        return {
            "bootstrap_servers": self.bootstrap,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
            "metadata_max_age_ms": METADATA_AGE_MS,
            **parse_security(self.security),
        }


def kafka_address(settings: ServiceSettings) -> KafkaAddress:
    """The Kafka that the settings name."""
    return KafkaAddress(settings.kafka_bootstrap, settings.topic_prefix, _security(settings))


def build_broker(
    kafka: KafkaAddress, *, client_id: str, middleware: BrokerMiddleware[Any], context: ContextRepo
) -> KafkaBroker:
    """A FastStream broker that only consumes, and acknowledges nothing by itself.

    It neither makes topics nor publishes (events leave through the relay), decodes nothing (the inbox does, message by
    message), and logs nothing (the consumer logs a line a batch).
    """
    return KafkaBroker(
        kafka.bootstrap,
        client_id=client_id,
        security=kafka.security,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        metadata_max_age_ms=METADATA_AGE_MS,
        consumer_only=True,
        allow_auto_create_topics=False,
        middlewares=[middleware],
        context=context,
        parser=hand_on,
        decoder=leave_undecoded,
        logger=None,
    )


async def hand_on(records: tuple[ConsumerRecord, ...]) -> KafkaMessage:
    """A batch as it came: FastStream's own parser fails all of it for one header that is no text."""
    return KafkaMessage(raw_message=records, body=b"", consumer=FAKE_CONSUMER)


async def leave_undecoded(message: KafkaMessage) -> object:
    """Nothing: handlers ask for what is new, which the inbox finds in the batch."""
    return message.body


def create_producer(kafka: KafkaAddress, *, client_id: str) -> AIOKafkaProducer:
    """An idempotent producer that waits for all replicas and compresses what it sends."""
    return AIOKafkaProducer(
        client_id=client_id,
        compression_type="zstd",
        enable_idempotence=True,
        acks="all",
        max_batch_size=BATCH_BYTES,
        max_request_size=LARGEST_MESSAGE,
        **kafka.client_options(),
    )


async def see_started(starting: Coroutine[Any, Any, None]) -> None:
    """Start a client of Kafka; cancelled meanwhile, it is waited for, so that stopping it closes all that it opened.

    aiokafka 0.14 leaves its first connection open where it is cancelled in its first request.
    """
    await see_begun(starting, patience=START_PATIENCE)


async def apply_topics(kafka: KafkaAddress, topics: Sequence[Topic] = TOPICS) -> tuple[str, ...]:
    """Create the topics that are missing, and those for their dead letters; the names of what was made.

    Each is kept in three copies, or in as many as there are brokers. A broker without topic administration (the memory
    broker) makes topics on first use: then nothing is made here. Raises `KafkaError` when a topic is refused.
    """
    admin = AIOKafkaAdminClient(**kafka.client_options())
    try:
        await see_started(admin.start())
        cluster = await admin.describe_cluster()
        if cluster["controller_id"] not in {broker["node_id"] for broker in cluster["brokers"]}:
            return ()
        known = set(await admin.list_topics())
        replicas = min(COPIES, len(cluster["brokers"]))
        missing = [topic for topic in _all_topics(kafka, topics, replicas) if topic.name not in known]
        return await _create(admin, missing)
    finally:
        await admin.close()


def _all_topics(kafka: KafkaAddress, topics: Sequence[Topic], replicas: int) -> list[NewTopic]:
    wanted = []
    for topic in topics:
        configuration = _topic_settings(topic)
        wanted.append(NewTopic(topic.full_name(kafka.prefix), topic.partitions, replicas, topic_configs=configuration))
        wanted.append(NewTopic(topic.dead_letters(kafka.prefix), 1, replicas, topic_configs=configuration))
    return wanted


def _topic_settings(topic: Topic) -> dict[str, str]:
    return {
        "retention.ms": str(int(topic.retention.total_seconds() * 1000)),
        # A segment that is still written to is never deleted: it must not stay open for longer than a day.
        "segment.ms": str(int(timedelta(days=1).total_seconds() * 1000)),
        "max.message.bytes": str(LARGEST_MESSAGE + 1024 * 1024),
    }


async def _create(admin: AIOKafkaAdminClient, missing: list[NewTopic]) -> tuple[str, ...]:
    if not missing:
        return ()
    response = await admin.create_topics(missing)
    made = []
    for name, code, *_ in response.topic_errors:
        error = for_code(code)
        if code == 0:
            made.append(name)
        elif error is not TopicAlreadyExistsError:
            raise _refused(name, error)
    return tuple(made)


def _refused(name: str, error: type[KafkaError]) -> KafkaError:
    return error(f"the broker refuses the topic {name}: {error.__name__}")


def _security(settings: ServiceSettings) -> BaseSecurity | None:
    if settings.kafka_security == "plaintext":
        return None
    encrypted = settings.kafka_security in ("ssl", "sasl-ssl")
    certificates = ssl.create_default_context(cafile=settings.kafka_ca_file) if encrypted else None
    if settings.kafka_security == "ssl":
        return BaseSecurity(ssl_context=certificates)
    kind = {"plain": SASLPlaintext, "scram-sha-256": SASLScram256, "scram-sha-512": SASLScram512}[settings.kafka_sasl]
    return kind(settings.kafka_user, settings.kafka_password.get_secret_value(), ssl_context=certificates)
