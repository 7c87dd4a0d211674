"""A client of Kafka that is no longer wanted while it starts leaves nothing open."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from shared.database import Sessions
from shared.ending import end
from shared.travel.broker import KafkaAddress, apply_topics
from shared.travel.consumer import Consumer
from shared.travel.hearing import Hearing
from shared.travel.metrics import TravelMetrics
from shared.travel.pulse import Pulse
from shared.travel.relay import Relay
from shared.travel.status import group_lags, group_name
from shared.travel.topics import OBSERVATIONS
from tests.shared.travel.small_service import DEADLINE, SUBSCRIPTION, router_of

GREETINGS = 1
"""Answers that a client has before it asks for the brokers: which versions are spoken."""


class Door:
    """Stands before Kafka, and holds back the answer to a client's first question."""

    def __init__(self, kafka: KafkaAddress) -> None:
        self._host, port = kafka.bootstrap.split(":")
        self._port = int(port)
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on what a client says and, in time, what it is answered."""
        from_kafka, to_kafka = await asyncio.open_connection(self._host, self._port)
        asking = asyncio.create_task(_hand_on(reader, to_kafka))
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            for number in range(1_000):
                length = await from_kafka.readexactly(4)
                answer = await from_kafka.readexactly(int.from_bytes(length))
                if number == GREETINGS:
                    self.asked.set()
                    await self.may_answer.wait()
                writer.write(length + answer)
        await end(asking)
        for each in (writer, to_kafka):
            each.close()


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while said := await reader.read(65_536):
        writer.write(said)
    writer.close()


@asynccontextmanager
async def door_before(kafka: KafkaAddress) -> AsyncIterator[tuple[Door, KafkaAddress]]:
    """A door, and Kafka's address behind it."""
    door = Door(kafka)
    server = await asyncio.start_server(door.let_in, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield door, replace(kafka, bootstrap=f"127.0.0.1:{port}")


def consume(sessions: Sessions, kafka: KafkaAddress) -> Awaitable[object]:
    hearing = Hearing("matching", router_of(SUBSCRIPTION), kafka=kafka)
    return Consumer(hearing, OBSERVATIONS, sessions, TravelMetrics(CollectorRegistry()), limit=20).run()


async def feel_pulse(sessions: Sessions, kafka: KafkaAddress) -> None:
    pulse = Pulse(sessions, kafka, [])
    try:
        await pulse.feel()
    finally:
        await pulse.close()


def measure_lag(_sessions: Sessions, kafka: KafkaAddress) -> Awaitable[object]:
    return group_lags(kafka, {group_name(kafka, "matching", OBSERVATIONS): OBSERVATIONS})


def make_topics(_sessions: Sessions, kafka: KafkaAddress) -> Awaitable[object]:
    return apply_topics(kafka, [OBSERVATIONS])


def relay(sessions: Sessions, kafka: KafkaAddress) -> Awaitable[object]:
    url = sessions.kw["bind"].url.render_as_string(hide_password=False)
    return Relay(url, kafka, TravelMetrics(CollectorRegistry()), service="registration").run()


@pytest.mark.parametrize("work", [consume, feel_pulse, measure_lag, make_topics, relay])
async def test_who_is_ended_while_starting_leaves_nothing_open(
    sessions: Sessions, address: KafkaAddress, work: Callable[[Sessions, KafkaAddress], Awaitable[object]]
) -> None:
    await apply_topics(address, [OBSERVATIONS])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        async with asyncio.timeout(DEADLINE), door_before(address) as (door, behind):
            running = asyncio.ensure_future(work(sessions, behind))
            await door.asked.wait()
            running.cancel()
            await asyncio.sleep(0)
            door.may_answer.set()
            with pytest.raises(asyncio.CancelledError):
                await running
        gc.collect()
    assert [str(each.message) for each in told] == []
