"""Workbooks and archives as they come: each sheet and file is a list, and what cannot be opened says why."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from datetime import date, time
from functools import partial
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from services.registration.adapters.files import packages
from services.registration.adapters.files.marked_cells import is_error
from services.registration.adapters.files.records import read_header, read_rows
from services.registration.adapters.files.sources import SourceFile
from services.registration.adapters.files.unpacking import unpacked
from tests.support.workbooks import Cell, Error, Formula, Percent, Sheets, Tall, excel, open_document, packed

MAKERS = pytest.mark.parametrize("made", [excel, open_document])


async def _rows(workbook: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows of a workbook's only sheet."""
    async with unpacked([SourceFile("w.xlsx", partial(io.BytesIO, workbook))]) as inside:
        (table,) = inside.tables
        with table.lines() as lines:
            header = read_header(lines, frozenset({"a", "b", "c"}))
            assert header is not None
            return [(row.line, dict(row.cells)) for row in read_rows(lines, header)]


async def _told(files: Mapping[str, bytes]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The tables by name with what tells their list, and the codes of what was left aside."""
    async with unpacked([SourceFile(name, partial(io.BytesIO, raw)) for name, raw in files.items()]) as inside:
        return (
            [(table.name, table.stem) for table in inside.tables],
            [(name, finding.code) for name, finding in inside.aside],
        )


async def _code(raw: bytes) -> str:
    tables, aside = await _told({"x": raw})
    assert tables == []
    ((name, code),) = aside
    assert name == "x"
    return code


@MAKERS
@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("0045", "0045"),
        (45, "45"),
        (45.0, "45"),
        (0.1 + 0.2, "0.3"),
        (12388345625821, "12388345625821"),
        (-3.5, "-3.5"),
        (Percent(0.5), "0.5"),
        (True, "VRAI"),
        (False, "FAUX"),
        (date(2026, 9, 25), "2026-09-25"),
        (time(9, 30), "09:30"),
        ("deux\nlignes", "deux\nlignes"),
        ('un " et un ; ici', 'un " et un ; ici'),
        (Formula(3), "3"),
        (Formula("texte"), "texte"),
        (Error("#N/A"), "#N/A"),
        (Error("#DIV/0!"), "#DIV/0!"),
    ],
)
async def test_a_cell_is_read_as_a_list_writes_it(made: type, cell: Cell, text: str) -> None:
    ((_, row),) = await _rows(made({"Feuil1": [["a", "b"], ["x", cell]]}))
    assert row == {"a": "x", "b": text}


@pytest.mark.parametrize("shown", ["Err:502", "#NOM ?", "#VALEUR !", "Une erreur sans nom"])
async def test_an_error_is_one_in_whatever_words_a_spreadsheet_shows_it(shown: str) -> None:
    ((_, row),) = await _rows(open_document({"Feuille1": [["a", "b"], ["x", Error(shown)]]}))
    assert is_error(row["b"])


async def test_a_formula_that_was_never_computed_is_no_empty_cell_and_one_that_gives_nothing_is() -> None:
    ((_, row),) = await _rows(excel({"Feuil1": [["a", "b", "c"], ["x", Formula(None), Formula("")]]}))
    assert (is_error(row["b"]), row["c"]) == (True, "")


@MAKERS
async def test_rows_are_numbered_as_people_see_them(made: type) -> None:
    sheet: list[list[Cell]] = [
        [],
        [None, "Export du 25/11/2026"],
        [],
        [None, "a", "b"],
        [],
        [],
        [None, 1, 2],
        [None, 3],
    ]
    assert await _rows(made({"Feuil1": sheet})) == [
        (7, {"": "", "a": "1", "b": "2"}),
        (8, {"": "", "a": "3", "b": ""}),
    ]


@MAKERS
async def test_errors_are_found_at_their_place(made: type) -> None:
    error = Error("#REF!")
    sheet: list[list[Cell]] = [["a", "b", "c"], [1, 2, 3], [1, error, 3], [1, error, 3], [], [error]]
    assert [[name for name, cell in row.items() if is_error(cell)] for _, row in await _rows(made({"F": sheet}))] == [
        [],
        ["b"],
        ["b"],
        ["a"],
    ]


@MAKERS
async def test_what_is_one_cell_over_several_rows_counts_for_each_of_them_and_is_told(made: type) -> None:
    sheet: list[list[Cell]] = [["a", "b"], ["1", Tall("Lens", 3)], ["2"], [], ["3"], ["4", "Lille"]]
    workbook = made({"Feuil1": sheet})
    assert [(row["a"], row["b"]) for _, row in await _rows(workbook)] == [
        ("1", "Lens"),
        ("2", "Lens"),
        ("3", ""),
        ("4", "Lille"),
    ]
    async with unpacked([SourceFile("w", partial(io.BytesIO, workbook))]) as inside:
        assert [(line, finding.code) for line, finding in inside.tables[0].findings()] == [(2, "merged-cells")]


@MAKERS
async def test_sheets_are_lists_by_their_names_hidden_ones_are_told_and_empty_ones_are_none(made: type) -> None:
    sheets: Sheets = {"participants": [["a"]], "Feuil2": [["a"]], "Listes": [["a"]], "Feuil3": []}
    assert await _told({"export.xlsx": made(sheets, hidden={"Listes"})}) == (
        [("export.xlsx › participants", "participants"), ("export.xlsx › Feuil2", "Feuil2")],
        [("export.xlsx › Listes", "hidden-sheet")],
    )


@pytest.mark.parametrize(
    ("sheet", "told_by"), [("Feuil1", "ateliers"), ("Sheet1", "ateliers"), ("2026", "ateliers 2026")]
)
async def test_an_only_sheet_is_known_by_its_workbook(sheet: str, told_by: str) -> None:
    tables, _ = await _told({"ateliers.xlsx": excel({sheet: [["a"]]})})
    assert tables == [(f"ateliers.xlsx › {sheet}", told_by)]


WORKBOOK = excel({"Feuil1": [["a"], ["x" * 5_000]]})


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (WORKBOOK[: len(WORKBOOK) // 2], "damaged-file"),
        (WORKBOOK.replace(b"PK\x01\x02", b"PK\x01\x03"), "damaged-file"),
        (excel({"F": [["a"]]}, extra={"xl/worksheets/sheet1.xml": "<worksheet"}), "damaged-file"),
        (excel({"F": [["a"]]}, extra={"xl/workbook.xml": "?"}), "damaged-file"),
        (b"PK\x03\x04 something", "damaged-file"),
        (excel({"F": [["a"]]}, extra={"xl/vbaProject.bin": b"x"}), "workbook-with-macros"),
        (open_document({"F": [["a"]]}, extra={"Basic/Standard/Module1.xml": "x"}), "workbook-with-macros"),
        (
            open_document({"F": [["a"]]}, extra={"META-INF/manifest.xml": "<manifest:encryption-data/>"}),
            "encrypted-file",
        ),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 100, "encrypted-file"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old-workbook"),
        (excel({"Feuil1": []}), "empty-file"),
        (excel({"Feuil1": [["a"]]}, hidden={"Feuil1"}), "empty-file"),
        (excel({f"F{n}": [["a"]] for n in range(51)}), "too-many-files-inside"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
async def test_a_workbook_that_cannot_be_read_says_why(raw: bytes, code: str) -> None:
    assert await _code(raw) == code


async def test_an_error_with_which_a_workbook_cannot_be_read_is_told_by_its_cell() -> None:
    sheets: Sheets = {"participants": [["a"]], "Suivi": [[], [None] * 28 + [Error("#SPILL!")]]}
    async with unpacked([SourceFile("x", partial(io.BytesIO, excel(sheets)))]) as inside:
        ((_, finding),) = inside.aside
    assert finding.code == "unknown-cell-error"
    assert "AC2" in finding.message
    assert "Suivi" in finding.message


async def test_two_cells_far_apart_take_nobody_s_memory() -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    parts = _parts_of(excel({"F": [["a"]]}))
    assert await _code(packed({**parts, "xl/worksheets/sheet1.xml": sheet})) == "too-large-workbook"


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "participants.csv"])
async def test_what_unpacks_to_far_more_than_it_is_stays_packed(name: str) -> None:
    parts = _parts_of(excel({"F": [["a"]]})) if name.endswith("xml") else {}
    assert await _code(packed({**parts, name: b" " * (packages.SMALL + 1)})) == "too-large-inside"


async def test_more_than_one_import_takes_stays_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MOST_UNPACKED", 1_000)
    assert await _code(packed({"a.csv": bytes(range(256)) * 4})) == "too-large-inside"


async def test_a_table_of_contents_without_end_is_not_read() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, packages.LONGEST_DIRECTORY + 1, 0, 0)
    assert await _code(b"PK\x03\x04" + end) == "too-large-inside"


async def test_an_archive_gives_its_files_whatever_their_folders_and_names() -> None:
    raw = io.BytesIO()
    with ZipFile(raw, "w", ZIP_DEFLATED) as archive:
        archive.writestr(ZipInfo("2026/"), b"")
        for name in ("2026/ateliers.csv", "../../etc/besoins.csv", "/rencontres.csv", "C:\\x\\employeurs.csv"):
            archive.writestr(name, b"identifiant\n1\n")
        for name in ("__MACOSX/._ateliers.csv", ".DS_Store", "2026/~$classeur.xlsx", "Thumbs.db", ".git/x.csv"):
            archive.writestr(name, b"x")
        archive.writestr("classeur.xlsx", excel({"participants": [["a"]], "Notes": [["b"]]}))
        archive.writestr("encore.zip", packed({"a.csv": b"x"}))
        archive.writestr("abîmé.xlsx", WORKBOOK[:500])
    tables, aside = await _told({"export.zip": raw.getvalue()})
    assert sorted(tables) == [
        ("export.zip › 2026/ateliers.csv", "ateliers"),
        ("export.zip › C:/x/employeurs.csv", "employeurs"),
        ("export.zip › classeur.xlsx › Notes", "Notes"),
        ("export.zip › classeur.xlsx › participants", "participants"),
        ("export.zip › etc/besoins.csv", "besoins"),
        ("export.zip › rencontres.csv", "rencontres"),
    ]
    assert sorted(aside) == [
        ("export.zip › abîmé.xlsx", "damaged-file"),
        ("export.zip › encore.zip", "nested-archive"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp850"])
async def test_names_are_read_in_the_ways_that_programs_write_them_unsaid(encoding: str) -> None:
    raw = packed({"e_t_ateliers.csv": b"x"}).replace(b"e_t_", "é".encode(encoding).ljust(4, b"_"))
    ((name, _),), _ = await _told({"x.zip": raw})
    assert name.startswith("x.zip › é_")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (packed({}), "empty-file"),
        (packed({"__MACOSX/x.csv": b"x"}), "empty-file"),
        (packed({f"{n}.csv": b"x" for n in range(51)}), "too-many-files-inside"),
        (
            packed({"a.csv": b"x"}).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
            "encrypted-file",
        ),
    ],
)
async def test_an_archive_that_cannot_be_read_says_why(raw: bytes, code: str) -> None:
    assert await _code(raw) == code


async def test_a_damaged_file_of_an_archive_takes_no_other_along() -> None:
    content = bytes(range(256)) * 20
    raw = io.BytesIO()
    with ZipFile(raw, "w") as archive:
        archive.writestr("a.csv", content)
        archive.writestr("b.csv", b"whole")
    assert await _told({"x.zip": raw.getvalue().replace(content, content[::-1])}) == (
        [("x.zip › b.csv", "b")],
        [("x.zip › a.csv", "damaged-file")],
    )


async def test_documents_of_other_programs_and_texts_stay_as_they_are() -> None:
    letter = packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})
    files = {"lettre.docx": letter, "a.csv": b"a;b\n1;2\n"}
    assert await _told(files) == ([("lettre.docx", "lettre"), ("a.csv", "a")], [])


def _parts_of(raw: bytes) -> dict[str, str | bytes]:
    with ZipFile(io.BytesIO(raw)) as package:
        return {name: package.read(name) for name in package.namelist()}
