"""An import of 100,000 rows by an adviser, under the policies that say which rows are theirs, beside a call a row."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import Iterator, Mapping, Sequence

from services.registration.use_cases.imports import work_at_next_import
from services.registration.use_cases.working import Workplace
from shared.asking import IN_WORKER
from shared.database import create_engine, create_sessions
from shared.identity import Seal
from shared.ids import new_id
from shared.settling import settle
from tests.bench.registration_ground import NOW, SECRET, Desk, desk
from tests.services.registration.bodies import observation
from tests.support.real_parts import RealParts

PEOPLE = 10_000
NOTES_EACH = 8
CALLS = 100
SKILLS = ("perseverance", "autonomie")
DAYS = (21, 22, 23, 24)


def run() -> list[dict[str, object]]:
    """The seconds of the import, and its rows a second over those of a call and a commit for each."""
    parts = RealParts()
    try:
        rows, seconds, calls_a_second = asyncio.run(_measure(parts))
    finally:
        parts.stop()
    speed = rows / seconds / calls_a_second
    return [
        _result("import-100k-seconds", round(seconds, 1), "s", "", 20, "lower"),
        _result(
            "import-vs-row-commits",
            round(speed, 1),
            "times",
            f"a call of the API for each note: {calls_a_second:,.0f} rows/s; imported: {rows / seconds:,.0f} rows/s",
            20,
            "higher",
        ),
    ]


def _result(name: str, value: float, unit: str, peer: str, goal: float, better: str) -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "peer": peer, "goal": goal, "better": better, "runs": [value]}


async def _measure(parts: RealParts) -> tuple[int, float, float]:
    async with desk(parts) as place:
        began = time.perf_counter()
        for number in range(CALLS):
            person = place.people[number % len(place.people)]
            body = observation(str(place.workshop), str(person), note=f"Note {number}")
            answer = await place.client.post("/api/v1/observations", json=body, headers=place.headers)
            assert answer.status_code in (200, 201), answer.text
        calls_a_second = CALLS / (time.perf_counter() - began)
        files = _files(await _agency(place))
        settle()  # as the worker has before it works
        began = time.perf_counter()
        handed_in = await place.client.post("/api/v1/imports", files=files, headers=place.headers)
        await _work_at_imports(place)
        seconds = time.perf_counter() - began
        answer = await place.client.get(handed_in.headers["location"], headers=place.headers)
    told = answer.json()
    assert (told["state"], told["rows"]["refused"]) == ("done", 0), answer.text
    return told["rows"]["read"], seconds, calls_a_second


async def _work_at_imports(place: Desk) -> None:
    url, seal = place.database_url, Seal(SECRET)
    engine = create_engine(url)
    workplace = Workplace(url, url, create_sessions(engine, IN_WORKER, seal=seal), seal, lambda: NOW, new_id)
    try:
        while await work_at_next_import(workplace):
            pass
    finally:
        await engine.dispose()


async def _agency(place: Desk) -> str:
    own = (await place.client.get("/api/v1/workshops", headers=place.headers)).json()["items"][0]["agency_id"]
    agencies = (await place.client.get("/api/v1/agencies", headers=place.headers)).json()["items"]
    return str(next(each["name"] for each in agencies if each["id"] == own))


def _files(agency: str) -> Sequence[tuple[str, tuple[str, bytes]]]:
    files = {
        "participants.csv": (_person(number, agency) for number in range(PEOPLE)),
        "ateliers.csv": iter([_workshop(agency)]),
        "inscriptions.csv": ({"atelier": "AT", "participant": f"N{number}"} for number in range(PEOPLE)),
        "observations.csv": (_note(number, turn) for number in range(PEOPLE) for turn in range(NOTES_EACH)),
    }
    return [("files", (name, _written(rows))) for name, rows in files.items()]


def _person(number: int, agency: str) -> Mapping[str, str]:
    return {
        "identifiant": f"N{number}", "nom": f"Nom{number}", "prenom": f"Prénom{number}", "agence": agency,
        "commune": "Liévin", "mobilite_km": "25", "transport": "voiture", "disponible_des": "30/11/2026",
        "consentement_appariement": "oui", "consentement_contact": "oui",
    }  # fmt: skip


def _workshop(agency: str) -> Mapping[str, str]:
    return {
        "identifiant": "AT", "titre": "Atelier", "lieu": "Louvre-Lens", "commune": "Lens", "agence": agency,
        "date_debut": "07/09/2026", "date_fin": "02/10/2026", "mediateurs": "georges.julien@musees.example",
        "conseiller": "madeleine.henry@agence.example",
    }  # fmt: skip


def _note(number: int, turn: int) -> Mapping[str, str]:
    return {
        "atelier": "AT", "date": f"{DAYS[turn // len(SKILLS)]}/09/2026", "participant": f"N{number}",
        "observateur": "georges.julien@musees.example", "exercice": "Le dessin dicté",
        "competence": SKILLS[turn % len(SKILLS)], "niveau": str(number % 5), "commentaire": "Vu.",
    }  # fmt: skip


def _written(rows: Iterator[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    first = next(rows)
    writer = csv.DictWriter(text, list(first), delimiter=";")
    writer.writeheader()
    writer.writerow(first)
    writer.writerows(rows)
    return text.getvalue().encode()
