"""The memory that registration's worker, as users run it, takes for an import of a million observations."""

from __future__ import annotations

import asyncio
import csv
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import httpx
import psutil
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.ports import free_port
from services.registration.use_cases.imports import hand_in
from shared.asking import THE_SERVICE, told
from shared.database import create_engine, create_sessions, unit_of_work
from shared.identity import Person, Role
from shared.ids import new_id
from shared.migrations import upgrade
from shared.moment import Moment
from tests.bench.peak import peak_gib
from tests.bench.registration_ground import REGION, SECRET, sized
from tests.support.databases import Databases
from tests.support.real_parts import RealParts

PEOPLE, NOTES_EACH, FILES = 10_000, 100, 2
COLUMNS = ("atelier", "date", "participant", "observateur", "exercice", "competence", "niveau", "commentaire")
SKILLS = ("persévérance", "autonomie")
SIZES = {"people_each": 120, "notes_each": 10}
FIRST_DAY = date(2026, 10, 26)
GOAL_MEBIBYTES = 200
PATIENCE = timedelta(hours=2)

ENROLLED = text(
    """
    SELECT workshops.identifier, participants.identifier FROM workshop_enrolments
    JOIN workshops ON workshops.id = workshop_id JOIN participants ON participants.id = participant_id LIMIT :people
    """
)


@dataclass(frozen=True)
class Uploaded:
    """A file on this machine that is handed in."""

    filename: str
    stream: BufferedReader

    async def read(self, size: int) -> bytes:
        """The next bytes."""
        return self.stream.read(size)


def run() -> list[dict[str, object]]:
    """The peak of the worker, in mebibytes."""
    parts = RealParts()
    try:
        return [asyncio.run(_measure(parts))]
    finally:
        parts.stop()


async def _measure(parts: RealParts) -> dict[str, object]:
    async with _region(parts) as (owner, url):
        with TemporaryDirectory() as folder, _worker(url, parts.broker().bootstrap_servers) as worker:
            rows = await _write(owner, Path(folder))
            before = _mebibytes(worker)
            began, began_cpu = time.perf_counter(), _cpu(worker)
            await _until_done(owner, await _hand_in(owner, Path(folder)))
            seconds, cpu = time.perf_counter() - began, _cpu(worker) - began_cpu
            peak = _mebibytes(worker)
    peer = (
        f"{rows:,} observations in {seconds:,.0f} s, {cpu:,.0f} of its own processor time, their events relayed to "
        f"{parts.broker().version} meanwhile; {before:.0f} MiB before"
    )
    return {
        "name": "import-1m-mib", "value": peak, "unit": "MiB", "peer": peer, "goal": GOAL_MEBIBYTES,
        "better": "lower", "runs": [peak],
    }  # fmt: skip


@asynccontextmanager
async def _region(parts: RealParts) -> AsyncIterator[tuple[AsyncEngine, str]]:
    """A region's database, as its owner and under the address where the worker works."""
    databases = Databases(parts.database_server())
    name = databases.create_database(databases.template_of("registration", upgrade))
    owner = create_engine(databases.owner_url(name))
    try:
        async with owner.begin() as connection:
            await connection.execute(told(THE_SERVICE))
            for statement in REGION:
                await connection.execute(sized(statement, SIZES))
            await connection.execute(text("UPDATE workshops SET identifier = id::text"))
        yield owner, databases.url(name)
    finally:
        await owner.dispose()
        databases.drop_database(name)
        databases.close()


@contextmanager
def _worker(database_url: str, kafka: str) -> Iterator[psutil.Process]:
    """Registration's worker as it is started everywhere, once it answers."""
    port = free_port()
    settings = {
        "DATABASE_URL": database_url, "KAFKA_BOOTSTRAP": kafka, "TOPIC_PREFIX": f"{uuid4().hex[:8]}.",
        "SEAL_SECRET": SECRET, "WORKER_PORT": str(port),
    }  # fmt: skip
    environment = {**os.environ, **{f"VERNISSAGE_REGISTRATION_{name}": value for name, value in settings.items()}}
    command = [sys.executable, "-m", "services.registration.worker"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            httpx.Client(transport=httpx.HTTPTransport(retries=20)).get(f"http://127.0.0.1:{port}/health/live")
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


async def _hand_in(owner: AsyncEngine, folder: Path) -> UUID:
    """Hand all files in as an operator does."""
    person = Person(new_id(), Role.OPERATOR, None)
    async with unit_of_work(create_sessions(owner, THE_SERVICE)) as session:
        moment = Moment(datetime.now(UTC), new_id, by=person.id)
        return (await hand_in(session, _uploads(folder), person, moment, is_dry=False)).queued.id


def _uploads(folder: Path) -> list[tuple[str, Uploaded]]:
    return [(path.name, Uploaded(path.name, path.open("rb"))) for path in sorted(folder.iterdir())]


async def _until_done(owner: AsyncEngine, import_id: UUID) -> None:
    """Wait until nobody works at an import any more."""
    state = text("SELECT state FROM imports WHERE id = :id")
    deadline = time.monotonic() + PATIENCE.total_seconds()
    kept = "waiting"
    while kept in ("waiting", "running") and time.monotonic() < deadline:
        await asyncio.sleep(1)
        async with owner.begin() as connection:
            await connection.execute(told(THE_SERVICE))
            kept = (await connection.execute(state, {"id": import_id})).scalar_one()
    assert kept == "done", kept


async def _write(owner: AsyncEngine, folder: Path) -> int:
    """Write the files; how many rows they have."""
    async with owner.begin() as connection:
        await connection.execute(told(THE_SERVICE))
        enrolled = [(row[0], row[1]) for row in await connection.execute(ENROLLED, {"people": PEOPLE})]
    for part in range(FILES):
        with (folder / f"observations {part}.csv").open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target, delimiter=";")
            writer.writerow(COLUMNS)
            for workshop, person in enrolled[part::FILES]:
                for turn in range(NOTES_EACH):
                    day, skill = FIRST_DAY + timedelta(days=turn // 4), SKILLS[turn % 2]
                    observer = f"m{turn // 2 % 2}@musees.example"
                    writer.writerow(
                        (workshop, day.isoformat(), person, observer, "Autre", skill, turn % 5, f"Note {turn}")
                    )
    return len(enrolled) * NOTES_EACH


def _mebibytes(process: psutil.Process) -> float:
    return round(peak_gib(str(process.pid)) * 1024, 1)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
