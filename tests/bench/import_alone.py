"""One import in a process that has loaded nothing else: `python -m tests.bench.import_alone DATABASE FOLDER`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from services.registration.adapters.files.sources import SourceFile
from services.registration.use_cases.importing.run import import_files
from shared.asking import THE_SERVICE
from shared.database import create_engine, create_sessions, unit_of_work
from shared.identity import Seal
from shared.ids import new_id
from shared.moment import Moment
from tests.bench.peak import peak_gib

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SECRET = "a secret for benchmarks that is long enough"


async def measure(url: str, sources: list[SourceFile]) -> dict[str, float]:
    """Import files; what it took."""
    engine = create_engine(url, pool_size=1)
    before, began = peak_gib() * 1024, time.perf_counter()
    async with unit_of_work(create_sessions(engine, THE_SERVICE, seal=Seal(SECRET))) as session:
        report = await import_files(session, sources, Moment(NOW, new_id))
    await engine.dispose()
    counts = report.files.values()
    assert not any(each.refused for each in counts), report.findings[:5]
    return {
        "rows": sum(each.accepted + each.warned for each in counts),
        "seconds": round(time.perf_counter() - began, 1),
        "cpu": round(time.process_time(), 1),
        "before": round(before, 1),
        "mib": round(peak_gib() * 1024, 1),
    }


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(asyncio.run(measure(sys.argv[1], [SourceFile.at(each) for each in Path(sys.argv[2]).iterdir()])))
    )
