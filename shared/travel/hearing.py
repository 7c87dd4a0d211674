"""What a service hears: the router of its subscribers on a broker of its own, each behind its inbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from aiokafka import ConsumerRecord
from faststream import BaseMiddleware, ContextRepo, StreamMessage
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaRouter
from faststream.kafka.message import FAKE_CONSUMER
from faststream.kafka.subscriber.usecase import BatchSubscriber
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Envelope
from shared.travel.broker import KafkaAddress, build_broker, leave_undecoded
from shared.travel.inbox import Handler, Subscription
from shared.travel.status import group_name
from shared.travel.topics import TOPICS, Service, Topic, topic_named

Take = Callable[[Sequence[ConsumerRecord], Handler], Awaitable[None]]
"""Takes a batch from Kafka through the inbox, which has the handler apply what is new of it."""

NO_KAFKA = KafkaAddress("")
"""Where nothing comes from: events are handed to handlers some other way."""


class InboxMiddleware(BaseMiddleware[Any, Any]):
    """Puts the inbox between Kafka and a handler: a batch goes in, and what is new of it goes on, in one transaction.

    The inbox may call the handler more than once, to find out which event it is that cannot be applied.
    """

    def __init__(self, msg: Any, /, *, context: ContextRepo, takes: Mapping[str, Take]) -> None:
        super().__init__(msg, context=context)
        self._takes = takes

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]) -> None:
        """Have the inbox of its topic take a batch, and call the rest of the chain."""
        records: Sequence[ConsumerRecord] = msg.raw_message
        await self._takes[records[0].topic](records, _giving(self.context, partial(call_next, msg)))


class Hearing:
    """The subscribers of a service by topic, and what their handlers are ``given`` by name."""

    def __init__(
        self,
        service: Service,
        router: KafkaRouter,
        given: Mapping[str, object] | None = None,
        *,
        kafka: KafkaAddress = NO_KAFKA,
    ) -> None:
        self._kafka = kafka
        self._takes: dict[str, Take] = {}
        self._broker = build_broker(
            kafka,
            client_id=f"{kafka.prefix}{service}",
            middleware=partial(InboxMiddleware, takes=self._takes),
            context=ContextRepo(dict(given or {})),
        )
        self._broker.include_router(router, prefix=kafka.prefix)
        self._subscribers = _by_topic(self._broker, kafka)
        for topic, subscriber in self._subscribers.items():
            subscriber.group_id = group_name(kafka, service, topic)
            # Without it, what a handler asks for would be unknown until Kafka has been reached.
            subscriber.schema()

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What is listened to."""
        return tuple(self._subscribers)

    def subscription(self, topic: Topic) -> Subscription:
        """A topic with its handler, for events that come some other way than from Kafka."""
        [call] = self._subscribers[topic].calls
        nothing = KafkaMessage(raw_message=(), body=b"", consumer=FAKE_CONSUMER)
        nothing.set_decoder(leave_undecoded)
        return Subscription(topic, _giving(self._broker.context, partial(call.handler.call_wrapped, nothing)))

    def subscriber(self, topic: Topic) -> BatchSubscriber:
        """The subscriber of a topic: each is started and stopped alone."""
        return self._subscribers[topic]

    async def start(self, topic: Topic, take: Take) -> None:
        """Start the subscriber of a topic, and hand on what comes to it."""
        self._takes[topic.full_name(self._kafka.prefix)] = take
        await self._broker.connect()
        await self._subscribers[topic].start()


def _giving(context: ContextRepo, call: Callable[[], Awaitable[Any]]) -> Handler:
    """Calls a handler that finds a session and new events among what it can ask for."""

    async def handle(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        with context.scopes((("session", session), ("envelopes", envelopes))):
            await call()

    return handle


def _by_topic(broker: KafkaBroker, kafka: KafkaAddress) -> dict[Topic, BatchSubscriber]:
    found: dict[Topic, BatchSubscriber] = {}
    for subscriber in broker.subscribers:
        if not isinstance(subscriber, BatchSubscriber):
            raise TypeError(f"{subscriber} is not subscribed in batches")
        [name] = subscriber.topic_names
        topic = topic_named(name.removeprefix(kafka.prefix))
        if topic in found:
            raise ValueError(f"{topic.name} has two subscribers, of which each would hear a part")
        found[topic] = subscriber
    return {topic: found[topic] for topic in TOPICS if topic in found}
