"""How pairings were computed goes a year after their meetup, the pairings themselves after two."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from services.matching.settings import Settings
from services.matching.use_cases.retention import all_kept
from shared.database import unit_of_work
from shared.retention import count_outlived, let_outlived_go
from shared.sql import run
from tests.services.matching.conftest import Stage
from tests.support.events import meetup_scheduled

SETTINGS = Settings(
    database_url="postgresql+asyncpg://nobody@127.0.0.1/nothing",
    seal_secret=SecretStr("a secret for tests that is long enough"),
)
KEPT = all_kept(SETTINGS)
BEGINS = meetup_scheduled("meetup", []).starts_at
TABLES = ("pairing_runs", "rematch_requests", "pairings", "pairing_people", "seatings")


async def counts(stage: Stage) -> list[int]:
    """How many rows are in each of the tables."""
    async with unit_of_work(stage.sessions) as session:
        return [(await run(session, text(f"SELECT count(*) FROM {name}"))).scalar_one() for name in TABLES]  # noqa: S608


@pytest.mark.parametrize("is_approved", [False, True])
async def test_the_record_goes_before_the_pairing_and_both_only_long_after_the_meetup(
    gallery: Stage, is_approved: bool
) -> None:
    proposal = await gallery.propose()
    if is_approved:
        await gallery.approve(proposal)
    before = await counts(gallery)
    assert all(before), before
    for days, left in ((364, before), (366, [0, 0, *before[2:]]), (729, [0, 0, *before[2:]]), (731, [0] * 5)):
        now = BEGINS + timedelta(days=days)
        counted = await count_outlived(gallery.sessions, KEPT, now=now)
        assert await let_outlived_go(gallery.sessions, KEPT, now=now) == counted
        assert await counts(gallery) == left
        assert set((await count_outlived(gallery.sessions, KEPT, now=now)).values()) == {0}


async def test_a_run_that_still_waits_stays(gallery: Stage) -> None:
    await gallery.ask()
    await let_outlived_go(gallery.sessions, KEPT, now=BEGINS + timedelta(days=400))
    assert (await counts(gallery))[0] == 1
