"""What a long import must remember and memory should not hold: on disk, in a file that nobody else can open.

The file has no name: it goes with the process, however that ends.
"""

from __future__ import annotations

import hashlib
import pickle
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

Label = TypeVar("Label")
Value = TypeVar("Value")

ASKED_AT_ONCE = 500
"""Values that one question asks for."""

_UNNAMED = ""
_SETTINGS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16384")


class Shelf(Generic[Label, Value]):
    """Values by their keys. They are taken down to be worked with, and put up again.

    ``named`` gives the bytes that tell a key from all others.
    """

    def __init__(self, named: Callable[[Label], bytes]) -> None:
        self._named = named
        self._file = sqlite3.connect(_UNNAMED, isolation_level=None)
        for setting in _SETTINGS:
            self._file.execute(f"PRAGMA {setting}")
        self._file.execute("CREATE TABLE values_up (place INTEGER PRIMARY KEY, digest BLOB, value BLOB)")
        self._file.execute("CREATE INDEX by_digest ON values_up (digest)")

    def close(self) -> None:
        """Let all of it go."""
        self._file.close()

    def take(self, keys: Iterable[Label]) -> dict[Label, Value]:
        """Take down the values of these keys, those that there are."""
        named = {self._digest(key): key for key in keys}
        wanted = list(named)
        taken: dict[Label, Value] = {}
        places = []
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            some = wanted[start : start + ASKED_AT_ONCE]
            for place, digest, value in self._file.execute(_among(len(some)), some):
                taken[named[digest]] = pickle.loads(value)  # noqa: S301 - this process wrote it, and nobody else can
                places.append((place,))
        self._file.execute("BEGIN")
        self._file.executemany("DELETE FROM values_up WHERE place = ?", places)
        self._file.execute("COMMIT")
        return taken

    def put(self, values: Mapping[Label, Value]) -> None:
        """Put values up, none of whose keys is there."""
        rows = ((self._digest(key), pickle.dumps(value, pickle.HIGHEST_PROTOCOL)) for key, value in values.items())
        self._file.execute("BEGIN")
        self._file.executemany("INSERT INTO values_up (digest, value) VALUES (?, ?)", rows)
        self._file.execute("COMMIT")

    def _digest(self, key: Label) -> bytes:
        return hashlib.blake2b(self._named(key), digest_size=16).digest()


def _among(count: int) -> str:
    return f"SELECT place, digest, value FROM values_up WHERE digest IN ({','.join('?' * count)})"  # noqa: S608
