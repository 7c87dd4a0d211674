"""Imports: handed in and kept, worked at part by part by whichever worker, cancelled, reported of.

Each part is one transaction with how far the import is by then. So nothing that was kept is done twice, whenever and
however a worker ends: the next one remembers what was kept, and goes on behind it.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.files.own_folder import own_folder
from services.registration.adapters.files.reports import without_protected
from services.registration.adapters.files.sources import SourceFile
from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.import_report import Report
from services.registration.domain.imports import DonePart, Import
from services.registration.domain.queueing import Queued, WorkState
from services.registration.repository import imports as repository
from services.registration.repository import queueing
from services.registration.use_cases.asking_still import asked_by_of, may_still, person_who
from services.registration.use_cases.importing.run import Importing, importing
from services.registration.use_cases.working import LostLease, MayNoMore, Workplace, own_sessions, work_at_next
from shared.database import Sessions, unit_of_work
from shared.identity import Person
from shared.moment import Moment
from shared.rights import Scope, may, scope_of

log = logging.getLogger(__name__)

RIGHT = "import files"
ROUTE = "POST /api/v1/imports"
"""What the audit says of whatever an import changes."""

PIECE = 1_000_000
"""How many bytes a piece of a file has at most."""


class Upload(Protocol):
    """A file that is being handed in."""

    @property
    def filename(self) -> str | None:
        """Its name, as whoever hands it in says."""

    async def read(self, size: int) -> bytes:
        """The next bytes."""


async def hand_in(
    session: AsyncSession, uploads: Sequence[tuple[str, Upload]], person: Person, moment: Moment, *, is_dry: bool
) -> Import:
    """Keep files, by name, to be imported in somebody's name."""
    import_id = moment.new_id()
    asked_by = await asked_by_of(session, person)
    await repository.add_import(
        session, Queued(import_id, asked_by, moment.now, WorkState.WAITING, None, None), is_dry=is_dry
    )
    for file, (name, upload) in enumerate(uploads):
        number = 0
        while (piece := await upload.read(PIECE)) or number == 0:
            await repository.add_piece(session, import_id, file, number, name, piece)
            number += 1
    return await import_named(session, scope_of(person, RIGHT), import_id)


async def import_named(session: AsyncSession, scope: Scope, import_id: UUID) -> Import:
    """An import within a scope. Raises `Refused` where there is none."""
    found = await repository.import_by_id(session, scope, import_id)
    if found is None:
        raise find_refused(kinds.UNKNOWN_IMPORT, "import_id")
    return found


async def report_seen_by(session: AsyncSession, scope: Scope, import_id: UUID, person: Person) -> Report:
    """The report. Of what is protected it quotes cells to whoever handed them in, or may read such data."""
    found = await import_named(session, scope, import_id)
    report = await repository.report_of(session, import_id)
    is_theirs = found.queued.asked_by.person_id == person.id
    return report if is_theirs or may(person, "read protected data") else without_protected(report)


async def cancel_import(session: AsyncSession, scope: Scope, import_id: UUID, moment: Moment) -> Import:
    """Have an import go no further: what was kept stays. Raises `Refused` where it is unknown or has ended."""
    await import_named(session, scope, import_id)
    if not await queueing.cancel(session, repository.QUEUE, import_id, moment.now):
        raise find_refused(kinds.IMPORT_ENDED, "import_id")
    return await import_named(session, scope, import_id)


async def work_at_next_import(place: Workplace) -> bool:
    """Work at the import that waits longest; False when none waits. Raises what is transient."""
    return await work_at_next(place, repository.QUEUE, _carry_out)


async def _carry_out(place: Workplace, row: Mapping[str, Any], lease: UUID) -> None:
    wanted = repository.import_of(row)
    async with own_sessions(place, wanted.queued.asked_by, ROUTE) as sessions:
        with own_folder() as folder:
            await _Carrying(place, wanted, lease, sessions).carry_out(Path(folder))


class _Carrying:
    """One import that is carried out, under one lease."""

    def __init__(self, place: Workplace, wanted: Import, lease: UUID, sessions: Sessions) -> None:
        self._place = place
        self._id = wanted.queued.id
        self._is_dry = wanted.is_dry
        self._asked = wanted.queued.asked_by
        self._lease = lease
        self._sessions = sessions

    async def carry_out(self, folder: Path) -> None:
        """Do all of its parts that were not done before, and settle it."""
        began = perf_counter()
        async with unit_of_work(self._sessions) as session:
            if self._is_dry:
                await repository.forget_parts(session, self._id)
            done = await repository.done_parts(session, self._id)
            report = await repository.report_of(session, self._id)
            sources = await _fetched(session, self._id, folder)
        moment = Moment(self._place.clock(), self._place.new_id, by=self._asked.person_id)
        scope = scope_of(person_who(self._asked), RIGHT)
        async with importing(sources, moment, scope, report, done) as work:
            await (self._try_all(work) if self._is_dry else self._do_all(work))
            await self._settle(work)
        log.info(
            "%s of %d files, %d rows, %.1f s",
            "dry run" if self._is_dry else "import",
            len(sources),
            work.progress.rows_read,
            perf_counter() - began,
        )

    async def _do_all(self, work: Importing) -> None:
        for number, part in enumerate(work.parts()):
            async with unit_of_work(self._sessions) as session:
                if part.done is not None:
                    await part.recall(session, part.done)
                    continue
                await self._check_may(session)
                await self._keep(session, number, await part.keep(session), work)

    async def _try_all(self, work: Importing) -> None:
        """All of it in one transaction that is taken back; what it tells is kept in others."""
        with contextlib.suppress(_TakenBack):
            async with unit_of_work(self._sessions) as trial:
                for number, part in enumerate(work.parts()):
                    done = await part.keep(trial)
                    async with unit_of_work(self._sessions) as session:
                        await self._check_may(session)
                        await self._keep(session, number, done, work)
                raise _TakenBack

    async def _check_may(self, session: AsyncSession) -> None:
        if not await may_still(session, self._asked, RIGHT, self._place.clock()):
            raise MayNoMore

    async def _keep(self, session: AsyncSession, number: int, done: DonePart, work: Importing) -> None:
        if not await repository.keep_part(session, self._id, self._lease, number, done, work.progress):
            raise LostLease

    async def _settle(self, work: Importing) -> None:
        async with unit_of_work(self._sessions) as session:
            await repository.note_progress(session, self._id, self._lease, work.progress)
            await queueing.end(session, repository.QUEUE, self._id, self._lease, WorkState.DONE, self._place.clock())


class _TakenBack(Exception):
    """Takes back what a dry run did."""


async def _fetched(session: AsyncSession, import_id: UUID, folder: Path) -> list[SourceFile]:
    """The files of an import, each under its number: two may have the same name."""
    sources = []
    for file in await repository.files_of(session, import_id):
        path = folder / str(file.number)
        with path.open("wb") as target:
            async for piece in repository.pieces_of(session, import_id, file.number):
                target.write(piece)
        sources.append(SourceFile.at(path, file.name))
    return sources
