"""A process that works at imports until it is killed: `python -m …killable DATABASE ROWS_A_PART`."""

from __future__ import annotations

import asyncio
import sys

from services.registration.use_cases.importing import run
from services.registration.use_cases.imports import work_at_next_import
from services.registration.use_cases.working import Workplace
from shared.asking import IN_WORKER
from shared.database import create_engine, create_sessions
from shared.identity import Seal
from shared.ids import new_id
from tests.services.registration.office import NOW, SECRET


async def work(database_url: str) -> None:
    """Work at what waits."""
    seal = Seal(SECRET)
    sessions = create_sessions(create_engine(database_url), IN_WORKER, seal=seal)
    while await work_at_next_import(Workplace(database_url, database_url, sessions, seal, lambda: NOW, new_id)):
        pass


if __name__ == "__main__":
    run.ROWS_A_PART = int(sys.argv[2])
    asyncio.run(work(sys.argv[1]))
