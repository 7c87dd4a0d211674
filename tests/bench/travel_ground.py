"""Where travel is measured: a real Kafka and PostgreSQL, found as tests find theirs, and the tests' small service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database import Sessions, create_engine, create_sessions
from shared.settling import settle
from shared.travel.broker import KafkaAddress, apply_topics, create_producer
from shared.travel.topics import OBSERVATIONS
from tests.shared.travel.small_service import prepare
from tests.support.databases import Databases
from tests.support.real_parts import RealParts


@dataclass(frozen=True)
class Ground:
    """A database of the small service, and names on Kafka that nobody else has."""

    url: str
    engine: AsyncEngine
    sessions: Sessions
    kafka: KafkaAddress

    @property
    def topic(self) -> str:
        """The topic that is measured."""
        return OBSERVATIONS.full_name(self.kafka.prefix)


@asynccontextmanager
async def ground(parts: RealParts) -> AsyncIterator[Ground]:
    """A fresh ground on these parts for one measurement."""
    settle()
    databases = Databases(parts.database_server())
    name = databases.create_database()
    url = databases.url(name)
    await prepare(url)
    engine = create_engine(url)
    kafka = KafkaAddress(parts.broker().bootstrap_servers, f"b{uuid4().hex[:8]}.")
    await apply_topics(kafka, [OBSERVATIONS])
    try:
        yield Ground(url, engine, create_sessions(engine), kafka)
    finally:
        await engine.dispose()
        databases.drop_database(name)
        databases.close()


@asynccontextmanager
async def producer(kafka: KafkaAddress) -> AsyncIterator[AIOKafkaProducer]:
    """The product's own producer."""
    made = create_producer(kafka, client_id="bench")
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


def ratio(name: str, ours: list[float], theirs: list[float], *, peer: str, goal: float) -> dict[str, object]:
    """A result: how many times faster we are, the median of runs that were measured in pairs."""
    runs = [round(our / their, 1) for our, their in zip(ours, theirs, strict=True)]
    return {
        "name": name,
        "value": median(runs),
        "unit": "times",
        "peer": f"{peer}: {median(theirs):,.0f} events/s; ours: {median(ours):,.0f} events/s",
        "goal": goal,
        "better": "higher",
        "runs": runs,
    }
