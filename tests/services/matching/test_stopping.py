"""A worker that is told to end gives back what it computes, and the next one takes it up at once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from deploy.embedded.ports import free_port
from services.matching.repository import components, pairings
from services.matching.repository.components import RefitRequest
from services.matching.settings import Settings
from services.matching.worker import Computing
from shared.database import unit_of_work
from shared.ending import end
from shared.ids import new_id
from shared.travel.broker import KafkaAddress
from tests.services.matching.conftest import Stage
from tests.services.matching.served import served
from tests.services.matching.test_worker import ignore
from tests.shared.travel.mortal import new_halt
from tests.shared.travel.small_service import DEADLINE, until
from tests.support.brokers import Broker
from tests.support.events import NOW, an_id

pytestmark = pytest.mark.slow


async def test_what_a_worker_computes_when_it_is_told_to_end_the_next_one_does(
    gallery: Stage, kafka: Broker, topic_prefix: str
) -> None:
    url, halt = gallery.engine.url.render_as_string(hide_password=False), new_halt()
    async with unit_of_work(gallery.sessions) as session:
        await components.ask_for_refit(session, RefitRequest(new_id(), "rome-4", an_id("manager"), NOW))
    await gallery.ask()
    with served(url, KafkaAddress(kafka.bootstrap_servers, topic_prefix), free_port(), halt) as worker:
        async with unit_of_work(gallery.sessions) as session:
            # As long as somebody else holds the meetup, its run is computed but cannot be recorded.
            await pairings.hold_meetups(session, [an_id("meetup")])
            await until(lambda: somebody_waits_for_it(gallery))
            assert await asyncio.to_thread(halt.reached.wait, DEADLINE)
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGTERM)
            async with next_worker(gallery, url):
                await until(lambda: is_fitted(gallery), seconds=2 * DEADLINE)
            halt.go_on.set()
            await asyncio.to_thread(worker.join, DEADLINE)
    assert worker.exitcode == 0
    assert await gallery.compute() == 1, "the run is free at once"
    await gallery.proposal()
    run, fit = await gallery.newest_run(), await request(gallery)
    assert (run.attempts, fit.attempts, fit.error) == (1, 0, None), "to be told to end is no failure"
    assert await count_fits(gallery) == 1, "who was told to end keeps nothing any more"


@asynccontextmanager
async def next_worker(stage: Stage, url: str) -> AsyncIterator[None]:
    """Keep components as another worker does, once it may."""
    tasks = Computing(Settings(database_url=url, seal_secret=SecretStr("s" * 32)), stage.computer).tasks()
    (keep,) = (task.run for task in tasks if task.name == "components")
    keeping = asyncio.ensure_future(keep(ignore))
    try:
        yield
    finally:
        await end(keeping)


async def request(stage: Stage) -> RefitRequest:
    """What became of the request to fit anew."""
    async with unit_of_work(stage.sessions) as session:
        found = await components.newest_request(session, "rome-4")
    assert found is not None
    return found


async def is_fitted(stage: Stage) -> bool:
    """Whether the request is met."""
    return (await request(stage)).done_at is not None


async def somebody_waits_for_it(stage: Stage) -> bool:
    """Whether somebody waits for the meetup."""
    query = """
        SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database
        WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
    """
    async with stage.engine.connect() as connection:
        return bool((await connection.execute(text(query))).scalar())


async def count_fits(stage: Stage) -> int:
    """How many fits are kept."""
    async with stage.engine.connect() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM components"))).scalar_one())
