"""Imports under their addresses: they wait their turn, are seen by whom they concern, reported of, let go."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

from services.registration.settings import Settings
from services.registration.worker import keep_no_longer
from tests.services.registration.office import NOW, OPERATOR, Office
from tests.services.registration.use_cases.importing.exports import OBSERVATION, PARTICIPANT, SECOND, folder, written

WRONG = {"participants.csv": written([PARTICIPANT, {**SECOND, "date_naissance": "31/13/1990", "telephone": "12"}])}


async def test_an_import_waits_and_its_address_tells_how_far_it_is(office: Office) -> None:
    waiting = await office.hand_in(folder(), office.adviser)
    assert (waiting["state"], waiting["dry_run"], waiting["agency_id"]) == ("waiting", False, str(office.lens))
    assert await office.rows("SELECT 1 FROM participants") == []
    await office.work_at_imports()
    done = (await office.ask("GET", f"/api/v1/imports/{waiting['id']}")).json()
    assert (done["state"], done["failure"]) == ("done", None)
    assert done["rows"] == {"read": 13, "known": 13, "written": 13, "refused": 0}
    assert {each["name"] for each in done["files"]} == set(folder())
    assert await office.rows("SELECT 1 FROM import_pieces") == [], "the files went"


async def test_a_list_goes_on_from_any_of_its_imports_the_latest_first(office: Office) -> None:
    ids = [(await office.hand_in({f"{n}.csv": "nom\n"}, office.adviser))["id"] for n in range(5)]
    first = (await office.ask("GET", "/api/v1/imports?size=3")).json()
    rest = (await office.ask("GET", f"/api/v1/imports?size=3&cursor={first['next']}")).json()
    assert [each["id"] for each in [*first["items"], *rest["items"]]] == ids[::-1]
    assert rest["next"] is None


async def test_another_agency_neither_sees_nor_stops_an_import(office: Office) -> None:
    theirs = (await office.hand_in(folder(), office.adviser))["id"]
    for method, path in (("GET", ""), ("GET", "/report"), ("GET", "/report.csv"), ("POST", "/cancel")):
        refused = await office.ask(method, f"/api/v1/imports/{theirs}{path}", office.other_adviser)
        assert (refused.status_code, refused.json()["code"]) == (404, "unknown-import")
    assert (await office.ask("GET", "/api/v1/imports", office.other_adviser)).json()["items"] == []


async def test_what_has_ended_cannot_be_cancelled(office: Office) -> None:
    waiting = (await office.hand_in(folder()))["id"]
    assert (await office.ask("POST", f"/api/v1/imports/{waiting}/cancel", OPERATOR)).status_code == 200
    again = await office.ask("POST", f"/api/v1/imports/{waiting}/cancel", OPERATOR)
    assert (again.status_code, again.json()["code"]) == (409, "import-ended")
    await office.work_at_imports()
    assert await office.rows("SELECT 1 FROM participants") == []


async def test_the_report_is_a_table_too_and_quotes_protected_cells_to_few(office: Office) -> None:
    waiting = (await office.hand_in(WRONG, office.adviser))["id"]
    await office.work_at_imports()
    table = await office.ask("GET", f"/api/v1/imports/{waiting}/report.csv")
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
    assert ("date_naissance", "31/13/1990", "3") in {(row["colonne"], row["valeur"], row["ligne"]) for row in rows}
    seen = (await office.ask("GET", f"/api/v1/imports/{waiting}/report", OPERATOR)).json()["findings"]
    assert {(each["column"], each["value"]) for each in seen} == {("date_naissance", ""), ("telephone", "12")}


async def test_reports_lose_what_they_quote_after_a_month_and_go_after_a_year(
    office: Office, settings: Settings
) -> None:
    waiting = (await office.hand_in(WRONG))["id"]
    await office.work_at_imports()

    async def found(days: int) -> list[tuple[str, str]]:
        await keep_no_longer(office.sessions, settings, lambda: NOW + timedelta(days=days))
        answer = await office.ask("GET", f"/api/v1/imports/{waiting}/report", OPERATOR)
        return [(each["column"], each["value"]) for each in answer.json().get("findings", ())]

    before = await found(29)
    assert ("telephone", "12") in before
    assert await found(31) == [(column, "") for column, _ in before]
    assert await found(366) == []
    assert (await office.ask("GET", f"/api/v1/imports/{waiting}", OPERATOR)).status_code == 404


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


async def test_whatever_its_size_an_export_gets_a_short_report(office: Office) -> None:
    await office.import_files(folder())
    unknown = [{**PARTICIPANT, "identifiant": f"Q{n}", "commune": f"Lansesurrien{n}"} for n in range(2_000)]
    wrong = [{**OBSERVATION, "niveau": "9"}] * 10_000
    wordy = {**PARTICIPANT, "identifiant": "Q", "metiers_souhaites": "|".join(f"m{n}" for n in range(900))}
    for name, raw in {
        "participants.csv": written([*unknown, wordy]).encode(),
        "observations.csv": written(wrong).encode(),
        "ateliers.csv": b"a" * 5_000_000,
    }.items():
        report = await office.import_files({name: raw})
        assert len(json.dumps(report, ensure_ascii=False)) < 500_000, name
        counts = report["files"][name]
        assert counts["read"] == counts["refused"]
