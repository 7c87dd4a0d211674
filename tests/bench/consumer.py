"""The batch consumer (inbox, projection, offsets) against one message at a time."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from prometheus_client import CollectorRegistry
from sqlalchemy import insert

from shared.contracts.envelope import body_of, headers_of
from shared.contracts.observations import SkillObserved
from shared.ids import new_id
from shared.travel.consumer import Consumer
from shared.travel.hearing import Hearing
from shared.travel.metrics import TravelMetrics
from shared.travel.topics import OBSERVATIONS
from tests.bench.travel_ground import Ground, ground, producer, ratio
from tests.shared.travel.small_service import SUBSCRIPTION, count_applied, effects, observations, router_of
from tests.support.real_parts import RealParts

RUNS = 3
OURS = 20_000
THEIRS = 1_500
KEYS = 100
DEADLINE = 120.0


def run() -> list[dict[str, object]]:
    """Measure the peer in the same runs as ours."""
    parts = RealParts()
    try:
        rates = [asyncio.run(_one_run(parts)) for _ in range(RUNS)]
    finally:
        parts.stop()
    ours, single = (list(each) for each in zip(*rates, strict=True))
    peer = "FastStream, SQLAlchemy, one message a commit and acknowledgement"
    return [ratio("consumer-vs-single-ack", ours, single, peer=peer, goal=20)]


async def _one_run(parts: RealParts) -> tuple[float, float]:
    async with ground(parts) as place:
        ours = await _ours(place)
    async with ground(parts) as place:
        single = await _one_by_one(place)
    return ours, single


async def _fill(place: Ground, count: int) -> None:
    async with producer(place.kafka) as sending:
        acknowledged = [
            await sending.send(
                place.topic,
                body_of(envelope.event),
                key=str(envelope.event.aggregate_id).encode(),
                headers=headers_of(envelope),
            )
            for envelope in observations(KEYS, count // KEYS)
        ]
        await asyncio.gather(*acknowledged)


async def _ours(place: Ground) -> float:
    await _fill(place, OURS)
    metrics = TravelMetrics(CollectorRegistry())
    hearing = Hearing("matching", router_of(SUBSCRIPTION), kafka=place.kafka)
    consumer = Consumer(hearing, OBSERVATIONS, place.sessions, metrics, limit=20)
    running = asyncio.create_task(consumer.run())
    async with asyncio.timeout(DEADLINE):
        while not consumer.attempts:  # noqa: ASYNC110  the product tells it by a number
            await asyncio.sleep(0.001)
        started = time.perf_counter()
        while await count_applied(place.sessions) < OURS:  # noqa: ASYNC110  the database tells it
            await asyncio.sleep(0.02)
        seconds = time.perf_counter() - started
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return OURS / seconds


async def _one_by_one(place: Ground) -> float:
    await _fill(place, THEIRS)
    broker = KafkaBroker(place.kafka.bootstrap, logger=None)
    times: list[float] = []
    done = asyncio.Event()

    @broker.subscriber(
        place.topic,
        group_id=f"{place.kafka.prefix}single",
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )
    async def handle(event: SkillObserved) -> None:
        async with place.sessions() as session, session.begin():
            connection = await session.connection()
            await connection.execute(
                insert(effects).values(event_id=new_id(), participant=event.participant_id, revision=event.revision)
            )
        times.append(time.perf_counter())
        if len(times) == THEIRS:
            done.set()

    await broker.start()
    try:
        async with asyncio.timeout(DEADLINE):
            await done.wait()
    finally:
        await broker.stop()
    return (THEIRS - 1) / (times[-1] - times[0])
