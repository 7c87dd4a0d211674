"""An import outlives whoever works at it, killed or told to end, but not the right of whoever asked for it."""

from __future__ import annotations

import asyncio
import sys
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.registration.repository import queueing
from services.registration.repository.imports import QUEUE
from services.registration.use_cases.importing import run
from services.registration.use_cases.importing.lists.observations import ObservationsFile
from services.registration.use_cases.working import LEASE
from shared.database import unit_of_work
from shared.identity import Person, Role
from shared.sql import run as run_statement
from tests.services.registration.office import NOW, OPERATOR, Office, forget_everything, open_agencies
from tests.services.registration.use_cases.importing import killable
from tests.services.registration.use_cases.importing.exports import OBSERVATION, PARTICIPANT, folder, written

PEOPLE = [{**PARTICIPANT, "identifiant": f"P{n}", "nom": f"Nom{n}", "courriel": f"p{n}@x.example"} for n in range(1, 9)]
DAYS = [f"{day:02}/09/2026" for day in range(7, 27)]
NOTES = [{**OBSERVATION, "participant": each["identifiant"], "date": day} for day in DAYS for each in PEOPLE]
LONG = folder(
    participants=[*PEOPLE, {**PEOPLE[0], "nom": ""}, PEOPLE[1], {**PEOPLE[2], "commune": "Arras"}],
    inscriptions=[{"atelier": "AT1", "participant": each["identifiant"]} for each in PEOPLE],
    observations=[*NOTES, NOTES[3], {**NOTES[4], "niveau": "1"}, {**NOTES[5], "niveau": "9"}],
)
"""A folder in which rows far behind depend on the first ones."""

FAR = 90
"""Rows of which more than these were read when the worker is killed: in the middle of the observations."""


async def rows_read(office: Office, import_id: str) -> int:
    answer = await office.ask("GET", f"/api/v1/imports/{import_id}", OPERATOR)
    return int(answer.json()["rows"]["read"])


async def everything(office: Office) -> dict[str, Any]:
    """What is kept, whatever its ids: counts, events and how often each record was revised."""
    told = [type(event).__name__ for event in await office.events()]
    revised = await office.rows("SELECT sum(revision) AS people FROM participants")
    notes = await office.rows(
        "SELECT seen_on, skill, level, ordinal, revision FROM observations ORDER BY 1, 2, 3, 4, 5"
    )
    return {"counts": await office.counts(), "told": sorted(told), "revised": revised, "notes": notes}


def without_seconds(report: dict[str, Any]) -> dict[str, Any]:
    return {**report, "files": {name: {**each, "seconds": 0} for name, each in report["files"].items()}}


async def lapse(office: Office) -> None:
    """Let the time of all leases pass."""
    async with unit_of_work(office.sessions) as session:
        await run_statement(session, text("UPDATE imports SET lease_until = clock_timestamp()"))


async def test_killed_in_the_middle_an_import_loses_nothing_and_does_nothing_twice(
    office: Office, database_url: str
) -> None:
    straight = without_seconds(await office.import_files(LONG))
    kept = await everything(office)
    await forget_everything(office.sessions)
    await open_agencies(office.sessions)
    waiting = await office.hand_in(LONG)
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", killable.__name__, database_url, "5")
    async with asyncio.timeout(120):
        while await rows_read(office, waiting["id"]) < FAR:
            assert worker.returncode is None
    worker.kill()
    await worker.wait()
    stood = await rows_read(office, waiting["id"])
    assert FAR <= stood < sum(each["read"] for each in straight["files"].values())
    await lapse(office)
    await office.work_at_imports()
    ended = (await office.ask("GET", f"/api/v1/imports/{waiting['id']}", OPERATOR)).json()
    assert (ended["state"], ended["rows"]["read"]) == ("done", ended["rows"]["known"])
    report = (await office.ask("GET", f"/api/v1/imports/{waiting['id']}/report", OPERATOR)).json()
    assert without_seconds(report) == straight
    assert await everything(office) == kept
    assert await office.rows("SELECT 1 FROM import_pieces") == []


