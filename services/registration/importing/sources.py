"""Files as they come: bytes of unknown encoding, cut into lines as a text editor cuts them."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO, Self

LOOKED_AT = 65_536
BLOCK = 1 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NO_TEXT_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")
"""How spreadsheets, older office files, PDF and compressed files begin."""


@dataclass(frozen=True)
class Source:
    """A file to import: its name, and a way to read it from its beginning."""

    name: str
    open: Callable[[], BinaryIO]

    @classmethod
    def at(cls, path: Path, name: str | None = None) -> Source:
        """The file at a path, under its own name or another one."""

        def open_file() -> BinaryIO:
            return path.open("rb")

        return cls(name or path.name, open_file)

    @property
    def stem(self) -> str:
        """The name without folder and ending."""
        return PurePath(self.name.replace("\\", "/")).stem

    def is_text(self) -> bool:
        """Whether it can be a CSV text: no other format's signature, no zero bytes."""
        with self.open() as stream:
            head = stream.read(LOOKED_AT)
        return not head.startswith(NO_TEXT_STARTS) and b"\0" not in head

    def count_lines(self) -> int:
        """How many lines there are, more or less: what progress is measured against."""
        with self.open() as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(BLOCK), b""))


class Lines:
    """The lines of a file with their ends, one after the other; those taken too many can be given back.

    Used with ``with``, it closes the file at the end.

    Each line is read as UTF-8, and as Windows-1252 where it is none: so a file may be either, and even one that was
    glued together from both is read right.
    """

    def __init__(self, stream: BinaryIO) -> None:
        # Latin-1 keeps every byte as it is, so that the text layer only cuts lines (at LF, CR LF and CR).
        self._raw = io.TextIOWrapper(stream, encoding="latin-1", newline="")
        self._given_back: deque[str] = deque()
        self.number = 0
        """The number of the line taken last, from 1."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else self._read()
        self.number += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put the lines taken last back, to be taken again."""
        self._given_back.extendleft(reversed(lines))
        self.number -= len(lines)

    def _read(self) -> str:
        raw = next(self._raw).encode("latin-1")
        if self.number == 0:
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", errors="replace")
