"""From an accepted API call to its effect in matching: registration's API, its outbox, Kafka, matching's tables.

The whole product runs, on real Kafka and PostgreSQL. Participants are registered at 50 calls a second; a trigger in
matching's database says when the transaction that knows each of them is committed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg

from deploy.assembly import Assembly
from deploy.clients.import_client import import_folder
from deploy.clients.service_client import OPERATOR, ServiceClient, service_client
from deploy.demo.dates import dated_pack
from deploy.embedded.stack import StackSettings
from deploy.running import find_surroundings

CALLS_A_SECOND = 50
SECONDS = 20
WARM_UP_SECONDS = 4
LATEST_SECONDS = 10.0

TRIGGER = """
CREATE FUNCTION tell_bench() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('bench', NEW.id::text); RETURN NULL; END $$;
CREATE TRIGGER tell_bench AFTER INSERT ON participants FOR EACH ROW EXECUTE FUNCTION tell_bench();
"""


def run() -> list[dict[str, object]]:
    """Median and 99th percentile, in milliseconds."""
    with TemporaryDirectory() as folder, Assembly(StackSettings(data=Path(folder))) as assembly:
        waits = asyncio.run(_measure(assembly))
    shown = sorted(round(wait, 1) for wait in waits)
    peer = f"{CALLS_A_SECOND} calls/s for {SECONDS} s, {assembly.stack.broker_version}"
    common = {"unit": "ms", "peer": peer, "better": "lower"}
    return [
        {"name": "api-to-matching-median", "value": round(median(shown), 1), "goal": 40, "runs": shown, **common},
        {
            "name": "api-to-matching-p99",
            "value": round(quantiles(shown, n=100)[98], 1),
            "goal": 150,
            "runs": shown[-10:],
            **common,
        },
    ]


async def _measure(assembly: Assembly) -> list[float]:
    """The milliseconds of each call, those of the warm-up left out."""
    surroundings = find_surroundings(assembly.data)
    url = surroundings.settings["matching"].database_url.replace("+asyncpg", "")
    seen: dict[str, float] = {}
    connection = await asyncpg.connect(url)
    async with service_client(surroundings, "registration", OPERATOR) as registration:
        try:
            agency = await _some_agency(registration, dated_pack(assembly.data / "pack", datetime.now(UTC).date()))
            await connection.execute(TRIGGER)
            await connection.add_listener("bench", lambda *told: seen.setdefault(told[3], time.perf_counter()))
            accepted = await _call_steadily(registration, agency)
            await _until_all_seen(accepted, seen)
        finally:
            await connection.close()
    return [(seen[each] - at) * 1000 for each, at in accepted.items()][WARM_UP_SECONDS * CALLS_A_SECOND :]


async def _some_agency(registration: ServiceClient, pack: Path) -> str:
    """Import the demo's pack, so that there is something to work on; the id of one of its agencies."""
    await import_folder(registration, pack, progress=lambda _file, _done, _total: None)
    agencies = await registration.get("/api/v1/agencies")
    return str(agencies["items"][0]["id"])


async def _call_steadily(registration: ServiceClient, agency: str) -> dict[str, float]:
    """When each call was accepted, by the participant's id, in the order of the calls."""
    began = time.perf_counter()
    accepted: dict[str, float] = {}

    async def call(number: int) -> None:
        await asyncio.sleep(max(0.0, began + number / CALLS_A_SECOND - time.perf_counter()))
        answer: Mapping[str, Any] = await registration.post("/api/v1/participants", _participant(number, agency))
        accepted[answer["id"]] = time.perf_counter()

    await asyncio.gather(*(call(number) for number in range(CALLS_A_SECOND * (WARM_UP_SECONDS + SECONDS))))
    return accepted


async def _until_all_seen(accepted: Mapping[str, float], seen: Mapping[str, float]) -> None:
    deadline = time.monotonic() + LATEST_SECONDS
    while not accepted.keys() <= seen.keys():
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{len(accepted.keys() - seen.keys())} participants did not reach matching")
        await asyncio.sleep(0.05)


def _participant(number: int, agency: str) -> dict[str, Any]:
    return {
        "agency_id": agency,
        "first_name": "Camille",
        "last_name": f"Numéro {number}",
        "commune": "Lens",
        "consents": {"pairing": True, "contact": True},
    }
