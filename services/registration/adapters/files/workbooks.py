"""Workbooks as lists: each sheet is read as a file of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from services.registration.adapters.files import sheet_writing
from services.registration.adapters.files.packages import Unreadable
from services.registration.adapters.files.sheet_writing import SheetWritten
from services.registration.domain import file_kinds
from services.registration.domain.findings import Kind

OLD_OFFICE_START = b"\xd0\xcf\x11\xe0"
"""How office files of before 2007 begin, and those of today that ask for a password."""

MOST_SECONDS = 300

_EXCEL, _OPEN_DOCUMENT = "xl/workbook.xml", "mimetype"
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
_WHY: dict[int, Kind] = {
    sheet_writing.ENCRYPTED: file_kinds.ENCRYPTED_FILE,
    sheet_writing.DAMAGED: file_kinds.DAMAGED_FILE,
}


def is_workbook(package: ZipFile) -> bool:
    """Whether a compressed file is a workbook of Excel or an OpenDocument spreadsheet."""
    names = package.namelist()
    if _EXCEL in names:
        return True
    return _OPEN_DOCUMENT in names and package.read(_OPEN_DOCUMENT).startswith(_SPREADSHEET)


def check_workbook(package: ZipFile) -> None:
    """Refuse a workbook with macros or a password. Raises `Unreadable`."""
    names = package.namelist()
    if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
        raise Unreadable(file_kinds.WORKBOOK_WITH_MACROS)
    if "META-INF/manifest.xml" in names and b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise Unreadable(file_kinds.ENCRYPTED_FILE)


def why_old_office(path: Path) -> Unreadable:
    """Why an office file of the older kind is not read: it asks for a password, or is a format of before 2007."""
    return Unreadable(file_kinds.ENCRYPTED_FILE if _ENCRYPTED_PART in path.read_bytes() else file_kinds.OLD_WORKBOOK)


async def sheets_of(workbook: Path, folder: Path) -> Sequence[SheetWritten]:
    """The sheets that hold something, those not hidden written into a folder, by a process. Raises `Unreadable`."""
    reading = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", sheet_writing.__name__, str(workbook), str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONUTF8": "1"},  # what it reads is untrusted: it is told nothing
    )
    try:
        async with asyncio.timeout(MOST_SECONDS):
            told, _ = await reading.communicate()
    except TimeoutError as error:
        raise Unreadable(file_kinds.TOO_LARGE_WORKBOOK) from error
    finally:
        if reading.returncode is None:
            reading.kill()
            await reading.wait()
    if reading.returncode == sheet_writing.UNKNOWN_ERROR:
        raise Unreadable(file_kinds.UNKNOWN_CELL_ERROR, **json.loads(told))
    if reading.returncode != 0:
        raise Unreadable(_WHY.get(reading.returncode or 0, file_kinds.TOO_LARGE_WORKBOOK))
    sheets: list[SheetWritten] = json.loads(told)
    return sheets
