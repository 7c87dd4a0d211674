"""The longest silence of each process's event loop, in a whole demo and in an import of 100,000 observations.

Each process measures itself from its start on and tells it among its metrics (`shared/loop_gap.py`).
"""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from deploy.assembly import Assembly
from deploy.clients.import_client import import_folder
from deploy.clients.service_client import OPERATOR, service_client
from deploy.demo.dates import dated_pack, write_table
from deploy.demo.screen import Screen
from deploy.demo.story import play
from deploy.embedded.stack import StackSettings
from deploy.running import find_surroundings
from deploy.services import WORKING
from deploy.travel_status import travel_of
from shared.loop_gap import LOOP_GAP
from shared.travel.topics import SERVICES

GOAL_MILLISECONDS = 250
COPIES = 33
"""How often the demo's pack is taken, so that it holds 100,000 observations."""

ARRIVAL_SECONDS = 600.0
POLL_SECONDS = 1.0

MULTIPLIED = {"participants.csv": "identifiant", "inscriptions.csv": "participant", "observations.csv": "participant"}
"""The files whose rows are taken again for further people, with the column that names them."""


def run() -> list[dict[str, object]]:
    """The longest gap of each process, in milliseconds: in the demo, in the import, and the larger of both."""
    in_demo, in_import = _longest_gaps(_demo), _longest_gaps(_import)
    return [
        {
            "name": f"loop-gap-ms-{process}",
            "value": max(in_demo[process], in_import[process]),
            "unit": "ms",
            "peer": f"demo {in_demo[process]} ms, import of 100,000 observations {in_import[process]} ms",
            "goal": GOAL_MILLISECONDS,
            "better": "lower",
            "runs": [in_demo[process], in_import[process]],
        }
        for process in in_demo
    ]


def _longest_gaps(job: Callable[[Assembly], Coroutine[Any, Any, None]]) -> Mapping[str, float]:
    """The longest gap of each process of a fresh stack on which `job` was done."""
    with TemporaryDirectory() as folder, Assembly(StackSettings(data=Path(folder), durable=False)) as assembly:
        asyncio.run(job(assembly))
        pages = {f"{service}-web": assembly.places.url(service) for service in SERVICES}
        pages |= {
            f"{service}-{kind}": assembly.places.health_url(service, kind)
            for service in SERVICES
            for kind in WORKING[service]
        }
        return {process: _gap(page) for process, page in pages.items()}


def _gap(page: str) -> float:
    told = httpx.get(f"{page}/metrics", trust_env=False, timeout=30).text
    (found,) = [
        sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
        if sample.name == LOOP_GAP
    ]
    return round(found * 1000, 1)


async def _demo(assembly: Assembly) -> None:
    with Screen(Console(quiet=True)) as screen:
        await play(assembly, datetime.now(UTC).date(), screen)


async def _import(assembly: Assembly) -> None:
    pack = dated_pack(assembly.data / "pack", datetime.now(UTC).date())
    for name, column in MULTIPLIED.items():
        _multiply(pack / name, column)
    surroundings = find_surroundings(assembly.data)
    async with service_client(surroundings, "registration", OPERATOR) as registration:
        await import_folder(registration, pack, progress=lambda _file, _done, _total: None)
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while not await _has_arrived(assembly):
        if time.monotonic() >= deadline:
            raise TimeoutError(f"the import has not arrived everywhere after {ARRIVAL_SECONDS:g} s")
        await asyncio.sleep(POLL_SECONDS)


async def _has_arrived(assembly: Assembly) -> bool:
    travel = await travel_of(find_surroundings(assembly.data))
    waits_in_outbox = any(known.outbox_depth for known in travel.known.values())
    return (
        not travel.silent and not waits_in_outbox and not any(any(lag.values()) for lag in (travel.lags or {}).values())
    )


def _multiply(table: Path, column: str) -> None:
    """Take the rows of a file again for further people, whose numbers and names nobody else has."""
    header, *rows = csv.reader(table.read_text(encoding="utf-8").splitlines(), delimiter=";")
    copies = [
        _of_another(dict(zip(header, row, strict=True)), column, copy) for copy in range(1, COPIES) for row in rows
    ]
    write_table(table, header, rows + [list(copy.values()) for copy in copies])


def _of_another(row: dict[str, str], column: str, copy: int) -> dict[str, str]:
    letters = f"{chr(ord('a') + copy // 26)}{chr(ord('a') + copy % 26)}"
    row[column] = f"{row[column]}-{copy}"
    if "nom" in row:
        row |= {"nom": f"{row['nom']}{letters}", "prenom": f"{row['prenom']}{letters}", "telephone": ""}
        row["courriel"] = f"{copy}.{row['courriel']}"
    return row
