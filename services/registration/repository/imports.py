"""Imports: handed in, claimed, kept part by part, reported of, let go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, cast, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import JSONPATH, aggregate_order_by
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.import_report import FileCounts, FoundInFile, LeftOut, Report
from services.registration.domain.imports import DonePart, HandedInFile, Import, ImportProgress
from services.registration.domain.queueing import Queued, WorkState
from services.registration.repository import queueing
from services.registration.repository.queueing import WorkQueue
from services.registration.tables import ImportPartRow, ImportPieceRow, ImportRow
from shared.paging import Page, Paging
from shared.rights import EVERYTHING, Scope
from shared.sql import add_row, among, run, table_of, wake

IMPORTS, PIECES, PARTS = table_of(ImportRow), table_of(ImportPieceRow), table_of(ImportPartRow)

QUOTES = func.jsonb_path_exists(PARTS.c.findings, cast('$[*] ? (@.value != "")', JSONPATH))
"""The condition that what was found in a part quotes a cell."""


async def _forget_work(session: AsyncSession, import_id: UUID, _state: WorkState) -> None:
    """Let go of what only going on needs: the files, and the verdict of each row."""
    await run(session, delete(PIECES).where(PIECES.c.import_id == import_id))
    of_import = PARTS.c.import_id == import_id
    await run(session, delete(PARTS).where(of_import, func.jsonb_array_length(PARTS.c.findings) == 0))
    await run(session, update(PARTS).where(of_import).values(verdicts=b""))


QUEUE = WorkQueue(IMPORTS, "registration_imports", _forget_work)


async def add_import(session: AsyncSession, queued: Queued, *, is_dry: bool) -> None:
    """Put an import in the queue and, with the commit, wake those who work."""
    progress = to_json(ImportProgress())
    await add_row(session, ImportRow(**queueing.to_columns(queued), is_dry=is_dry, progress=progress))
    await wake(session, QUEUE.channel)


async def add_piece(session: AsyncSession, import_id: UUID, file: int, number: int, name: str, content: bytes) -> None:
    """Keep the next piece of a file."""
    await add_row(session, ImportPieceRow(import_id=import_id, file=file, number=number, name=name, content=content))


async def files_of(session: AsyncSession, import_id: UUID) -> list[HandedInFile]:
    """The files of an import, in the order in which they were handed in."""
    query = select(PIECES.c.file, PIECES.c.name, func.sum(func.length(PIECES.c.content)).label("size"))
    found = query.where(PIECES.c.import_id == import_id).group_by(PIECES.c.file, PIECES.c.name).order_by(PIECES.c.file)
    return [HandedInFile(row.file, row.name, row.size) for row in await run(session, found)]


async def pieces_of(session: AsyncSession, import_id: UUID, file: int) -> AsyncIterator[bytes]:
    """A file, piece by piece."""
    number = 0
    while True:
        here = (PIECES.c.import_id == import_id, PIECES.c.file == file, PIECES.c.number == number)
        piece = (await run(session, select(PIECES.c.content).where(*here))).scalar_one_or_none()
        if piece is None:
            return
        yield piece
        number += 1


async def keep_part(
    session: AsyncSession, import_id: UUID, lease: UUID, number: int, part: DonePart, progress: ImportProgress
) -> bool:
    """Keep what became of a part; False where the lease holds the import no more."""
    if not await queueing.get_further(session, QUEUE, import_id, lease, progress=to_json(progress)):
        return False
    findings = [asdict(each) for each in part.findings]
    row = ImportPartRow(import_id=import_id, number=number, file=part.file, verdicts=part.verdicts, findings=findings)
    await add_row(session, row)
    return True


async def note_progress(session: AsyncSession, import_id: UUID, lease: UUID, progress: ImportProgress) -> None:
    """Keep how far an import is."""
    await queueing.get_further(session, QUEUE, import_id, lease, progress=to_json(progress))


async def forget_parts(session: AsyncSession, import_id: UUID) -> None:
    """Forget what became of all parts: a dry run begins anew."""
    await run(session, delete(PARTS).where(PARTS.c.import_id == import_id))
    await run(session, update(IMPORTS).where(IMPORTS.c.id == import_id).values(progress=to_json(ImportProgress())))


async def done_parts(session: AsyncSession, import_id: UUID) -> list[DonePart]:
    """The parts that were kept, in order, without what was found in them."""
    query = select(PARTS.c.file, PARTS.c.verdicts).where(PARTS.c.import_id == import_id).order_by(PARTS.c.number)
    return [DonePart(row.file, row.verdicts) for row in await run(session, query)]


async def list_imports(session: AsyncSession, scope: Scope, paging: Paging) -> Page[Import]:
    """Imports within a scope, the latest first."""
    found = await queueing.some(session, IMPORTS, scope, paging)
    return Page(tuple(import_of(dict(row)) for row in found.items), found.next)


async def import_by_id(session: AsyncSession, scope: Scope, import_id: UUID) -> Import | None:
    """An import within a scope."""
    row = await queueing.one(session, IMPORTS, scope, import_id)
    return import_of(row) if row is not None else None


async def report_of(session: AsyncSession, import_id: UUID) -> Report:
    """What was found so far, and what became of the rows."""
    kept = await import_by_id(session, EVERYTHING, import_id)
    progress = kept.progress if kept is not None else ImportProgress()
    query = select(PARTS.c.findings).where(PARTS.c.import_id == import_id).order_by(PARTS.c.number)
    findings = [FoundInFile(**each) for found in (await run(session, query)).scalars() for each in found]
    left_out = {(left.file, left.code): left for left in progress.left_out}
    return Report.resumed(dict(progress.counts), findings, left_out)


async def count_quoting(session: AsyncSession, ended_before: datetime) -> int:
    """How many reports of imports that ended before a moment still quote cells."""
    query = select(func.count()).select_from(IMPORTS).where(_quotes(ended_before))
    return int((await run(session, query)).scalar_one())


async def forget_quoted(session: AsyncSession, ended_before: datetime, limit: int) -> int:
    """Forget the cells that some of these reports quote; where and why stays. How many reports they were."""
    some = select(IMPORTS.c.id).where(_quotes(ended_before)).limit(limit)
    ids = list((await run(session, some)).scalars())
    entry = func.jsonb_array_elements(PARTS.c.findings).table_valued("value", with_ordinality="place").render_derived()
    unquoted = entry.c.value.op("||")(func.jsonb_build_object("value", ""))
    findings = select(func.jsonb_agg(aggregate_order_by(unquoted, entry.c.place))).scalar_subquery()
    await run(session, update(PARTS).where(among(PARTS.c.import_id, ids), QUOTES).values(findings=findings))
    return len(ids)


def _quotes(ended_before: datetime) -> ColumnElement[bool]:
    return (IMPORTS.c.ended_at < ended_before) & exists().where(PARTS.c.import_id == IMPORTS.c.id, QUOTES)


def to_json(progress: ImportProgress) -> dict[str, Any]:
    """How far an import is, as it is kept."""
    return {
        "files": {name: asdict(counts) for name, counts in progress.counts.items()},
        "known": dict(progress.known),
        "left_out": [asdict(left) for left in progress.left_out],
    }


def _progress(kept: Mapping[str, Any]) -> ImportProgress:
    left_out: Sequence[LeftOut] = [LeftOut(**left) for left in kept["left_out"]]
    return ImportProgress(
        {name: FileCounts(**counts) for name, counts in kept["files"].items()}, kept["known"], left_out
    )


def import_of(row: Mapping[str, Any]) -> Import:
    """An import, as its row says."""
    return Import(queueing.queued_of(row), row["is_dry"], _progress(row["progress"]))
