"""Compressed documents: the bytes of large JSON, kept small by what PostgreSQL's own compression does not see.

That one looks back four kilobytes, and what repeats itself in a large document is further apart. What is compressed can
no longer be searched, so the ids that stand in the document stand once more behind it, in plain: a search of the column
for somebody's id finds what a search of the document would find, and opens nothing else. They are read off the document
whenever it is written, so none can be missing.
"""

from __future__ import annotations

import re
import zlib

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

_HYPHEN_OF_AN_ID = re.compile(rb"-(?<=[0-9a-f]{8}-)(?=[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
"""The first hyphen of an id: looking for hyphens, and for ids around them alone, takes a fifth of the time that looking
at each byte takes."""

_BEFORE_HYPHEN, _FROM_HYPHEN = 8, 28
"""How much of an id stands before its first hyphen, and how much from it on."""

_COMPRESSED = b"x"
"""How all begins that zlib compressed, and no JSON."""


class Compressed(TypeDecorator[bytes]):
    """A column of bytes of JSON that are compressed wherever they are kept, and nowhere else."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        """What is kept of a document."""
        return None if value is None else compressed(value)

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        """The document in what is kept."""
        return None if value is None else uncompressed(value)


def compressed(document: bytes) -> bytes:
    """A document as it is kept: compressed, and behind it the ids that stand in it."""
    return zlib.compress(document) + b" ".join(sorted(_ids_in(document)))


def uncompressed(kept: bytes) -> bytes:
    """The document again; one that a process of the release before kept as it is, is given as it is."""
    return zlib.decompressobj().decompress(kept) if kept.startswith(_COMPRESSED) else kept


def _ids_in(document: bytes) -> set[bytes]:
    hyphens = (found.start() for found in _HYPHEN_OF_AN_ID.finditer(document))
    return {document[hyphen - _BEFORE_HYPHEN : hyphen + _FROM_HYPHEN] for hyphen in hyphens}
