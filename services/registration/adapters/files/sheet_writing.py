"""A workbook's sheets written as texts, one line a row: a process of its own, which may be stopped and may run out.

A workbook is untrusted and read as a whole, and two cells far apart are a sheet of billions: so it is read under limits
of memory, time and disk. What is read are values as they were last computed; nothing in a workbook is carried out.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypedDict
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from services.registration.adapters.files.marked_cells import CellPlace, Marks, column_letters, marks_of

MOST_MEMORY = 1 << 30
MOST_ON_DISK = 1 << 30
MOST_SECONDS = 120
LINE_SEPARATOR = "\u2028"
"""What stands for a new line inside a cell, so that a row is one line and its number that of the row."""

ENCRYPTED, DAMAGED, TOO_LARGE, UNKNOWN_ERROR = 11, 12, 13, 14
"""How the process ends where it could not read the workbook; of an unknown error it tells the `CellWithError`."""

READ_ERRORS = frozenset({"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"})
"""The errors that the reader of workbooks knows: newer formulas have others."""

CellValue = int | float | str | bool | time | date | datetime | timedelta
MergedCells = tuple[int, int, int]


class SheetWritten(TypedDict):
    """What is told of a sheet: ``merged`` is the first row where cells of several rows are one, or 0."""

    name: str
    is_hidden: bool
    file: str
    merged: int


class CellWithError(TypedDict):
    """Which cell of which sheet holds an error that the reader does not know, as people call it: « B12 »."""

    sheet: str
    cell: str


def write_sheets(workbook: Path, folder: Path) -> list[SheetWritten]:
    """Write each sheet that holds something into the folder, but for hidden ones; what is told of each."""
    marks = marks_of(workbook)
    told: list[SheetWritten] = []
    with CalamineWorkbook.from_path(workbook) as opened:
        for number, metadata in enumerate(opened.sheets_metadata):
            sheet = opened.get_sheet_by_index(number)
            if sheet.start is None:
                continue
            found = marks.get(metadata.name, Marks())
            merged = [*found.merged, *_merged(sheet)]
            is_hidden = metadata.visible is not SheetVisibleEnum.Visible
            if not is_hidden:
                _write(_filled_down(_rows(sheet, found.errors), merged), folder / str(number))
            first_merged = min((first + 1 for first, *_ in merged), default=0)
            told.append(SheetWritten(name=metadata.name, is_hidden=is_hidden, file=str(number), merged=first_merged))
    return told


def _merged(sheet: CalamineSheet) -> list[MergedCells]:
    ranges = sheet.merged_cell_ranges or []
    return [(top, bottom, column) for (top, column), (bottom, _) in ranges if bottom > top]


def _write(rows: Iterable[Sequence[str]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, delimiter=";", lineterminator="\n").writerows(rows)


def _rows(sheet: CalamineSheet, errors: dict[CellPlace, str]) -> Iterator[list[str]]:
    """All rows from the first one on, each from the first column on."""
    before = [""] * (sheet.start or (0, 0))[1]
    by_row: dict[int, dict[int, str]] = {}
    for (number, column), error in errors.items():
        by_row.setdefault(number, {})[column] = error
    for number, cells in enumerate(sheet.iter_rows()):
        row = [*before, *map(written, cells)]
        for column, error in by_row.get(number, {}).items():
            row.extend("" for _ in range(len(row), column + 1))
            row[column] = error
        yield row


def _filled_down(rows: Iterable[list[str]], merged: Sequence[MergedCells]) -> Iterator[list[str]]:
    """The rows, and in each what a merged cell says of it: people see one value beside several rows."""
    begins: dict[int, list[tuple[int, int]]] = {}
    for top, bottom, column in merged:
        begins.setdefault(top, []).append((bottom, column))
    open_ones: list[tuple[int, int, str]] = []
    for number, row in enumerate(rows):
        open_ones = [each for each in open_ones if each[0] >= number]
        if any(row):
            for _, column, value in open_ones:
                row[column] = row[column] or value
        open_ones += [(bottom, column, row[column]) for bottom, column in begins.get(number, ()) if column < len(row)]
        yield row


def _first_unknown_error(workbook: Path) -> CellWithError | None:
    for name, marks in marks_of(workbook).items():
        for (row, column), error in marks.errors.items():
            if error not in READ_ERRORS:
                return CellWithError(sheet=name, cell=f"{column_letters(column)}{row + 1}")
    return None


def written(cell: CellValue) -> str:
    """A cell as lists are written: days as 2026-12-31, times as 09:30, numbers as a spreadsheet shows them."""
    match cell:
        case str():
            return cell.replace("\r\n", "\n").replace("\r", "\n").replace("\n", LINE_SEPARATOR)
        case bool():
            return "VRAI" if cell else "FAUX"
        case int() | float():
            return f"{cell:.15g}"
        case datetime():
            return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M}"
        case time():
            return f"{cell:%H:%M}"
        case timedelta():
            minutes = round(cell.total_seconds() / 60)
            return f"{minutes // 60:02}:{minutes % 60:02}"
        case date():
            return cell.isoformat()


def main() -> None:
    """Write the sheets of the workbook at the first path into the folder at the second; tell of them as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_ON_DISK, MOST_ON_DISK))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    workbook, folder = map(Path, sys.argv[1:])
    try:
        told = write_sheets(workbook, folder)
    except PasswordError:
        sys.exit(ENCRYPTED)
    except (MemoryError, OSError):
        sys.exit(TOO_LARGE)
    except CalamineError as error:
        unknown = _first_unknown_error(workbook) if "cell error" in str(error) else None
        if unknown is None:
            sys.exit(DAMAGED)
        json.dump(unknown, sys.stdout)
        sys.exit(UNKNOWN_ERROR)
    except (ExpatError, BadZipFile, ValueError, KeyError, NotImplementedError):
        sys.exit(DAMAGED)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
