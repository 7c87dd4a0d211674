"""Archives of exports: their files, each under a number of its own, whatever names and folders they have inside."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from services.registration.adapters.files.packages import Unreadable
from services.registration.domain import file_kinds

MOST_FILES = 50
_UTF8_NAME = 0x800
_LEFT_BY_SYSTEMS = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True)
class FileInside:
    """A file of an archive: its path inside, for people to see and never to write to."""

    path: PurePosixPath
    info: ZipInfo


def is_left_by_a_system(name: str) -> bool:
    """Whether a file or folder is none of a person's: hidden, locks of open documents, what file managers note."""
    return name.startswith((".", "~$")) or name.lower() in _LEFT_BY_SYSTEMS


def members(archive: ZipFile) -> list[FileInside]:
    """The files that people have put in, by their paths. Raises `Unreadable` where there are too many."""
    paths = (FileInside(_path(info), info) for info in archive.infolist() if not info.is_dir())
    inside = [each for each in paths if not any(is_left_by_a_system(part) for part in each.path.parts)]
    if len(inside) > MOST_FILES:
        raise Unreadable(file_kinds.TOO_MANY_FILES_INSIDE, limit=MOST_FILES)
    return sorted(inside, key=lambda each: str(each.path))


def extract(archive: ZipFile, member: FileInside, target: Path) -> None:
    """Write what a member holds to a place of our own choosing. Raises `Unreadable`."""
    try:
        with archive.open(member.info) as stream, target.open("wb") as kept:
            shutil.copyfileobj(stream, kept)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Unreadable(file_kinds.DAMAGED_FILE) from error


def _path(info: ZipInfo) -> PurePosixPath:
    """The path inside. Programs that do not say how they wrote a name wrote it as UTF-8 or as French DOS did."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp850")
    return PurePosixPath("/".join(_parts(name)) or "?")


def _parts(name: str) -> Iterator[str]:
    for part in name.replace("\\", "/").split("/"):
        if part not in ("", ".", ".."):
            yield part
