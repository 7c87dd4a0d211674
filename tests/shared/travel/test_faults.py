"""Broker and database die and come back, and answer with errors: nothing is lost, and no effect is repeated."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.memory_kafka import MemoryKafka, Request
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.processes import Supervisor
from shared.contracts.envelope import Envelope
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.settings import ServiceSettings
from shared.sql import run
from shared.travel.broker import KafkaAddress
from shared.travel.gaps import list_gaps
from shared.travel.tables import outbox
from shared.travel.topics import OBSERVATIONS
from tests.shared.travel.checks import check_effects, has_applied
from tests.shared.travel.kafka_log import read_topic
from tests.shared.travel.small_service import (
    DEADLINE,
    observations,
    prepare,
    running,
    settings_of,
    until,
    worker_of,
    write,
)
from tests.support.finding import PartUnavailable
from tests.support.run_rules import skip_or_fail

NOT_ENOUGH_REPLICAS = 19
REBALANCE_IN_PROGRESS = 27
NOT_COORDINATOR = 16
NOT_LEADER = 6


@pytest.fixture
def memory() -> Iterator[MemoryKafka]:
    """A broker in memory that fails on request."""
    with MemoryKafka() as kafka:
        yield kafka


@contextmanager
def own_kafka(folder: Path) -> Iterator[EmbeddedKafka]:
    with Supervisor(folder / "processes") as supervisor:
        kafka = EmbeddedKafka(supervisor, folder / "kafka")
        try:
            kafka.start()
        except EmbeddedError as error:
            skip_or_fail(PartUnavailable(str(error)), "Apache Kafka")
        yield kafka


@pytest.mark.slow
async def test_the_broker_is_killed_and_comes_back(database: str, sessions: Sessions, tmp_path: Path) -> None:
    with own_kafka(tmp_path) as kafka:
        events = observations(20, 60)
        address = KafkaAddress(kafka.bootstrap_servers, "t.")
        async with running(worker_of(settings_of(database, address.bootstrap, address.prefix))):
            await write(sessions, events[:400])
            await until(lambda: has_applied(sessions, 400))
            os.kill(kafka.pid, signal.SIGKILL)
            await write(sessions, events[400:800])
            await until(lambda: has_applied(sessions, 800), seconds=2 * DEADLINE)
            await write(sessions, events[800:])
            await until(lambda: has_applied(sessions, 1200))
    await check_effects(sessions, events)


@pytest.mark.slow
async def test_the_database_is_killed_and_comes_back(address: KafkaAddress, tmp_path: Path) -> None:
    with Supervisor(tmp_path / "processes") as supervisor:
        postgres = EmbeddedPostgres(supervisor, tmp_path / "postgresql", services=("matching",))
        postgres.start()
        url = postgres.owner_url("matching")
        await prepare(url)
        engine = create_engine(url)
        sessions = create_sessions(engine)
        events = observations(20, 60)
        async with running(worker_of(settings_of(url, address.bootstrap, address.prefix))):
            await write(sessions, events[:400])
            await until(lambda: has_applied(sessions, 400))
            await write(sessions, events[400:800])
            os.kill(postgres.pid, signal.SIGKILL)
            await until(lambda: writes(sessions, events[800:]), seconds=2 * DEADLINE)
            await until(lambda: applies_at_last(sessions, 1200), seconds=2 * DEADLINE)
        await check_effects(sessions, events)
        await engine.dispose()


async def writes(sessions: Sessions, events: list[Envelope]) -> bool:
    try:
        await write(sessions, events)
    except Exception:
        return False
    return True


async def applies_at_last(sessions: Sessions, count: int) -> bool:
    try:
        return await has_applied(sessions, count)
    except Exception:
        return False


FAULTS: dict[str, Callable[[MemoryKafka], None]] = {
    "the broker refuses to take events": lambda kafka: kafka.fail_next(
        Request.PRODUCE, [NOT_ENOUGH_REPLICAS, NOT_LEADER] * 2
    ),
    "the broker refuses to give events": lambda kafka: kafka.fail_next(Request.FETCH, [NOT_LEADER] * 3),
    "offsets cannot be committed": lambda kafka: kafka.fail_next(Request.OFFSET_COMMIT, [NOT_COORDINATOR] * 3),
    "the group rebalances": lambda kafka: kafka.fail_next(Request.HEARTBEAT, [REBALANCE_IN_PROGRESS]),
    "the broker is slow": lambda kafka: kafka.slow_down(1, 0.2),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_of_the_broker_costs_nothing(
    database: str, sessions: Sessions, memory: MemoryKafka, fault: str
) -> None:
    events = observations(10, 30)
    async with running(worker_of(settings_of(database, memory.bootstrap_servers, ""))):
        await write(sessions, events[:100])
        await until(lambda: has_applied(sessions, 100))
        FAULTS[fault](memory)
        await write(sessions, events[100:200])
        await write(sessions, events[200:])
        await until(lambda: has_applied(sessions, 300))
    await check_effects(sessions, events)


async def test_a_broker_that_forgets_is_told_everything_again(database: str, sessions: Sessions) -> None:
    events = observations(5, 20)
    with MemoryKafka() as kafka:
        async with running(worker_of(forgetful(database, kafka))):
            await write(sessions, events[:60])
            await until(lambda: has_applied(sessions, 60))
    await write(sessions, events[60:])
    with MemoryKafka() as kafka:
        async with running(worker_of(forgetful(database, kafka))):
            await until(lambda: has_applied(sessions, 100))
            address = KafkaAddress(kafka.bootstrap_servers)
            assert len(await read_topic(address, OBSERVATIONS.full_name(), at_least=100)) == 100
    await check_effects(sessions, events)


async def test_what_a_broker_forgot_and_nobody_keeps_any_more_is_no_gap(database: str, sessions: Sessions) -> None:
    events = observations(5, 20)
    with MemoryKafka() as kafka:
        async with running(worker_of(forgetful(database, kafka))):
            await write(sessions, events[:60])
            await until(lambda: has_applied(sessions, 60))
    async with unit_of_work(sessions) as session:
        await run(session, delete(outbox))
    await write(sessions, events[60:])
    with MemoryKafka() as kafka:
        async with running(worker_of(forgetful(database, kafka))):
            await until(lambda: has_applied(sessions, 100))
    async with sessions() as session:
        assert await list_gaps(session) == []


def forgetful(database: str, kafka: MemoryKafka) -> ServiceSettings:
    return settings_of(database, kafka.bootstrap_servers, "").model_copy(update={"kafka_keeps_topics": False})
