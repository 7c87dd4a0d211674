"""The relay against one row a transaction, and against faststream-outbox in its recommended set-up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import asyncpg
from faststream import FastStream
from faststream.kafka import KafkaBroker
from faststream_outbox import OutboxBroker, make_outbox_table
from prometheus_client import CollectorRegistry
from sqlalchemy import MetaData, func, select
from sqlalchemy.engine import make_url

from shared.contracts.envelope import Envelope, body_of
from shared.travel.metrics import TravelMetrics
from shared.travel.relay import Relay
from tests.bench.travel_ground import Ground, ground, producer, ratio
from tests.shared.travel.kafka_log import read_topic
from tests.shared.travel.small_service import observations, write
from tests.support.real_parts import RealParts

RUNS = 3
OURS = 20_000
THEIRS = 1_000
KEYS = 100


def run() -> list[dict[str, object]]:
    """Measure both peers in the same runs as ours."""
    parts = RealParts()
    try:
        rates = [asyncio.run(_one_run(parts)) for _ in range(RUNS)]
    finally:
        parts.stop()
    ours, rows, library = (list(each) for each in zip(*rates, strict=True))
    return [
        ratio("relay-vs-row-transactions", ours, rows, peer="one row a transaction, asyncpg and aiokafka", goal=20),
        ratio("relay-vs-faststream-outbox", ours, library, peer="faststream-outbox as its README shows", goal=10),
    ]


async def _one_run(parts: RealParts) -> tuple[float, float, float]:
    async with ground(parts) as place:
        ours = await _ours(place)
    async with ground(parts) as place:
        rows = await _row_by_row(place)
    async with ground(parts) as place:
        library = await _faststream_outbox(place)
    return ours, rows, library


async def _ours(place: Ground) -> float:
    await write(place.sessions, observations(KEYS, OURS // KEYS))
    relay = Relay(place.url, place.kafka, TravelMetrics(CollectorRegistry()), service="registration")
    async with relay.lead() as connection, producer(place.kafka) as sending:
        started = time.perf_counter()
        await relay.relay_events(connection, sending)
        seconds = time.perf_counter() - started
    await read_topic(place.kafka, place.topic, at_least=OURS)
    return OURS / seconds


async def _row_by_row(place: Ground) -> float:
    await write(place.sessions, observations(KEYS, THEIRS // KEYS))
    connection = await asyncpg.connect(make_url(place.url).set(drivername="postgresql").render_as_string(False))
    async with producer(place.kafka) as sending:
        started = time.perf_counter()
        for _ in range(THEIRS):
            async with connection.transaction():
                row = await connection.fetchrow(
                    "SELECT position, key, body FROM outbox WHERE published_at IS NULL"
                    " ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED"
                )
                await sending.send_and_wait(place.topic, row["body"], key=str(row["key"]).encode())
                await connection.execute("UPDATE outbox SET published_at = now() WHERE position = $1", row["position"])
        seconds = time.perf_counter() - started
    await connection.close()
    return THEIRS / seconds


async def _faststream_outbox(place: Ground) -> float:
    metadata = MetaData()
    table = make_outbox_table(metadata, table_name="their_outbox")
    async with place.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    theirs = OutboxBroker(place.engine, outbox_table=table)
    kafka = KafkaBroker(place.kafka.bootstrap)

    @kafka.publisher(place.topic)
    @theirs.subscriber("observations_outbox")
    async def relay(body: dict[str, object]) -> dict[str, object]:
        return body

    await _fill_theirs(place, theirs, observations(KEYS, THEIRS // KEYS))
    app = FastStream(theirs, on_startup=[kafka.connect], logger=None)
    started = time.perf_counter()
    await app.start()
    try:
        async with asyncio.timeout(120), place.engine.connect() as connection:
            while (await connection.execute(select(func.count()).select_from(table))).scalar_one():  # noqa: ASYNC110  the database tells it
                await asyncio.sleep(0.02)
        seconds = time.perf_counter() - started
    finally:
        await app.stop()
        await kafka.stop()
    await read_topic(place.kafka, place.topic, at_least=THEIRS)
    return THEIRS / seconds


async def _fill_theirs(place: Ground, theirs: OutboxBroker, events: Sequence[Envelope]) -> None:
    async with place.sessions() as session, session.begin():
        for envelope in events:
            await theirs.publish(body_of(envelope.event), queue="observations_outbox", session=session)
