"""Exports: asked for, made by a worker into one archive, handed over for a day."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.files.harmless import harmless
from services.registration.adapters.files.own_folder import own_folder
from services.registration.domain import kinds
from services.registration.domain.exports import Export, ExportForm
from services.registration.domain.findings import find_refused
from services.registration.domain.queueing import Queued, WorkState
from services.registration.repository import exports as repository
from services.registration.repository import queueing
from services.registration.use_cases.asking_still import asked_by_of, may_still, person_who
from services.registration.use_cases.exporting.layout import (
    ExportedList,
    Exporting,
    ListedCell,
    ListedRow,
    begin,
)
from services.registration.use_cases.exporting.lists import LISTS, lists_for
from services.registration.use_cases.importing.lists import list_named
from services.registration.use_cases.working import LostLease, MayNoMore, Workplace, own_sessions, work_at_next
from shared.database import Sessions, unit_of_work
from shared.identity import Person
from shared.moment import Moment
from shared.rights import Scope, scope_of

log = logging.getLogger(__name__)

RIGHT = "export records"
ROUTE = "POST /api/v1/exports"
"""What the audit says of the looks of an export."""

PIECE = 1_000_000
"""How many bytes a piece of a file has at most."""


async def ask_for(
    session: AsyncSession, lists: Sequence[str] | None, form: ExportForm, person: Person, moment: Moment
) -> Export:
    """Have an export made of these lists, or of all that somebody may have. Raises `Refused` for others."""
    possible = lists_for(person)
    wanted = possible if lists is None else [each for each in possible if each in lists]
    if not wanted or (lists is not None and set(lists) - set(wanted)):
        raise find_refused(kinds.LIST_NOT_EXPORTED, "lists", choices=", ".join(possible))
    export_id = moment.new_id()
    queued = Queued(export_id, await asked_by_of(session, person), moment.now, WorkState.WAITING, None, None)
    await repository.add_export(session, queued, wanted, form)
    return await export_named(session, scope_of(person, RIGHT), export_id)


async def export_named(session: AsyncSession, scope: Scope, export_id: UUID) -> Export:
    """An export within a scope. Raises `Refused` where there is none."""
    found = await repository.export_by_id(session, scope, export_id)
    if found is None:
        raise find_refused(kinds.UNKNOWN_EXPORT, "export_id")
    return found


async def cancel_export(session: AsyncSession, scope: Scope, export_id: UUID, moment: Moment) -> Export:
    """Have an export made no further. Raises `Refused` where it is unknown or has ended."""
    await export_named(session, scope, export_id)
    if not await queueing.cancel(session, repository.QUEUE, export_id, moment.now):
        raise find_refused(kinds.EXPORT_ENDED, "export_id")
    return await export_named(session, scope, export_id)


async def work_at_next_export(place: Workplace) -> bool:
    """Make the export that waits longest; False when none waits. Raises what is transient."""
    return await work_at_next(place, repository.QUEUE, _carry_out)


async def _carry_out(place: Workplace, row: Mapping[str, Any], lease: UUID) -> None:
    wanted = repository.export_of(row)
    asked = wanted.queued.asked_by
    async with own_sessions(place, asked, ROUTE) as sessions:
        with own_folder() as folder:
            path = Path(folder) / "export.zip"
            rows = await _Making(place, wanted, lease, sessions).make(path)
            await _hand_over(place, wanted, lease, sessions, path, rows)
    log.info("export of %d lists, %d rows", len(wanted.lists), rows)


class _Making:
    """One export that is being made, under one lease."""

    def __init__(self, place: Workplace, wanted: Export, lease: UUID, sessions: Sessions) -> None:
        self._place = place
        self._wanted = wanted
        self._lease = lease
        self._sessions = sessions
        self._rows = 0

    async def make(self, path: Path) -> int:
        """Write the archive; how many rows its lists have."""
        person = person_who(self._wanted.queued.asked_by)
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for each in (each for each in LISTS if each.stem in self._wanted.lists):
                async with unit_of_work(self._sessions) as session:
                    if not await may_still(session, self._wanted.queued.asked_by, RIGHT, self._place.clock()):
                        raise MayNoMore
                    await self._write(archive, each, await begin(session, person))
                await self._get_further()
        return self._rows

    async def _write(self, archive: ZipFile, wanted: ExportedList, exporting: Exporting) -> None:
        form = self._wanted.form
        encoding = "utf-8-sig" if form is ExportForm.CSV else "utf-8"
        with (
            archive.open(f"{wanted.stem}.{form.value}", "w", force_zip64=True) as raw,
            io.TextIOWrapper(raw, encoding, newline="") as target,
        ):
            table = _Table(target, wanted.stem) if form is ExportForm.CSV else _Array(target)
            async for record in wanted.records(exporting):
                table.add(record)
                self._rows += 1
            table.end()

    async def _get_further(self) -> None:
        async with unit_of_work(self._sessions) as session:
            held = (repository.QUEUE, self._wanted.queued.id, self._lease)
            if not await queueing.get_further(session, *held, rows=self._rows):
                raise LostLease


class _Table:
    """Records as a table for spreadsheets: `;`, and no cell that they would carry out."""

    def __init__(self, target: TextIO, stem: str) -> None:
        self._writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
        self._stem = stem
        self._is_begun = False

    def add(self, record: ListedRow) -> None:
        """Write a record, and the header before the first one."""
        if not self._is_begun:
            self._writer.writerow(record)
            self._is_begun = True
        self._writer.writerow([harmless(_in_words(cell)) for cell in record.values()])

    def end(self) -> None:
        """Write the header of a list that has no records: without one, an import would find a file of nothing."""
        layout = list_named(self._stem)
        if not self._is_begun and layout is not None:
            self._writer.writerow([column.name for column in layout.columns])


class _Array:
    """Records as JSON objects in an array, one a line."""

    def __init__(self, target: TextIO) -> None:
        self._target = target
        self._before = "["

    def add(self, record: ListedRow) -> None:
        """Write a record."""
        self._target.write(self._before + "\n" + json.dumps(record, ensure_ascii=False, default=date.isoformat))
        self._before = ","

    def end(self) -> None:
        """Close the array."""
        self._target.write("\n]\n" if self._before == "," else "[]\n")


def _in_words(cell: ListedCell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "oui" if cell else "non"
        case float():
            return f"{cell:.12g}".replace(".", ",")
        case str() | int() | date():
            return str(cell)
    return "|".join(cell)


async def _hand_over(place: Workplace, wanted: Export, lease: UUID, sessions: Sessions, path: Path, rows: int) -> None:
    async with unit_of_work(sessions) as session:
        await repository.forget_file(session, wanted.queued.id)
        size = number = 0
        with path.open("rb") as source:
            while piece := source.read(PIECE):
                await repository.add_piece(session, wanted.queued.id, number, piece)
                size, number = size + len(piece), number + 1
        held = (repository.QUEUE, wanted.queued.id, lease)
        is_held = await queueing.get_further(session, *held, rows=rows, size=size)
        if not is_held or not await queueing.end(session, *held, WorkState.DONE, place.clock()):
            raise LostLease
