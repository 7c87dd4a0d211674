"""Matching's worker as it works for the first time after it warmed up: tells what it had to compile only then.

`python -m tests.services.matching.first_use DATABASE_URL` writes a line for each function and its types.
"""

from __future__ import annotations

import asyncio
import sys

from services.matching.use_cases import standing
from services.matching.use_cases.fitting import refit
from services.matching.warming import warm
from shared.database import create_engine, create_sessions
from shared.reference.skills import DEFAULT_FRAMEWORK
from tests.services.matching.conftest import Stage
from tests.services.matching.domain.test_kernels import kernels
from tests.support.events import need_published, skill_observed


def main(url: str) -> None:
    """Warm up, work, and tell."""
    warm()
    before = compiled()
    asyncio.run(work(url))
    sys.stdout.writelines(f"{each}\n" for each in sorted(compiled() - before))


async def work(url: str) -> None:
    """Do each thing that the worker computes."""
    engine = create_engine(url)
    stage = Stage(engine, create_sessions(engine))
    try:
        await refit(stage.sessions, DEFAULT_FRAMEWORK, moment=stage.moment())
        pool = await standing.make_pool(stage.sessions, stage.policy, moment=stage.moment())
        await stage.hear(skill_observed("person 1", "6D101", 4, rater="teacher"), need_published("another need"))
        await standing.refresh_due(stage.sessions, pool, moment=stage.moment())
        await stage.approve(await stage.propose())
    finally:
        await engine.dispose()


def compiled() -> set[str]:
    """Each compiled function with the types that it is compiled for by now."""
    return {f"{name} {types}" for name, kernel in kernels().items() for types in kernel.signatures}


if __name__ == "__main__":
    main(sys.argv[1])
