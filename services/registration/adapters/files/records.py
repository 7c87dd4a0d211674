"""CSV records with the line on which each begins. A broken one never takes its neighbours along."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from services.registration.adapters.files.harmless import meant
from services.registration.adapters.files.sources import LONGEST_LINE, Lines
from services.registration.domain import file_kinds, kinds
from services.registration.domain.findings import Finding
from shared.reference.normalise import fold
from shared.typed_text import exported

SEPARATORS = (";", ",", "\t")
MOST_COLUMNS = 500
"""A header with more is no table that somebody keeps."""

LONGEST_COLUMN_NAME = 200
"""How much of a column's name is read, in characters."""

MOST_LINES_ABOVE = 10
"""How many lines are looked at for the header behind the first one."""

MOST_LINES_A_RECORD = 200
"""A quoted cell that goes on for longer has lost its closing quote."""

_AROUND_A_NAME = ' "\t\r\n\ufeff\u00a0'
_EMPTY_ROW = " ;,\t\r\n\ufeff\u00a0"
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The cells of one record, or what is wrong with it."""

    line: int
    cells: Sequence[str] = ()
    trouble: Finding | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A record as a row: its cells by the name of their column, trimmed; or what is wrong with its shape."""

    line: int
    cells: Mapping[str, str]
    trouble: Finding | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file as compared, and as written."""

    line: int
    separator: str
    columns: tuple[str, ...]
    written: tuple[str, ...]

    @property
    def is_endless(self) -> bool:
        """Whether it has more columns than any table that somebody keeps."""
        return len(self.columns) > MOST_COLUMNS


def read_header(lines: Lines, known: frozenset[str]) -> Header | None:
    """The header: of the possible separators, the one that yields most known columns. `None` for an empty file.

    Titles and empty rows that a program has put above it are passed over.
    """
    separators: tuple[str, ...] = SEPARATORS
    first: Header | None = None
    behind: list[str] = []
    for line in lines:
        if first is not None:
            behind.append(line)
        announced = _SEPARATOR_LINE.fullmatch(line)
        if announced:
            separators = (announced[1],)
        elif line.strip(_EMPTY_ROW):
            header = max(
                (_header(line, lines.number, separator) for separator in separators),
                key=lambda header: (len(known.intersection(header.columns)), len(header.columns)),
            )
            if _is_header(header, known):
                return header
            first = first or header
        if len(behind) >= MOST_LINES_ABOVE:
            break
    lines.give_back(behind)
    return first


def _is_header(header: Header, known: frozenset[str]) -> bool:
    """Whether it holds names of columns, and not a title."""
    found = sum(column in known for column in header.columns)
    return found >= 2 or found == len(header.columns)


def read_rows(lines: Lines, header: Header, required: frozenset[str] = frozenset()) -> Iterator[Row]:
    """The rows after the header; blank lines are none.

    Spreadsheets and mail programs drop the separators of empty last cells: a row may end early, unless a required
    column is behind its end.
    """
    for record in _records(lines, header.separator):
        if record.trouble is not None:
            yield Row(record.line, {}, record.trouble)
        elif any(cell and not cell.isspace() for cell in record.cells) and not _is_again(record.cells, header):
            yield _row(record.line, record.cells, header, required)


def _is_again(cells: Sequence[str], header: Header) -> bool:
    """Whether a row is the header once more, as where one export was put behind another."""
    is_likely = len(cells) == len(header.written) and cells[0].strip("\ufeff ").lower() == header.written[0].lower()
    return is_likely and all(column_name(cell) == column for cell, column in zip(cells, header.columns, strict=True))


def column_name(text: str) -> str:
    """The name of a column as compared: « Mobilité (km) » is `mobilite_km`."""
    return fold(text).replace(" ", "_")


def _header(line: str, number: int, separator: str) -> Header:
    try:
        written = next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:  # quotes that do not close on their line: names of columns need none
        written = line.strip().split(separator, MOST_COLUMNS)
    written = [cell.strip(_AROUND_A_NAME)[:LONGEST_COLUMN_NAME] for cell in written[: MOST_COLUMNS + 1]]
    return Header(number, separator, tuple(map(column_name, written)), tuple(written))


def _records(lines: Lines, separator: str) -> Iterator[FileRecord]:
    quoted = _QuotedRecords(lines, separator)
    for line in lines:
        number = lines.number
        if len(line) > LONGEST_LINE:
            details = {"length": f"plus de {LONGEST_LINE}", "limit": LONGEST_LINE}
            yield FileRecord(number, trouble=Finding(kinds.TOO_LONG, "", details))
        elif '"' not in line:
            yield FileRecord(number, line.rstrip("\r\n").split(separator))
        else:
            yield quoted.record(line)


class _QuotedRecords:
    """Reads the records with quotes, which may go over several lines; broken where they do not close."""

    def __init__(self, lines: Lines, separator: str) -> None:
        self._lines = lines
        self._separator = separator
        self._open_until = 0

    def record(self, first: str) -> FileRecord:
        """The record that begins with the line taken last.

        Lines that came after open quotes are records of their own. One of them that stays open too comes to the same
        end: it is not followed again, so that a file of nothing else is not read two hundred times.
        """
        number = self._lines.number
        taken = [first]
        following = self._following(taken) if number > self._open_until else ()
        try:
            return FileRecord(
                number, next(csv.reader(chain([first], following), delimiter=self._separator, strict=True))
            )
        except csv.Error:
            self._lines.give_back(taken[1:])
            return FileRecord(number, trouble=self._trouble(number, taken))

    def _following(self, taken: list[str]) -> Iterator[str]:
        """The lines after the first one, as far as a record may go; each is added to those taken."""
        length = len(taken[0])
        for line in self._lines:
            length += len(line)
            if len(taken) > MOST_LINES_A_RECORD or length > LONGEST_LINE:
                self._lines.give_back([line])
                return
            taken.append(line)
            yield line

    def _trouble(self, number: int, taken: Sequence[str]) -> Finding:
        opened = self._opened(taken)
        is_misplaced = opened is None
        if is_misplaced:
            opened = self._opened(taken[:-1])
        self._open_until = max(self._open_until, number + len(taken) - 1 - is_misplaced)
        details = {"opened": number + (opened or 0), "lines": MOST_LINES_A_RECORD}
        return Finding(file_kinds.BROKEN_QUOTES if is_misplaced else file_kinds.UNCLOSED_QUOTES, "", details)

    def _opened(self, lines: Sequence[str]) -> int | None:
        """In which of the lines, from 0, the quotes begin that are open after the last one; `None` where none are."""
        one_more = [*(line.rstrip("\r\n") + "\n" for line in lines), "\n"]
        reader = csv.reader(one_more, delimiter=self._separator)
        cells = next(reader)
        return len(one_more) - cells[-1].count("\n") if reader.line_num == len(one_more) and lines else None


def _row(line: int, cells: Sequence[str], header: Header, required: frozenset[str]) -> Row:
    expected = len(header.columns)
    if len(cells) > expected and any(cell.strip() for cell in cells[expected:]):
        return Row(line, {}, Finding(file_kinds.TOO_MANY_CELLS, "", {"found": len(cells), "expected": expected}))
    for place in range(len(cells), expected):
        if header.columns[place] in required:
            written = header.written[place]
            return Row(line, {}, Finding(file_kinds.TOO_FEW_CELLS, written, {"found": len(cells), "column": written}))
    # Backwards, so that of two columns with one name the first counts.
    trimmed = [*("" for _ in range(len(cells), expected)), *(meant(exported(cell)) for cell in cells[:expected][::-1])]
    return Row(line, dict(zip(reversed(header.columns), trimmed, strict=True)))
