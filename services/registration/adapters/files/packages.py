"""Compressed files as they come: opened only where what is in them stays within bounds."""

from __future__ import annotations

import struct
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from services.registration.domain import file_kinds
from services.registration.domain.findings import Finding, Kind

PACKAGE_START = b"PK\x03\x04"
EMPTY_PACKAGE_START = b"PK\x05\x06"

MOST_UNPACKED = 256_000_000
"""How many bytes the contents may have together: a million observations are half of it."""

MOST_RATIO = 200
"""How many times its size something may hold: lists come to 10 or 20, and what was made to harm to 1,000."""

SMALL = 10_000_000
"""Up to this size nobody is harmed, whatever the ratio."""

LONGEST_DIRECTORY = 1_000_000
"""How many bytes the table of contents may have: some thousand names, and it is read as a whole."""

_END = struct.Struct("<4s4H2LH")
_LONGEST_COMMENT = 65_535


class Unreadable(Exception):
    """A file cannot be opened; ``finding`` says why and what to do."""

    def __init__(self, kind: Kind, **details: object) -> None:
        super().__init__(kind.code)
        self.finding = Finding(kind, "", details)


def open_package(path: Path) -> ZipFile:
    """A compressed file that may be unpacked. Raises `Unreadable`."""
    if _directory_bytes(path) > LONGEST_DIRECTORY:
        raise Unreadable(file_kinds.TOO_LARGE_INSIDE)
    try:
        package = ZipFile(path)
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(file_kinds.DAMAGED_FILE) from error
    try:
        _check(package.infolist())
    except Unreadable:
        package.close()
        raise
    return package


def _check(inside: list[ZipInfo]) -> None:
    if any(each.flag_bits & 1 for each in inside):
        raise Unreadable(file_kinds.ENCRYPTED_FILE)
    unpacked = sum(each.file_size for each in inside)
    packed = sum(each.compress_size for each in inside)
    if unpacked > MOST_UNPACKED or (unpacked > SMALL and unpacked > MOST_RATIO * packed):
        raise Unreadable(file_kinds.TOO_LARGE_INSIDE)


def _directory_bytes(path: Path) -> int:
    """How long the table of contents says that it is; 0 where none is found."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - _END.size - _LONGEST_COMMENT, 0))
        tail = stream.read()
    place = tail.rfind(EMPTY_PACKAGE_START)
    if place < 0 or len(tail) - place < _END.size:
        return 0
    directory_bytes: int = _END.unpack_from(tail, place)[5]
    return directory_bytes
