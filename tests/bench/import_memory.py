"""The memory that an import of a million observations takes, in a process of its own that does nothing else."""

from __future__ import annotations

import asyncio
import csv
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from shared.asking import THE_SERVICE, told
from shared.database import create_engine
from shared.migrations import upgrade
from tests.bench.registration_ground import REGION
from tests.support.databases import Databases
from tests.support.real_parts import RealParts

PEOPLE, NOTES_EACH, FILES = 10_000, 100, 2
COLUMNS = ("atelier", "date", "participant", "observateur", "exercice", "competence", "niveau", "commentaire")
SKILLS = ("persévérance", "autonomie")
FIRST_DAY = date(2026, 10, 26)
GOAL_MEBIBYTES = 200

ENROLLED = text(
    """
    SELECT workshops.identifier, participants.identifier FROM workshop_enrolments
    JOIN workshops ON workshops.id = workshop_id JOIN participants ON participants.id = participant_id LIMIT :people
    """
)


def run() -> list[dict[str, object]]:
    """The peak of the importing process, in mebibytes."""
    parts = RealParts()
    try:
        measured = asyncio.run(_measure(parts))
    finally:
        parts.stop()
    peer = (
        f"{measured['rows']:,.0f} observations in {measured['seconds']:,.0f} s, {measured['cpu']:,.0f} of its own "
        f"processor time; {measured['before']:.0f} MiB before"
    )
    return [
        {"name": "import-1m-mib", "value": measured["mib"], "unit": "MiB", "peer": peer, "goal": GOAL_MEBIBYTES,
         "better": "lower", "runs": [measured["mib"]]}
    ]  # fmt: skip


async def _measure(parts: RealParts) -> dict[str, float]:
    databases = Databases(parts.database_server())
    name = databases.create_database(databases.template_of("registration", upgrade))
    owner = create_engine(databases.owner_url(name))
    try:
        with TemporaryDirectory() as folder:
            async with owner.begin() as connection:
                await connection.execute(told(THE_SERVICE))
                for statement in REGION:
                    await connection.execute(text(statement))
                await connection.execute(text("UPDATE workshops SET identifier = id::text"))
                enrolled = [(row[0], row[1]) for row in await connection.execute(ENROLLED, {"people": PEOPLE})]
            _write(enrolled, Path(folder))
            command = [sys.executable, "-m", "tests.bench.import_alone", databases.url(name), folder]
            said = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.PIPE, text=True, check=True)
    finally:
        await owner.dispose()
        databases.drop_database(name)
        databases.close()
    measured: dict[str, float] = json.loads(said.stdout)
    return measured


def _write(enrolled: list[tuple[str, str]], folder: Path) -> None:
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
