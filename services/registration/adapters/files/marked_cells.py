"""What a workbook shows and no value tells: cells in error, formulas that were never computed, merged cells.

The reader of workbooks gives all of them as empty cells, and an empty cell empties what is kept: they are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path, PurePosixPath
from typing import IO
from xml.parsers import expat
from zipfile import ZipFile

NOT_COMPUTED = "#NON CALCULÉ"
"""Stands for a formula whose value is not there: some programs write formulas and leave computing to others."""

UNNAMED_ERROR = "#ERREUR"
MOST_MARKS = 10_000
PIECE = 1 << 20

_ERROR = re.compile(
    r"#(?:N/[AD]|REF ?!|DIV/0 ?!|VALUE!|VALEUR ?!|NAME\?|NOM ?\?|NUM!|NOMBRE ?!|NULL!|NUL ?!|SPILL!|CALC!|"
    rf"PROPAGATION ?!|CALCUL ?!)|Err ?: ?\d{{3}}|{NOT_COMPUTED}|{UNNAMED_ERROR}"
)

CellPlace = tuple[int, int]
"""A row and a column, from 0."""


@dataclass(slots=True)
class Marks:
    """What is marked in one sheet: the errors by their place, and merged cells as first row, last row and column."""

    errors: dict[CellPlace, str] = field(default_factory=dict)
    merged: list[tuple[int, int, int]] = field(default_factory=list)

    def note_error(self, place: CellPlace, text: str) -> None:
        """Note an error, as a spreadsheet shows it."""
        if len(self.errors) < MOST_MARKS:
            self.errors[place] = text if is_error(text) else UNNAMED_ERROR


def is_error(text: str) -> bool:
    """Whether a cell says that a spreadsheet could not compute it: « #N/A », « #VALEUR! »."""
    return text.startswith(("#", "Err")) and _ERROR.fullmatch(text) is not None


def errors_in(cells: Mapping[str, str]) -> set[str]:
    """The columns of a row that a spreadsheet could not compute."""
    together = "\n".join(cells.values())
    if "#" not in together and "Err" not in together:
        return set()  # as with nearly every row: at a fraction of what asking for each cell takes
    return {column for column, cell in cells.items() if is_error(cell)}


def column_letters(column: int) -> str:
    """What people call a column, counted from 0: « A », « BC »."""
    letters = ""
    while column >= 0:
        column, letter = column // 26 - 1, chr(ord("A") + column % 26)
        letters = letter + letters
    return letters


def marks_of(workbook: Path) -> Mapping[str, Marks]:
    """What is marked in each sheet, by the sheet's name."""
    with ZipFile(workbook) as package:
        if "content.xml" in package.namelist():
            return _Document().read(package)
        return {name: _Sheet().read(package, path) for name, path in _sheets(package)}


def _sheets(package: ZipFile) -> Iterator[tuple[str, str]]:
    """Each sheet of an Excel workbook with the path of its part."""
    targets: dict[str, str] = {}
    named: list[tuple[str, str]] = []

    def relation(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            reference = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            named.append((attributes.get("name", ""), reference))

    for part, hear in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser = _parser()
        parser.StartElementHandler = lambda name, attributes, hear=hear: hear(_local(name), attributes)
        with package.open(part) as stream:
            parser.ParseFile(stream)
    inside = set(package.namelist())
    for name, reference in named:
        target = targets.get(reference, "")
        path = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        if path in inside:
            yield name, path


class _Sheet:
    """Looks through the cells of one sheet of an Excel workbook."""

    def __init__(self) -> None:
        self._marks = Marks()
        self._row, self._column = -1, -1
        self._type = ""
        self._is_formula = self._is_value = False
        self._text = ""

    def read(self, package: ZipFile, path: str) -> Marks:
        """What is marked in it."""
        with package.open(path) as stream:
            is_plain = not _holds(stream, (b'"e"', b"'e'", b"<f", b":f"))
        if not is_plain:
            parser = _parser()
            parser.StartElementHandler = self._begin
            parser.EndElementHandler = self._end
            parser.CharacterDataHandler = self._hear
            with package.open(path) as stream:
                parser.ParseFile(stream)
        return self._marks

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        match _local(name):
            case "row":
                self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
                self._column = -1
            case "c":
                self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
                self._type, self._text, self._is_formula = attributes.get("t", ""), "", False
            case "f":
                self._is_formula = True
            case "v":
                self._is_value = True

    def _hear(self, text: str) -> None:
        if self._is_value:
            self._text += text

    def _end(self, name: str) -> None:
        match _local(name):
            case "v":
                self._is_value = False
            case "c" if self._type == "e":
                self._marks.note_error((self._row, self._column), self._text)
            case "c" if self._is_formula and not self._text and self._type != "str":
                self._marks.note_error((self._row, self._column), NOT_COMPUTED)


class _Document:
    """Looks through the cells of an OpenDocument spreadsheet: all its sheets are one part."""

    def __init__(self) -> None:
        self._marks: dict[str, Marks] = {}
        self._sheet = Marks()
        self._row = self._column = 0
        self._rows = self._columns = 1
        self._is_error = False
        self._text = ""

    def read(self, package: ZipFile) -> Mapping[str, Marks]:
        """What is marked in each of its sheets."""
        with package.open("content.xml") as stream:
            is_plain = not _holds(stream, (b'"error"', b"'error'", b"number-rows-spanned"))
        if not is_plain:
            parser = _parser()
            parser.StartElementHandler = self._begin
            parser.EndElementHandler = self._end
            parser.CharacterDataHandler = self._hear
            with package.open("content.xml") as stream:
                parser.ParseFile(stream)
        return self._marks

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        local = _local(name)
        if local == "table":
            self._sheet = self._marks.setdefault(_attribute(attributes, "name"), Marks())
            self._row = 0
        elif local == "table-row":
            self._rows = int(_attribute(attributes, "number-rows-repeated") or 1)
            self._column = 0
        elif local in ("table-cell", "covered-table-cell"):
            self._columns = int(_attribute(attributes, "number-columns-repeated") or 1)
            self._is_error, self._text = "error" in attributes.values(), ""
            spanned = int(_attribute(attributes, "number-rows-spanned") or 1)
            if spanned > 1 and len(self._sheet.merged) < MOST_MARKS:
                self._sheet.merged.append((self._row, self._row + spanned - 1, self._column))

    def _hear(self, text: str) -> None:
        if self._is_error:
            self._text += text

    def _end(self, name: str) -> None:
        local = _local(name)
        if local == "table-row":
            self._row += self._rows
        elif local in ("table-cell", "covered-table-cell"):
            if self._is_error:
                rows = range(self._row, self._row + min(self._rows, MOST_MARKS))
                columns = range(self._column, self._column + min(self._columns, 1_000))
                for place in product(rows, columns):
                    if len(self._sheet.errors) >= MOST_MARKS:
                        break
                    self._sheet.note_error(place, self._text.strip())
            self._is_error = False
            self._column += self._columns


def _parser() -> expat.XMLParserType:
    return expat.ParserCreate(namespace_separator=" ")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if _local(key) == name), "")


def _column(reference: str) -> int:
    """The column of « BC12 », from 0."""
    number = 0
    for letter in reference:
        if letter.isdigit():
            break
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number - 1


def _holds(stream: IO[bytes], signs: tuple[bytes, ...]) -> bool:
    """Whether any of the signs is in a part, which is looked through piece by piece."""
    before = b""
    while piece := stream.read(PIECE):
        if any(sign in before + piece for sign in signs):
            return True
        before = piece[-max(map(len, signs)) :]
    return False
