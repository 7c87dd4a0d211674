"""The format as it is told: guide, template and schemas are made of the lists, and say what an import really takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package, system

from services.registration.use_cases.importing.described import CellForm, DescribedColumn, described_lists
from services.registration.use_cases.importing.guide import guide
from services.registration.use_cases.importing.templates import GUIDE, AlreadyThere, example, write_template
from tests.services.registration.office import Office

SCHEMAS = Path(__file__).parents[5] / "docs" / "schemas"

NUMBERS = [
    pytest.param(described.stem, column, id=f"{described.stem}-{column.name}")
    for described in described_lists()
    for column in described.columns
    if column.form is CellForm.WHOLE
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with the template and its schemas, as somebody would check it."""
    write_template(tmp_path)
    for schema in SCHEMAS.glob("*.json"):
        (tmp_path / schema.name).write_bytes(schema.read_bytes())
    with system.use_context(trusted=True):
        yield tmp_path


def wrong_cells(folder: Path) -> set[tuple[str, str]]:
    """What a validator finds wrong: the list and the column; the kind of error where it is of no column."""
    report = Package(str(folder / "datapackage.json"), basepath=str(folder)).validate()
    return {(task.name, getattr(error, "field_name", error.type)) for task in report.tasks for error in task.errors}


def change(folder: Path, stem: str, row: int, **cells: str) -> None:
    """Write other cells into a row of a list, the header being row 0."""
    path = folder / f"{stem}.csv"
    lines = path.read_text("utf-8-sig").splitlines()
    columns, values = lines[0].split(";"), lines[row].split(";")
    for name, value in cells.items():
        values[columns.index(name)] = value
    lines[row] = ";".join(values)
    path.write_text("\r\n".join(lines) + "\r\n", "utf-8-sig")


def files_of(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


async def test_the_template_is_imported_as_it_is_and_nothing_is_wrong_with_it(office: Office, tmp_path: Path) -> None:
    write_template(tmp_path)
    report = await office.import_files(files_of(tmp_path))
    told = [(each["file"], each["code"], each["column"]) for each in report["findings"]]
    assert told == [("participants.csv", "no-email", "courriel")], "the second person has no address, to show that"
    assert {each["read"] - each["accepted"] - each["warned"] for each in report["files"].values()} == {0}
    again = await office.import_files(files_of(tmp_path))
    assert {each["read"] - each["unchanged"] for each in again["files"].values()} == {0}


def test_the_template_holds_to_its_schemas(folder: Path) -> None:
    assert wrong_cells(folder) == set()


@pytest.mark.parametrize(
    ("stem", "cells", "found"),
    [
        ("participants", {"nom": ""}, "nom"),
        ("participants", {"date_naissance": "31/02/1990"}, "date_naissance"),
        ("participants", {"horaires": "jour|midi"}, "horaires"),
        ("participants", {"sexe": "X"}, "sexe"),
        ("participants", {"courriel": "maurice"}, "courriel"),
        ("participants", {"agence": "Agence de nulle part"}, "foreign-key"),
        ("observations", {"niveau": "5"}, "niveau"),
        ("observations", {"participant": "P9999"}, "foreign-key"),
        ("besoins", {"competences": "écoute:5:100"}, "competences"),
        ("rencontres", {"heure_debut": "25:00"}, "heure_debut"),
    ],
)
def test_a_wrong_cell_is_found_before_anything_is_sent(
    folder: Path, stem: str, cells: dict[str, str], found: str
) -> None:
    change(folder, stem, 1, **cells)
    assert wrong_cells(folder) == {(stem, found)}


@pytest.mark.parametrize(("stem", "column"), NUMBERS)
async def test_a_number_within_its_bounds_is_taken_and_one_beyond_is_refused(
    office: Office, folder: Path, stem: str, column: DescribedColumn
) -> None:
    beside = {"duree_creneau_min": "1"} if column.name == "creneaux" else {}
    lowest, highest = (int(bound) for bound in column.bounds)
    for number, is_taken in ((lowest, True), (highest, True), (lowest - 1, False), (highest + 1, False)):
        change(folder, stem, 1, **beside, **{column.name: str(number)})
        assert (wrong_cells(folder) == set()) is is_taken
        report = await office.import_files(files_of(folder), dry_run=True)
        refused = {each["column"] for each in report["findings"] if each["severity"] == "refused"}
        assert (column.name not in refused) is is_taken, (number, report["findings"])


def test_the_guide_names_every_list_and_every_column() -> None:
    text = guide()
    for described in described_lists():
        chapter = text.split(f"## {described.stem}.csv", 1)[1].split("\n## ", 1)[0]
        for column in described.columns:
            assert f"| `{column.name}` |" in chapter


def test_examples_have_as_many_cells_as_the_header() -> None:
    for described in described_lists():
        lines = example(described).decode("utf-8-sig").splitlines()
        assert len({line.count(";") for line in lines if '"' not in line}) == 1, described.stem


def test_a_template_replaces_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "participants.csv"
    kept.write_text("what somebody wrote")
    with pytest.raises(AlreadyThere, match="participants"):
        write_template(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["participants.csv"]
    assert kept.read_text() == "what somebody wrote"


def test_the_guide_lies_beside_the_files(tmp_path: Path) -> None:
    assert tmp_path / "new" / GUIDE in write_template(tmp_path / "new")


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_schemas_name_no_type_that_the_standard_lacks(path: Path) -> None:
    schema: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert {field["type"] for field in schema.get("fields", [])} <= {"string", "integer", "date"}
