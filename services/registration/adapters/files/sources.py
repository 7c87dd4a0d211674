"""Files as they come: bytes of unknown encoding, cut into lines as a text editor cuts them."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePath
from typing import BinaryIO, Self

from services.registration.adapters.files.encodings import LOST, Writing, look_at, wide_encoding
from services.registration.domain import file_kinds
from services.registration.domain.findings import Finding
from shared.web.typography import number_in_words

LOOKED_AT = 65_536
LONGEST_LINE = 100_000
"""How much of a line is read, in characters: a longer one is no line of an export. What looks at a whole line at once
keeps Python from everybody else in the process meanwhile."""

MOST_LINES = 1_000_000
"""How many lines a file may have: more are no list of an agency, and hours of work."""

MOST_LINES_IN_WORDS = number_in_words(MOST_LINES, "fr")

MARKS = ("\ufeff", "ï»¿")
"""A byte order mark at the beginning of a text, and one of UTF-8 whose bytes were taken for letters."""

NO_TEXT_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"7z\xbc\xaf", b"PAR1")
"""How spreadsheets, older office files, PDF and compressed files begin."""

OTHER_TEXT_STARTS = (b"<html", b"<!doctype", b"<?xml", b"<table", b"{\\rtf", b'{"', b"[{", b"id;pwxl")
"""How texts that are no CSV begin: pages (which some programs call spreadsheets), XML, RTF, JSON, SYLK."""


@dataclass(frozen=True)
class SourceFile:
    """A file to import: its name, and a way to read it from its beginning."""

    name: str
    open: Callable[[], BinaryIO]
    title: str = ""
    """What tells which list it is, where that is not its name."""
    within: str = ""
    """The stem of the archive or workbook that it was in."""
    notes: Sequence[tuple[int, Finding]] = ()
    """What else should be known of how it was written, each with its line."""

    @classmethod
    def at(
        cls,
        path: Path,
        name: str | None = None,
        *,
        title: str = "",
        within: str = "",
        notes: Sequence[tuple[int, Finding]] = (),
    ) -> SourceFile:
        """The file at a path, under its own name or another one."""

        def open_file() -> BinaryIO:
            return path.open("rb")

        return cls(name or path.name, open_file, title, within, notes)

    @property
    def stem(self) -> str:
        """The name without folder and ending."""
        return self.title or PurePath(self.name.replace("\\", "/")).stem

    @property
    def dated_by(self) -> str:
        """The names that may say how old it is."""
        return f"{self.within} {self.stem}".strip()

    def is_text(self) -> bool:
        """Whether it can be a CSV text: no other format's signature, no zero bytes but those of UTF-16 and UTF-32."""
        with self.open() as stream:
            head = stream.read(LOOKED_AT)
        if head.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(OTHER_TEXT_STARTS):
            return False
        return not head.startswith(NO_TEXT_STARTS) and (b"\0" not in head or wide_encoding(head) is not None)

    @cached_property
    def writing(self) -> Writing:
        """How it was written. The whole file is looked through once, and one without end as far as a file may go."""
        with self.open() as stream:
            wide = wide_encoding(stream.read(LOOKED_AT))
        with self.open() as stream:
            if wide is None:
                return look_at(islice(_raw_lines(stream), MOST_LINES + 1))
            lines = islice(_bounded_lines(io.TextIOWrapper(stream, wide, "replace", newline="")), MOST_LINES + 1)
            return Writing(wide=wide, lines=sum(1 for _ in lines))

    @property
    def is_endless(self) -> bool:
        """Whether it has more lines than any list of an agency."""
        return self.writing.lines > MOST_LINES

    def lines(self) -> Lines:
        """Its lines, to be used with ``with``."""
        return Lines(self.open(), self.writing)

    def findings(self) -> list[tuple[int, Finding]]:
        """What somebody should know of how it was written, each with the line where it begins."""
        writing = self.writing
        encoding = {"encoding": writing.name}
        found = [
            *self.notes,
            (writing.first_mended, Finding(file_kinds.ENCODED_TWICE, "")),
            (writing.first_entity, Finding(file_kinds.WRITTEN_FOR_PAGES, "")),
            (writing.first_lost, Finding(file_kinds.LOST_LETTERS, "", {"mark": LOST})),
            (writing.first_question, Finding(file_kinds.LOST_LETTERS, "", {"mark": "?"})),
        ]
        if writing.first_one_byte and not writing.is_sure:
            found.append((writing.first_one_byte, Finding(file_kinds.DOUBTFUL_ENCODING, "", encoding)))
        elif writing.first_one_byte and writing.first_utf8:
            found.append((writing.first_one_byte, Finding(file_kinds.MIXED_ENCODINGS, "", encoding)))
        elif writing.first_one_byte and writing.one_byte != "cp1252":
            found.append((writing.first_one_byte, Finding(file_kinds.UNUSUAL_ENCODING, "", encoding)))
        return sorted(((line, finding) for line, finding in found if line), key=lambda each: each[0])


class Lines:
    """The lines of a file with their ends, one after the other; those taken too many can be given back.

    Used with ``with``, it closes the file at the end. Each line is read as UTF-8, and in the file's one-byte encoding
    where it is none: so a file may be either, and even one that was glued together from both is read right.
    """

    def __init__(self, stream: BinaryIO, writing: Writing | None = None) -> None:
        self._stream = stream
        self._texts = _texts(stream, writing or Writing())
        self._given_back: deque[str] = deque()
        self.number = 0
        """The number of the line taken last, from 1."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else next(self._texts)
        if self.number == 0:
            for mark in MARKS:
                line = line.removeprefix(mark)
        self.number += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put the lines taken last back, to be taken again."""
        self._given_back.extendleft(reversed(lines))
        self.number -= len(lines)


def _texts(stream: BinaryIO, writing: Writing) -> Iterator[str]:
    if writing.wide is not None:
        return _bounded_lines(io.TextIOWrapper(stream, writing.wide, "replace", newline=""))
    return map(writing.text, _raw_lines(stream))


def _raw_lines(stream: BinaryIO) -> Iterator[bytes]:
    # Latin-1 keeps every byte as it is, so that the text layer only cuts lines (at LF, CR LF and CR).
    return (line.encode("latin-1") for line in _bounded_lines(io.TextIOWrapper(stream, "latin-1", newline="")))


def _bounded_lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines of a text; of one that is too long a little more than may be, so that it is seen to be too long."""
    with text:
        while line := text.readline(LONGEST_LINE + 1):
            rest = line
            while len(rest) > LONGEST_LINE and not rest.endswith(("\n", "\r")):
                rest = text.readline(LONGEST_LINE + 1)
            yield line
