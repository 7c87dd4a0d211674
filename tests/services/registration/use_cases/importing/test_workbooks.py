"""What an agency keeps in a spreadsheet or sends as an archive is imported like its CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, time
from pathlib import PurePosixPath
from typing import Any

import pytest

from tests.services.registration.office import Office
from tests.services.registration.use_cases.importing.exports import FOLDER, OBSERVATION, PARTICIPANT, folder
from tests.support.workbooks import Cell, Error, Sheets, excel, open_document, packed

DAYS, NUMBERS = {"date_debut", "date_fin", "date", "disponible_des", "date_naissance"}, {"niveau", "creneaux", "postes"}


def _sheets() -> Sheets:
    """The folder's files as sheets, with days, times and numbers as a spreadsheet keeps them."""
    sheets: dict[str, list[list[Cell]]] = {}
    for name, text in folder().items():
        header, *rows = csv.reader(io.StringIO(text), delimiter=";")
        typed = [[_typed(column, cell) for column, cell in zip(header, row, strict=True)] for row in rows]
        sheets[name.removesuffix(".csv")] = [list(header), *typed]
    return sheets


def _typed(column: str, cell: str) -> Cell:
    if column in DAYS:
        day, month, year = map(int, cell.split("/"))
        return date(year, month, day)
    if column == "heure_debut":
        return time.fromisoformat(cell)
    return float(cell) if column in NUMBERS or column == "siret" else cell


def _xlsx() -> dict[str, bytes]:
    return {"export.xlsx": excel(_sheets())}


def _ods() -> dict[str, bytes]:
    return {"export.ods": open_document(_sheets())}


def _zip() -> dict[str, bytes]:
    return {"export.zip": packed({f"octobre/{name}": text for name, text in folder().items()})}


def _zip_of_workbooks() -> dict[str, bytes]:
    books = {f"{name}.xlsx": excel({"Feuil1": rows}) for name, rows in _sheets().items()}
    return {"export.zip": packed(books)}


@pytest.mark.parametrize("made", [_xlsx, _ods, _zip, _zip_of_workbooks])
async def test_the_same_lists_in_another_dress_are_unchanged(
    office: Office, made: Callable[[], dict[str, bytes]]
) -> None:
    first = await office.import_files(folder())
    report = await office.import_files(made())
    assert report["findings"] == []
    assert {_list(name): _settled(counts) for name, counts in report["files"].items()} == {
        name.removesuffix(".csv"): {"read": counts["read"], "unchanged": counts["read"]}
        for name, counts in first["files"].items()
    }


async def test_a_workbook_is_imported_whole(office: Office) -> None:
    report = await office.import_files(_xlsx())
    assert report["findings"] == []
    assert sum(counts["accepted"] for counts in report["files"].values()) == sum(map(len, FOLDER.values()))


@pytest.mark.parametrize("made", [excel, open_document])
async def test_an_error_refuses_its_row_and_names_sheet_row_and_column(office: Office, made: type) -> None:
    await office.import_files(folder())
    columns = [*OBSERVATION, "remarque"]
    good: list[Cell] = [*OBSERVATION.values(), Error("#N/A")]
    bad: list[Cell] = [*{**OBSERVATION, "exercice": "Autre"}.values(), ""]
    bad[columns.index("niveau")] = Error("#REF!")
    report = await office.import_files({"suivi.xlsx": made({"observations": [columns, [], bad, good]})})
    found = [each for each in report["findings"] if each["severity"] == "refused"]
    assert [(each["file"], each["line"], each["column"], each["value"], each["code"]) for each in found] == [
        ("suivi.xlsx › observations", 3, "niveau", "#REF!", "spreadsheet-error")
    ]
    counts = report["files"]["suivi.xlsx › observations"]
    assert (counts["read"], counts["refused"], counts["unchanged"]) == (2, 1, 1)


async def test_a_whole_file_that_cannot_be_opened_is_refused_and_its_neighbours_are_kept(office: Office) -> None:
    report = await office.import_files({"x.xlsx": b"PK\x03\x04...", **{n: t.encode() for n, t in folder().items()}})
    assert [(each["file"], each["code"], each["severity"]) for each in report["findings"]] == [
        ("x.xlsx", "damaged-file", "refused")
    ]
    assert report["files"]["participants.csv"]["accepted"] == 2


async def test_of_workbooks_the_newest_by_name_counts(office: Office) -> None:
    def made(last_name: str) -> bytes:
        return excel({"participants": [list(PARTICIPANT), list({**PARTICIPANT, "nom": last_name}.values())]})

    report = await office.import_files({"suivi 2026-10-01.xlsx": made("Ancien"), "suivi 2026-11-01.xlsx": made("Neuf")})
    (found,) = report["findings"]
    assert (found["file"], found["code"]) == ("suivi 2026-10-01.xlsx › participants", "duplicate-identifier")
    assert "suivi 2026-11-01.xlsx" in found["message"]
    assert [row["last_name"] for row in await office.rows("SELECT last_name FROM participant_contacts")] == ["Neuf"]


def _list(name: str) -> str:
    return PurePosixPath(name.split(" › ")[1]).stem


def _settled(counts: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count and name != "seconds"}