async def test_while_its_worker_is_silent_only_for_a_while_nobody_else_takes_an_import(office: Office) -> None:
    waiting = await office.hand_in(folder())
    async with unit_of_work(office.sessions) as session:
        claimed = await queueing.claim(session, QUEUE, UUID(int=1), LEASE, NOW)
    assert claimed is not None
    await office.work_at_imports()
    assert await rows_read(office, waiting["id"]) == 0


async def test_told_to_end_a_worker_gives_its_import_back_with_what_is_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "ROWS_A_PART", 5)
    waiting = await office.hand_in(LONG)
    working = asyncio.create_task(office.work_at_imports())
    async with asyncio.timeout(60):
        while await rows_read(office, waiting["id"]) < FAR:
            assert not working.done()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    [row] = await office.rows("SELECT state, attempts FROM imports")
    assert row == {"state": "waiting", "attempts": 0}
    await office.work_at_imports()
    assert (await office.ask("GET", f"/api/v1/imports/{waiting['id']}", OPERATOR)).json()["state"] == "done"


async def test_an_import_that_fails_again_and_again_is_given_up_and_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ValueError("P1 Brunel")

    monkeypatch.setattr(ObservationsFile, "keep", fail)
    waiting = await office.hand_in(folder())
    for _ in range(3):
        await office.work_at_imports()
        await lapse(office)
    ended = (await office.ask("GET", f"/api/v1/imports/{waiting['id']}", OPERATOR)).json()
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "unexpected-error")
    assert ended["rows"]["written"] == 8, "what came before was kept"
    assert await office.rows("SELECT 1 FROM import_pieces") == []


async def test_whoever_may_not_any_more_is_stopped_with_the_reason(office: Office) -> None:
    account = await office.post(
        "/api/v1/accounts",
        {"email": "new.adviser@agence.example", "role": "adviser", "agency_id": str(office.lens)},
        OPERATOR,
    )
    asks = Person(UUID(account["id"]), Role.ADVISER, office.lens)
    first = await office.hand_in(folder(), asks)
    await office.work_at_imports()
    assert (await office.ask("GET", f"/api/v1/imports/{first['id']}", asks)).json()["state"] == "done"
    second = await office.hand_in({"participants.csv": written([{**PARTICIPANT, "identifiant": "P9"}])}, asks)
    await office.ask("DELETE", f"/api/v1/accounts/{account['id']}", OPERATOR)
    await office.work_at_imports()
    ended = (await office.ask("GET", f"/api/v1/imports/{second['id']}", OPERATOR)).json()
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "not-allowed-any-more")
    assert ended["failure"]["message"].startswith("La personne")
    english = await office.ask("GET", f"/api/v1/imports/{second['id']}", OPERATOR, headers={"accept-language": "en"})
    assert english.json()["failure"]["message"].startswith("Whoever asked")
    assert await office.rows("SELECT 1 FROM participants WHERE identifier = 'P9'") == []


async def test_cancelled_in_the_middle_an_import_keeps_what_it_did_and_no_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "ROWS_A_PART", 5)
    waiting = await office.hand_in(LONG)
    working = asyncio.create_task(office.work_at_imports())
    async with asyncio.timeout(60):
        while await rows_read(office, waiting["id"]) < FAR:
            assert not working.done()
    cancelled = (await office.ask("POST", f"/api/v1/imports/{waiting['id']}/cancel", OPERATOR)).json()
    assert cancelled["state"] == "cancelled"
    await working
    stood = (await office.ask("GET", f"/api/v1/imports/{waiting['id']}", OPERATOR)).json()
    assert (stood["state"], stood["rows"]) == ("cancelled", cancelled["rows"])
    notes = await office.rows("SELECT 1 FROM observations")
    report = (await office.ask("GET", f"/api/v1/imports/{waiting['id']}/report", OPERATOR)).json()
    assert report["files"]["observations.csv"]["read"] == len(notes)


async def test_what_an_import_changes_is_noted_in_the_name_of_whoever_asked(office: Office) -> None:
    await office.import_files(folder(), office.adviser)
    [line] = await office.rows(
        "SELECT DISTINCT person_id, role, route FROM audit.lines JOIN participants ON participants.id = participant_id"
        " WHERE kind = 'participants'"
    )
    assert line == {"person_id": office.adviser.id, "role": "adviser", "route": "POST /api/v1/imports"}
