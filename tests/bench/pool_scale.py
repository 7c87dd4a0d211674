"""The pool of a country, loaded from real tables as matching's pool does: a million people and 20,000 needs.

Measured is `make_pool` in a process of its own: load, shortlists, counts, and every list written with its event.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time

from prometheus_client import CollectorRegistry

from services.matching.domain.situation import Policy
from services.matching.use_cases.standing import make_pool
from services.matching.warming import warm_pool
from shared.database import create_engine, create_sessions
from shared.identity import wall_clock
from shared.ids import new_id
from shared.loop_gap import LoopGap
from shared.moment import Moment
from shared.reference import known
from shared.settling import settle
from tests.bench.country import country
from tests.bench.peak import peak_gib
from tests.support.real_parts import RealParts

PEOPLE, NEEDS = 1_000_000, 20_000


def run() -> list[dict[str, object]]:
    """Seconds, the process's peak of memory, and the longest silence of its event loop."""
    measured = measured_on(PEOPLE, NEEDS)
    return [
        _result("pool-1m-seconds", measured["seconds"], "s", 90, measured),
        _result("pool-1m-gib", measured["gib"], "GiB", 2.5, measured),
        _result("pool-1m-loop-gap-ms", measured["gap_ms"], "ms", 250, measured),
    ]


def _result(name: str, value: float, unit: str, goal: float, measured: dict[str, float]) -> dict[str, object]:
    peer = f"{PEOPLE:,} people, {NEEDS:,} needs; {measured['cpu']:.0f} CPU seconds; PostgreSQL waits for no disk"
    return {"name": name, "value": value, "unit": unit, "peer": peer, "goal": goal, "better": "lower", "runs": [value]}


def measured_on(people: int, needs: int) -> dict[str, float]:
    """What the process says that makes the pool of a fresh country."""
    parts = RealParts()
    try:
        return asyncio.run(_measure(parts, people, needs))
    finally:
        parts.stop()


async def _measure(parts: RealParts, people: int, needs: int) -> dict[str, float]:
    async with country(parts, people, needs) as url:
        command = [sys.executable, "-m", "tests.bench.pool_scale", url]
        said = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(said.stdout)
    return measured


async def make(url: str) -> dict[str, float]:
    """Make the pool on this database; the compiled code is loaded before."""
    engine, gap = create_engine(url), LoopGap(CollectorRegistry())
    known.load()
    warm_pool()
    settle()
    begin, cpu = time.perf_counter(), time.process_time()
    async with gap.measured():
        pool = await make_pool(create_sessions(engine), Policy(), moment=Moment(wall_clock(), new_id))
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    await engine.dispose()
    return {
        "seconds": round(seconds, 1),
        "cpu": round(cpu, 1),
        "gib": round(peak_gib(), 2),
        "gap_ms": round(gap.longest * 1000),
        "members": len(pool),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(make(sys.argv[1]))))
