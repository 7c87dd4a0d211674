"""What matching computes beside what it hears: pairings, components and shortlists, none waiting for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pydantic import SecretStr

from services.matching.pool import Keeping
from services.matching.repository import components, pairings, shortlists
from services.matching.repository.components import RefitRequest
from services.matching.settings import Settings
from services.matching.worker import Computing
from shared.database import unit_of_work
from shared.ids import new_id
from shared.travel.process import Well
from tests.services.matching.conftest import NEEDS, Stage
from tests.shared.travel.small_service import until
from tests.support.events import NOW, an_id

UNKNOWN = "a-newer-framework"
"""A framework that no table of this version holds: fitting it fails."""


def ignore(lasting: str | None = None) -> None:
    """Nobody asks here how a task is."""


@pytest.fixture
async def failing(gallery: Stage) -> AsyncIterator[set[str]]:
    """The names of the tasks that broke off, while all of them run as in a worker and in the pool."""
    url = gallery.engine.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, seal_secret=SecretStr("s" * 32))
    tasks = (*Computing(settings, gallery.computer).tasks(), *Keeping(settings, gallery.sessions).tasks())
    broken: set[str] = set()

    async def keep(name: str, run: Callable[[Well], Awaitable[None]]) -> None:
        while True:
            try:
                await run(ignore)
            except Exception:
                broken.add(name)
                await asyncio.sleep(0.1)

    running = [asyncio.create_task(keep(task.name, task.run)) for task in tasks]
    yield broken
    for each in running:
        each.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_a_fit_that_cannot_succeed_stops_neither_pairings_nor_shortlists(
    gallery: Stage, failing: set[str]
) -> None:
    async with unit_of_work(gallery.sessions) as session:
        await components.ask_for_refit(session, RefitRequest(new_id(), UNKNOWN, None, NOW))

    async def is_given_up() -> bool:
        async with unit_of_work(gallery.sessions) as session:
            request = await components.newest_request(session, UNKNOWN)
            return request is not None and request.failed_at is not None

    async def is_proposed() -> bool:
        async with unit_of_work(gallery.sessions) as session:
            return await pairings.proposed(session, an_id("meetup")) is not None

    async def has_shortlists() -> bool:
        async with unit_of_work(gallery.sessions) as session:
            return len(await shortlists.find_many(session, [an_id(need) for need in NEEDS])) == len(NEEDS)

    await gallery.ask()
    for holds in (is_proposed, has_shortlists, is_given_up):
        await until(holds)
    assert failing == {"components"}
