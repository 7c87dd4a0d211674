"""A process killed at any point of the way loses nothing, repeats no effect, and keeps the order per key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.contracts.envelope import Envelope
from shared.database import Sessions, create_engine, create_sessions
from shared.ids import new_id
from shared.travel.broker import KafkaAddress, apply_topics
from shared.travel.topics import OBSERVATIONS
from tests.shared.travel.checks import check_effects, has_applied, has_no_lag
from tests.shared.travel.kafka_log import read_topic
from tests.shared.travel.mortal import DIED, Life, start
from tests.shared.travel.small_service import (
    DEADLINE,
    POISON,
    observation,
    observations,
    prepare,
    running,
    settings_of,
    until,
    worker_of,
    write,
)
from tests.support.databases import Databases

POINTS = [
    ("after", "claim"),
    ("after", "_send_partition"),
    ("after", "send"),
    ("after", "mark_published"),
    ("before", "mark_dead_letters_published"),
    ("before", "apply_together"),
    ("after", "apply_together"),
    ("after", "apply_batch"),
    ("after", "commit_offsets"),
]
"""Before and after each commit, send and acknowledgement of relay and consumer."""

ONLY_RELAY = ("claim", "_send_partition", "send", "mark_published")
"""Points that a worker without consumers comes to; none of its groups then waits for a dead member."""


class Scene:
    """A database and names on Kafka of their own, in which one process dies and another goes on."""

    def __init__(self, url: str, address: KafkaAddress, sessions: Sessions) -> None:
        self.url = url
        self.address = address
        self.sessions = sessions

    def life(self, *, consumes: bool = True, point: tuple[str, str] | None = None) -> Life:
        """The life of a worker in this scene."""
        return Life(self.url, self.address.bootstrap, self.address.prefix, consumes, point)

    async def go_on(self, events: list[Envelope]) -> None:
        """Let a worker finish what the dead one left, and check every effect."""
        async with running(worker_of(settings_of(self.url, self.address.bootstrap, self.address.prefix))):
            await until(lambda: has_applied(self.sessions, len(events)), seconds=2 * DEADLINE)
            await until(lambda: has_no_lag(self.address))
        await check_effects(self.sessions, events)


@asynccontextmanager
async def scene(postgres: Databases, bootstrap: str, prefix: str) -> AsyncIterator[Scene]:
    name = postgres.create_database()
    url = postgres.url(name)
    await prepare(url)
    engine = create_engine(url)
    address = KafkaAddress(bootstrap, prefix)
    await apply_topics(address, [OBSERVATIONS])
    try:
        yield Scene(url, address, create_sessions(engine))
    finally:
        await engine.dispose()
        postgres.drop_database(name)


async def die_and_go_on(postgres: Databases, address: KafkaAddress, when: str, name: str) -> None:
    async with scene(postgres, address.bootstrap, f"{address.prefix}{when}-{name}.") as here:
        events = observations(20, 15)
        poison = observation(new_id(), 1, venue=POISON)
        await write(here.sessions, [*events[:100], poison, *events[100:]])
        process, _ = start(here.life(consumes=name not in ONLY_RELAY, point=(when, name)))
        await asyncio.to_thread(process.join, 2 * DEADLINE)
        assert process.exitcode == DIED, f"the process did not come to {when} {name}"
        await here.go_on(events)
        letters = await read_topic(here.address, OBSERVATIONS.dead_letters(here.address.prefix), at_least=1)
        assert {dict(letter.headers)["ce_id"].decode() for letter in letters} == {str(poison.id)}


@pytest.mark.slow
async def test_killed_at_a_named_point(postgres: Databases, address: KafkaAddress) -> None:
    # Together, since each consumer's group waits ten seconds for its dead member.
    await asyncio.gather(*(die_and_go_on(postgres, address, when, name) for when, name in POINTS))


@pytest.mark.slow
async def test_of_two_workers_in_a_group_one_goes_on(postgres: Databases, address: KafkaAddress) -> None:
    async with scene(postgres, address.bootstrap, address.prefix) as here:
        workers = [start(here.life()), start(here.life())]
        try:
            for _, alive in workers:
                assert await asyncio.to_thread(alive.wait, DEADLINE)
            events = observations(50, 40)
            await write(here.sessions, events[:1000])
            await until(lambda: has_applied(here.sessions, 1000))
            workers[0][0].kill()
            await write(here.sessions, events[1000:])
            await until(lambda: has_applied(here.sessions, 2000), seconds=2 * DEADLINE)
        finally:
            for process, _ in workers:
                process.kill()
                await asyncio.to_thread(process.join)
        await check_effects(here.sessions, events)
