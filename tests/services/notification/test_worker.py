"""The worker as a process part: real Kafka in, a real mail out, an event back on Kafka."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from asgi_lifespan import LifespanManager
from fastapi import FastAPI, Request
from pydantic import SecretStr
from starlette.responses import Response

from services.notification.settings import Settings
from services.notification.worker import create_worker
from shared.contracts.envelope import Envelope, Event, body_of, headers_of
from shared.ids import new_id
from shared.travel.broker import apply_topics, kafka_address
from shared.travel.topics import INVITATIONS, TOPIC_OF_EVENT, TOPICS
from tests.services.notification.events import consented, in_force, meeting, registered, scheduled
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import PUBLIC_URL, SECRET, Story, link_in
from tests.support.brokers import Broker
from tests.support.serving import serving


async def test_from_kafka_to_mail_to_kafka(
    story: Story, catcher: MailCatcher, database_url: str, kafka: Broker, topic_prefix: str
) -> None:
    registration = FastAPI()

    async def look_up(request: Request) -> Response:
        asked = {kind: set(ids) for kind, ids in (await request.json()).items()}
        known = story.directory.entries.model_dump(mode="json")
        answer = {kind: {id_: e for id_, e in known[kind].items() if id_ in asked[kind]} for kind in known}
        return Response(type(story.directory.entries).model_validate(answer).model_dump_json())

    registration.add_api_route("/internal/directory", look_up, methods=["POST"])
    async with serving(registration) as registration_url:
        settings = Settings(
            database_url=database_url,
            seal_secret=SecretStr(SECRET),
            kafka_bootstrap=kafka.bootstrap_servers,
            topic_prefix=topic_prefix,
            registration_url=registration_url,
            public_url=PUBLIC_URL,
            smtp_port=catcher.server.port,
        )
        await apply_topics(kafka_address(settings), TOPICS)
        async with LifespanManager(create_worker(settings), startup_timeout=60, shutdown_timeout=60):
            starts_at = datetime.now(UTC) + timedelta(days=10)
            await produce(
                settings,
                scheduled(starts_at=starts_at),
                in_force(meeting("zephyrine")),
                registered("zephyrine"),
                consented("zephyrine"),
            )
            assert await first_event(settings) == "vernissage.invitation.sent.v1"
    [mail] = catcher.box.messages
    assert link_in(mail).startswith("/r/")


async def produce(settings: Settings, *events: Event) -> None:
    """Let other services say this on Kafka."""
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap) as producer:
        for event in events:
            topic = TOPIC_OF_EVENT[type(event)]
            envelope = Envelope(id=new_id(), source=topic.source, time=datetime.now(UTC), event=event)
            await producer.send_and_wait(
                topic.full_name(settings.topic_prefix),
                body_of(event),
                key=str(event.aggregate_id).encode(),
                headers=headers_of(envelope),
            )


async def first_event(settings: Settings) -> str:
    """The type of the first event on the topic of invitations."""
    topic = INVITATIONS.full_name(settings.topic_prefix)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka_bootstrap, auto_offset_reset="earliest")
    async with asyncio.timeout(60), consumer:
        record = await consumer.getone()
    return str(dict(record.headers)["ce_type"].decode())
