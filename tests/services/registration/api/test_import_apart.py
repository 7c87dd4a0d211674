"""An import runs beside the web: it holds up nobody, and one that would have to wait is told to come back."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from io import BytesIO
from threading import Event

from sqlalchemy import text

from services.registration.adapters.files.sources import SourceFile
from services.registration.api.import_apart import IMPORT_LOCK, ImportApart, Order
from shared.asking import THE_SERVICE
from shared.database import unit_of_work
from shared.identity import Seal
from shared.ids import new_id
from shared.moment import Moment
from shared.rights import EVERYTHING
from shared.sql import run
from tests.services.registration.office import NOW, OPERATOR, SECRET, Office, token_of
from tests.services.registration.use_cases.importing.exports import OBSERVATION, PARTICIPANT, folder, written

LOCK = {"lock": IMPORT_LOCK}


async def test_requests_are_answered_while_an_import_computes(office: Office) -> None:
    unknown = [{**PARTICIPANT, "identifiant": f"P{n}", "commune": f"Lansesurrien{n}"} for n in range(2_000)]
    raw = written(unknown).encode() + b"P9;" + b"x" * 20_000_000
    importing = asyncio.create_task(office.import_files({"participants.csv": raw}))
    await _until_an_import_runs(office)
    for _ in range(5):
        assert (await office.ask("GET", "/api/agencies")).status_code == 200
        assert not importing.done()
    counts = (await importing)["files"]["participants.csv"]
    assert (counts["read"], counts["refused"]) == (2_001, 2_001)


async def test_endless_lines_and_headers_are_refused_by_name_and_their_neighbours_kept(office: Office) -> None:
    await office.import_files(folder())
    rows = written([{**OBSERVATION, "niveau": "4"}]).encode()
    report = await office.import_files(
        {
            "observations.csv": rows + b"AT1;" + b"x" * 3_000_000 + b"\r\n" + rows.splitlines()[1],
            "ateliers.csv": ";".join(["identifiant", *(f"c{n}" for n in range(1_000))]).encode() + b"\n1\n",
        }
    )
    assert [(each["file"], each["line"], each["code"]) for each in report["findings"]] == [
        ("ateliers.csv", 1, "too-many-columns"),
        ("observations.csv", 3, "too-long"),
        ("observations.csv", 4, "duplicate-observation"),
    ]
    assert report["files"]["observations.csv"]["accepted"] == 1


async def test_whatever_its_size_an_export_gets_a_short_answer(office: Office) -> None:
    await office.import_files(folder())
    unknown = [{**PARTICIPANT, "identifiant": f"Q{n}", "commune": f"Lansesurrien{n}"} for n in range(2_000)]
    wrong = [{**OBSERVATION, "niveau": "9"}] * 10_000
    wordy = {**PARTICIPANT, "identifiant": "Q", "metiers_souhaites": "|".join(f"m{n}" for n in range(900))}
    for name, raw in {
        "participants.csv": written([*unknown, wordy]).encode(),
        "observations.csv": written(wrong).encode(),
        "ateliers.csv": b"a" * 5_000_000,
    }.items():
        files = [("files", (name, raw))]
        answer = await office.ask("POST", "/api/imports", OPERATOR, files=files)
        assert len(answer.content) < 500_000, name
        counts = json.loads(answer.text.splitlines()[-1])["report"]["files"][name]
        assert counts["read"] == counts["refused"]


async def test_who_fetches_seldom_hears_only_how_far_each_file_is_by_now(office: Office, database_url: str) -> None:
    raw = {
        "participants.csv": written(
            [{**PARTICIPANT, "identifiant": f"P{n}", "nom": ""} for n in range(9_000)]
        ).encode(),
        "observations.csv": written([{**OBSERVATION, "niveau": "9"}] * 9_000).encode(),
    }
    sources = [SourceFile(name, partial(BytesIO, body)) for name, body in raw.items()]
    has_ended = Event()
    moment = Moment(NOW, new_id)
    order = Order(sources, moment, THE_SERVICE, EVERYTHING)
    running = ImportApart(database_url, order, Seal(SECRET), afterwards=has_ended.set)
    await running.begin()
    has_ended.wait()
    told = [json.loads(line) async for piece in running.pieces() for line in piece.splitlines() if '"done"' in line]
    assert told == [{"file": name, "done": 9_000, "total": 9_000} for name in raw]


async def test_imports_that_meet_another_one_are_told_to_come_back_and_hold_up_nobody(office: Office) -> None:
    uploads = [("files", (name, body.encode())) for name, body in folder().items()]
    async with unit_of_work(office.sessions) as session:
        await run(session, text("SELECT pg_advisory_xact_lock(:lock)"), LOCK)
        refused = await asyncio.gather(
            *(office.ask("POST", "/api/imports", OPERATOR, files=uploads) for _ in range(10)),
            *(office.ask("GET", "/api/agencies") for _ in range(10)),
        )
    assert [each.status_code for each in refused] == [409] * 10 + [200] * 10
    assert {(each.json()["code"], each.headers["retry-after"]) for each in refused[:10]} == {("import-running", "5")}
    assert (await office.import_files(folder()))["findings"] == []


async def test_whoever_leaves_takes_the_import_with_them(office: Office) -> None:
    before = await office.counts()
    many = written([{**PARTICIPANT, "identifiant": f"P{n}", "nom": f"Nom{n}"} for n in range(4_000)]).encode()
    files = [("files", ("participants.csv", many))]
    asking = asyncio.create_task(office.ask("POST", "/api/imports", OPERATOR, files=files))
    await _until_an_import_runs(office)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await _until_an_import_runs(office, it_does=False)
    assert await office.counts() == before


async def test_whoever_leaves_before_the_first_line_takes_the_import_with_them(office: Office) -> None:
    before = await office.counts()
    many = written([{**PARTICIPANT, "identifiant": f"P{n}", "nom": f"Nom{n}"} for n in range(4_000)]).encode()
    request = office.client.build_request(
        "POST",
        "/api/imports",
        headers={"authorization": f"Bearer {token_of(OPERATOR)}"},
        files=[("files", ("participants.csv", many))],
    )
    body, has_begun = request.read(), asyncio.Event()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    async def send(_message: object) -> None:
        has_begun.set()
        await asyncio.Event().wait()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": "POST",
        "scheme": "http",
        "path": "/api/imports",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": ("registration.test", 80),
        "client": ("127.0.0.1", 1),
    }
    asking = asyncio.create_task(office.app(scope, receive, send))
    await has_begun.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await _until_an_import_runs(office, it_does=False)
    assert await office.counts() == before


async def _until_an_import_runs(office: Office, *, it_does: bool = True) -> None:
    async with asyncio.timeout(60):
        while await office.an_import_runs() is not it_does:
            pass
