"""What was handed in, opened: archives give their files, workbooks their sheets, and texts stay as they are."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from zipfile import ZipFile

from services.registration.adapters.files.archives import MOST_FILES, extract, members
from services.registration.adapters.files.own_folder import own_folder
from services.registration.adapters.files.packages import (
    EMPTY_PACKAGE_START,
    PACKAGE_START,
    Unreadable,
    open_package,
)
from services.registration.adapters.files.sheet_writing import SheetWritten
from services.registration.adapters.files.sources import SourceFile
from services.registration.adapters.files.workbooks import (
    OLD_OFFICE_START,
    check_workbook,
    is_workbook,
    sheets_of,
    why_old_office,
)
from services.registration.domain import file_kinds
from services.registration.domain.findings import Finding

_GIVEN_BY_PROGRAMS = re.compile(r"(?:Feuil|Feuille|Sheet|Tabelle) ?\d*", re.IGNORECASE)
"""What a sheet is called that nobody has named."""

OTHER_OFFICE = "[Content_Types].xml"
"""What documents of office programs hold, workbooks or not."""


@dataclass(slots=True)
class Unpacked:
    """The tables to read, and what is said of whole files that none could be got from, by name."""

    tables: list[SourceFile] = field(default_factory=list)
    aside: list[tuple[str, Finding]] = field(default_factory=list)


@asynccontextmanager
async def unpacked(sources: Sequence[SourceFile]) -> AsyncIterator[Unpacked]:
    """What was handed in as tables, which last as long as the context."""
    inside = Unpacked()
    with own_folder() as folder:
        unpacking = _Unpacking(Path(folder), inside)
        for source in sources:
            await unpacking.take(source)
        yield inside


class _Unpacking:
    """Opens files one after the other; whatever they hold is written under numbers into one folder."""

    def __init__(self, folder: Path, inside: Unpacked) -> None:
        self._folder = folder
        self._inside = inside
        self._numbers = count()

    async def take(self, source: SourceFile, archive: str = "") -> None:
        """Open one file; ``archive`` is the name of the archive that it was in."""
        with source.open() as stream:
            start = stream.read(len(PACKAGE_START))
        if start not in (PACKAGE_START, EMPTY_PACKAGE_START, OLD_OFFICE_START):
            self._inside.tables.append(source)
            return
        path = self._place()
        with source.open() as stream, path.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
        try:
            if start == OLD_OFFICE_START:
                raise why_old_office(path)
            with open_package(path) as package:
                await self._open(source, path, package, archive)
        except Unreadable as refused:
            self._inside.aside.append((source.name, refused.finding))

    async def _open(self, source: SourceFile, path: Path, package: ZipFile, archive: str) -> None:
        if is_workbook(package):
            check_workbook(package)
            await self._take_sheets(source, path)
        elif OTHER_OFFICE in package.namelist() or "mimetype" in package.namelist():
            self._inside.tables.append(source)
        elif archive:
            raise Unreadable(file_kinds.NESTED_ARCHIVE)
        else:
            await self._take_members(source, package)

    async def _take_members(self, source: SourceFile, archive: ZipFile) -> None:
        inside = members(archive)
        if not inside:
            raise Unreadable(file_kinds.EMPTY_FILE)
        for member in inside:
            name, path = f"{source.name} › {member.path}", self._place()
            try:
                extract(archive, member, path)
            except Unreadable as refused:
                self._inside.aside.append((name, refused.finding))
            else:
                await self.take(SourceFile.at(path, name, title=member.path.stem, within=source.stem), source.name)

    async def _take_sheets(self, source: SourceFile, path: Path) -> None:
        folder = self._place()
        folder.mkdir()
        sheets = await sheets_of(path, folder)
        if len(sheets) > MOST_FILES:
            raise Unreadable(file_kinds.TOO_MANY_FILES_INSIDE, limit=MOST_FILES)
        shown = [sheet for sheet in sheets if not sheet["is_hidden"]]
        if not shown:
            raise Unreadable(file_kinds.EMPTY_FILE)
        for sheet in sheets:
            name = f"{source.name} › {sheet['name']}"
            if sheet["is_hidden"]:
                self._inside.aside.append((name, Finding(file_kinds.HIDDEN_SHEET, "")))
            else:
                self._inside.tables.append(_table(source, sheet, folder / sheet["file"], name, is_only=len(shown) == 1))

    def _place(self) -> Path:
        return self._folder / str(next(self._numbers))


def _table(source: SourceFile, sheet: SheetWritten, path: Path, name: str, *, is_only: bool) -> SourceFile:
    """A sheet as a table: its own name tells which list it is, and of an only one its workbook's, too."""
    title = sheet["name"]
    if is_only:
        title = source.stem if _GIVEN_BY_PROGRAMS.fullmatch(title) else f"{source.stem} {title}"
    merged = [(sheet["merged"], Finding(file_kinds.MERGED_CELLS, ""))] if sheet["merged"] else []
    return SourceFile.at(path, name, title=title, within=source.within or source.stem, notes=merged)
