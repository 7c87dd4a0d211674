"""The largest meetup, 200 people and 60 needs: what computing its pairing costs, and what is kept of it."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import text

from services.matching.warming import warm
from shared.database import create_engine, create_sessions, unit_of_work
from shared.migrations import upgrade
from shared.sql import run as run_statement
from tests.services.matching.conftest import Stage
from tests.support.databases import Databases
from tests.support.events import (
    consent_granted,
    meetup_scheduled,
    need_published,
    participant_enrolled,
    participant_registered,
    skill_observed,
)
from tests.support.real_parts import RealParts

PEOPLE = [f"guest {number}" for number in range(200)]
NEEDS = [f"need {number}" for number in range(60)]
SKILLS = ("6D101", "6D102", "6D103", "6D104", "6D105", "6D106", "6D107", "6D108", "6D109")
RATERS = ("mediator", "adviser", "trainer")

KEPT = "SELECT pg_column_size(inputs) + pg_column_size(outcome) FROM pairing_runs"
PROPOSED = "SELECT pg_column_size(content) + pg_column_size(outline) FROM pairings"


def run() -> list[dict[str, object]]:
    """CPU seconds of the whole run, from its claim to its record, and megabytes that it leaves behind."""
    parts = RealParts()
    try:
        seconds, record, pairing = asyncio.run(_measure(parts))
    finally:
        parts.stop()
    return [
        _result("pairing-200x60-seconds", seconds, "CPU s", 8),
        _result("pairing-200x60-mb", record, "MB", 2),
        _result("pairing-200x60-pairing-mb", pairing, "MB", None),
    ]


def _result(name: str, value: float, unit: str, goal: float | None) -> dict[str, object]:
    peer = (
        f"{len(PEOPLE)} people seen {len(SKILLS) * len(RATERS)} times each, {len(NEEDS)} needs; as PostgreSQL keeps it"
    )
    return {"name": name, "value": value, "unit": unit, "peer": peer, "goal": goal, "better": "lower", "runs": [value]}


async def _measure(parts: RealParts) -> tuple[float, float, float]:
    databases = Databases(parts.database_server())
    name = databases.create_database(databases.template_of("matching", upgrade))
    engine = create_engine(databases.url(name))
    try:
        stage = Stage(engine, create_sessions(engine))
        await _invite(stage)
        await stage.ask()
        await asyncio.to_thread(warm)
        begin = time.process_time()
        await stage.compute()
        seconds = round(time.process_time() - begin, 2)
        return seconds, await _megabytes(stage, KEPT), await _megabytes(stage, PROPOSED)
    finally:
        await engine.dispose()
        databases.drop_database(name)
        databases.close()


async def _invite(stage: Stage) -> None:
    await stage.hear(
        *(participant_registered(name) for name in PEOPLE),
        *(consent_granted(name) for name in PEOPLE),
        *(need_published(name) for name in NEEDS),
        meetup_scheduled("meetup", NEEDS, slots=12),
        *(participant_enrolled("meetup", name) for name in PEOPLE),
        *(
            skill_observed(name, skill, (place * 7 + shift) % 5, rater)
            for place, name in enumerate(PEOPLE)
            for shift, skill in enumerate(SKILLS)
            for rater in RATERS
        ),
    )


async def _megabytes(stage: Stage, query: str) -> float:
    async with unit_of_work(stage.sessions) as session:
        size = int((await run_statement(session, text(query))).scalar_one())
    return round(size / 1e6, 2)
