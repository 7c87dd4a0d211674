"""All profiles of a country after a fit: a million people, each seen eight times by two raters, worked out anew.

Measured is `follow_fit` in a process of its own. That the lists go on following changes meanwhile is a test's business.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time

from prometheus_client import CollectorRegistry

from services.matching.repository import components
from services.matching.repository.components import StoredFit
from services.matching.use_cases.keeping_profiles import follow_fit
from services.matching.use_cases.profiles import prior_components
from services.matching.warming import warm_pool
from shared.database import Sessions, connect, create_engine, create_sessions, unit_of_work
from shared.identity import wall_clock
from shared.ids import new_id
from shared.loop_gap import LoopGap
from shared.reference import known
from shared.reference.skills import DEFAULT_FRAMEWORK, framework
from shared.settling import settle
from tests.bench.country import country
from tests.bench.peak import peak_gib
from tests.support.real_parts import RealParts

PEOPLE, RATERS = 1_000_000, 10_000

SEEN = """
INSERT INTO observations (id, participant_id, revision, rater_id, framework, skill, level, is_retracted)
SELECT gen_random_uuid(), profiles.participant_id, 1,
    md5((mod(abs(hashtext(profiles.participant_id::text)), $1) + number % 2)::text)::uuid,
    profiles.framework, ($2::text[])[1 + number % cardinality($2)], floor(5 * random())::int, false
FROM profiles, generate_series(0, 7) AS number
"""


def run() -> list[dict[str, object]]:
    """Seconds, the process's peak of memory, and the longest silence of its event loop."""
    measured = measured_on(PEOPLE)
    return [
        _result("refit-1m-seconds", measured["seconds"], "s", None, measured),
        _result("refit-1m-gib", measured["gib"], "GiB", 1.0, measured),
        _result("refit-1m-loop-gap-ms", measured["gap_ms"], "ms", 250, measured),
    ]


def _result(name: str, value: float, unit: str, goal: float | None, measured: dict[str, float]) -> dict[str, object]:
    peer = f"{PEOPLE:,} people, 8 observations each; {measured['cpu']:.0f} CPU seconds; PostgreSQL waits for no disk"
    return {"name": name, "value": value, "unit": unit, "peer": peer, "goal": goal, "better": "lower", "runs": [value]}


def measured_on(people: int) -> dict[str, float]:
    """What the process says that works out the profiles of a fresh country."""
    parts = RealParts()
    try:
        return asyncio.run(_measure(parts, people))
    finally:
        parts.stop()


async def _measure(parts: RealParts, people: int) -> dict[str, float]:
    async with country(parts, people, needs=1) as url:
        await _observe_everybody(url)
        command = [sys.executable, "-m", "tests.bench.refit_scale", url]
        said = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(said.stdout)
    return measured


async def _observe_everybody(url: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(SEEN, RATERS, [skill.code for skill in framework().skills])
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def follow(url: str) -> dict[str, float]:
    """Follow a new fit on this database; the compiled code is loaded before."""
    engine, gap = create_engine(url), LoopGap(CollectorRegistry())
    sessions = create_sessions(engine)
    await _fit(sessions)
    known.load()
    warm_pool()
    settle()
    begin, cpu = time.perf_counter(), time.process_time()
    async with gap.measured():
        await follow_fit(sessions)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    await engine.dispose()
    return {
        "seconds": round(seconds, 1),
        "cpu": round(cpu, 1),
        "gib": round(peak_gib(), 2),
        "gap_ms": round(gap.longest * 1000),
    }


async def _fit(sessions: Sessions) -> None:
    """A fit that found what was believed: what it costs to follow does not depend on what it found."""
    fit = StoredFit(new_id(), DEFAULT_FRAMEWORK, wall_clock(), 8 * PEOPLE)
    async with unit_of_work(sessions) as session:
        await components.add(session, fit, prior_components(DEFAULT_FRAMEWORK).to_dict())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(follow(sys.argv[1]))))
