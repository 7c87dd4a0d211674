"""How soon the standing shortlists are fresh: 100,000 people, and observations that come twenty a second.

Measured is what matching's pool, a process of its own, adds: from the commit that holds an observation, as matching's
worker writes it, to the one that says the lists follow it. The pool waits two seconds of it, so that changes gather.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median, quantiles
from uuid import uuid4

import asyncpg
import httpx
import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from deploy.embedded.ports import free_port
from deploy.services import MEMORY_HABITS
from services.matching.repository.shortlists import WAKE_CHANNEL
from shared.database import connect
from shared.loop_gap import LOOP_GAP
from shared.reference.skills import DEFAULT_FRAMEWORK, framework
from tests.bench.country import country, person
from tests.support.real_parts import RealParts

PEOPLE, NEEDS = 100_000, 2_000
A_SECOND, SECONDS = 20, 60
LOOK_EVERY = 0.05
PATIENCE_SECONDS = 300.0

SEEN = (
    "INSERT INTO observations (id, participant_id, revision, rater_id, framework, skill, level, is_retracted)"
    " VALUES ($1, $2, 1, $3, $4, $5, $6, false)"
)
DUE = "INSERT INTO shortlists_due (kind, id) VALUES ('participant', $1) RETURNING position"


def run() -> list[dict[str, object]]:
    """Median and the slowest hundredth, in milliseconds, and the pool's longest silence from its start on."""
    waits, gap = measured_on(PEOPLE, NEEDS, SECONDS)
    return [
        _result("fresh-shortlist-ms", round(median(waits)), 3_000),
        _result("fresh-shortlist-p99-ms", round(quantiles(waits, n=100)[98]), None),
        _result("fresh-shortlist-loop-gap-ms", gap, 250),
    ]


def _result(name: str, value: float, goal: float | None) -> dict[str, object]:
    peer = f"{PEOPLE:,} people, {NEEDS:,} needs, {A_SECOND} observations/s for {SECONDS} s; 2 s are the gathering"
    return {"name": name, "value": value, "unit": "ms", "peer": peer, "goal": goal, "better": "lower", "runs": [value]}


def measured_on(people: int, needs: int, seconds: int) -> tuple[list[float], float]:
    """How long each observation waited, and the longest silence of the pool's event loop, in milliseconds."""
    parts = RealParts()
    try:
        return asyncio.run(_measure(parts, people, needs, seconds))
    finally:
        parts.stop()


async def _measure(parts: RealParts, people: int, needs: int, seconds: int) -> tuple[list[float], float]:
    async with country(parts, people, needs) as url:
        writer, looker = await connect(url), await connect(url)
        try:
            async with _pool(url) as page:
                await _until_listed(looker)
                waits = await _observe(writer, looker, people, seconds)
                return waits, await _gap(page)
        finally:
            await writer.close()
            await looker.close()


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[str]:
    """Matching's pool on this database, and the address of its page."""
    port = free_port()
    told = {"DATABASE_URL": url, "SEAL_SECRET": secrets.token_urlsafe(48), "POOL_PORT": str(port)}
    environment = {f"VERNISSAGE_MATCHING_{name}": value for name, value in told.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.matching.pool",
        env={**os.environ, **MEMORY_HABITS, **environment},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _until_listed(connection: asyncpg.Connection) -> None:
    """Wait until the pool has written lists and settled what was due."""
    probe = await connection.fetchval(DUE, person(0))
    await connection.execute("SELECT pg_notify($1, '')", WAKE_CHANNEL)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if not await _still_due(connection, [probe]):
                return
            await asyncio.sleep(LOOK_EVERY)


async def _still_due(connection: asyncpg.Connection, positions: list[int]) -> set[int]:
    """Which of these changes the lists do not follow yet."""
    rows = await connection.fetch("SELECT position FROM shortlists_due WHERE position = ANY($1::bigint[])", positions)
    return {row["position"] for row in rows}


async def _observe(writer: asyncpg.Connection, looker: asyncpg.Connection, people: int, seconds: int) -> list[float]:
    since: dict[int, float] = {}
    waits: list[float] = []
    writing = asyncio.create_task(_write(writer, people, seconds, since))
    async with asyncio.timeout(seconds + PATIENCE_SECONDS):
        while since or not writing.done():
            await asyncio.sleep(LOOK_EVERY)
            asked = list(since)
            left = await _still_due(looker, asked)
            now = time.perf_counter()
            waits += [(now - since.pop(position)) * 1000 for position in set(asked) - left]
    await writing
    return waits


async def _write(connection: asyncpg.Connection, people: int, seconds: int, since: dict[int, float]) -> None:
    random = np.random.default_rng(7)
    skills = [skill.code for skill in framework().skills]
    begin = time.perf_counter()
    for number in range(seconds * A_SECOND):
        await asyncio.sleep(max(0.0, begin + number / A_SECOND - time.perf_counter()))
        who, skill, level = person(int(random.integers(people))), random.choice(skills), int(random.integers(5))
        async with connection.transaction():
            await connection.execute(SEEN, uuid4(), who, uuid4(), DEFAULT_FRAMEWORK, str(skill), level)
            position = await connection.fetchval(DUE, who)
            await connection.execute("SELECT pg_notify($1, '')", WAKE_CHANNEL)
        since[position] = time.perf_counter()


async def _gap(page: str) -> float:
    async with httpx.AsyncClient(trust_env=False) as client:
        told = (await client.get(f"{page}/metrics")).text
    found = [
        sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
        if sample.name == LOOP_GAP
    ]
    return round(found[0] * 1000, 1)
