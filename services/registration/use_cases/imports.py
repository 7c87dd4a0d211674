"""Imports: handed in and kept, worked at part by part by whichever worker, cancelled, reported of.

Each part is one transaction with how far the import is by then. So nothing that was kept is done twice, whenever and
however a worker ends: the next one remembers what was kept, and goes on behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.files.own_folder import own_folder
from services.registration.adapters.files.sources import SourceFile
from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.imports import DonePart, Import
from services.registration.domain.queueing import Queued, WhyFailed, WorkState
from services.registration.repository import imports as repository
from services.registration.use_cases.asking_still import asked_by_of, may_still, person_who
from services.registration.use_cases.importing.run import Importing, importing
from shared.asking import Asker
from shared.beside import beside
from shared.database import Sessions, create_engine, create_sessions, is_transient, unit_of_work
from shared.ending import end
from shared.identity import Clock, Person, Seal
from shared.ids import NewId
from shared.moment import Moment
from shared.rights import Scope, scope_of
from shared.travel.process import kind_and_place

log = logging.getLogger(__name__)

RIGHT = "import files"
ROUTE = "POST /api/imports"
"""What the audit says of whatever an import changes."""

LEASE = timedelta(seconds=30)
"""How long whoever works at an import may stay silent before somebody else goes on with it."""

TRY_AGAIN = timedelta(seconds=1)
PIECE = 1_000_000
"""How many bytes a piece of a file has at most."""


class LostLease(Exception):
    """The import was cancelled, or somebody else goes on with it: nothing of this part may be kept."""


class MayNoMore(Exception):
    """Whoever asked for the import may not any more."""


class Upload(Protocol):
    """A file that is being handed in."""

    @property
    def filename(self) -> str | None:
        """Its name, as whoever hands it in says."""

    async def read(self, size: int) -> bytes:
        """The next bytes."""


@dataclass(frozen=True, slots=True)
class Importer:
    """What working at imports needs from its surroundings; ``seal`` is the service's."""

    database_url: str
    sessions: Sessions
    seal: Seal
    clock: Clock
    new_id: NewId


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


async def cancel_import(session: AsyncSession, scope: Scope, import_id: UUID, moment: Moment) -> Import:
    """Have an import go no further: what was kept stays. Raises `Refused` where it is unknown or has ended."""
    await import_named(session, scope, import_id)
    if not await repository.cancel(session, import_id, moment.now):
        raise find_refused(kinds.IMPORT_ENDED, "import_id")
    return await import_named(session, scope, import_id)


async def work_at_next(importer: Importer) -> bool:
    """Work at the import that waits longest; False when none waits.

    Raises what is transient, the import being given back, so that whoever calls waits a little.
    """
    lease = importer.new_id()
    async with unit_of_work(importer.sessions) as session:
        found = await repository.claim(session, lease, LEASE, importer.clock())
    if found is None:
        return False
    if found.queued.state is WorkState.RUNNING:
        await _work_at(importer, found, lease)
    return True


async def _work_at(importer: Importer, wanted: Import, lease: UUID) -> None:
    import_id = wanted.queued.id
    try:
        async with _renewing(importer, import_id, lease):
            await beside(lambda: _carry_out(importer, wanted, lease), name="import")
    except LostLease:
        log.info("an import goes on elsewhere, or was cancelled")
    except MayNoMore:
        async with unit_of_work(importer.sessions) as session:
            await repository.end(session, import_id, lease, WorkState.FAILED, importer.clock(), WhyFailed.NOT_ALLOWED)
    except asyncio.CancelledError:
        await asyncio.shield(_give_back(importer, import_id, lease))
        raise
    except Exception as error:
        if is_transient(error):
            await _give_back(importer, import_id, lease)
            raise
        # The text of the error may quote a row. What clashed with somebody else's change does not the next time.
        log.error("an import failed with %s", kind_and_place(error))
        async with unit_of_work(importer.sessions) as session:
            await repository.fail(session, import_id, lease, importer.clock(), again_after=TRY_AGAIN)


@asynccontextmanager
async def _renewing(importer: Importer, import_id: UUID, lease: UUID) -> AsyncIterator[None]:
    """Renew an import's lease as long as it is worked at."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                async with unit_of_work(importer.sessions) as session:
                    await repository.renew(session, import_id, lease, LEASE)
            except Exception as error:
                if not is_transient(error):
                    raise

    heartbeat = asyncio.create_task(renew(), name="import-lease")
    try:
        yield
    finally:
        await end(heartbeat)


async def _give_back(importer: Importer, import_id: UUID, lease: UUID) -> None:
    """Let somebody else go on at once; where even that cannot be written, its lease runs out soon."""
    try:
        async with unit_of_work(importer.sessions) as session:
            await repository.give_back(session, import_id, lease)
    except Exception as error:
        if not is_transient(error):
            raise


async def _carry_out(importer: Importer, wanted: Import, lease: UUID) -> None:
    """Carry out an import, in an event loop and on connections of its own."""
    asked = wanted.queued.asked_by
    asker = Asker(asked.role, asked.person_id, asked.agency_id, ROUTE)
    engine = create_engine(importer.database_url, pool_size=2)
    try:
        sessions = create_sessions(engine, asker, seal=importer.seal)
        with own_folder() as folder:
            await _Carrying(importer, wanted, lease, sessions).carry_out(Path(folder))
    finally:
        await engine.dispose()


class _Carrying:
    """One import that is carried out, under one lease."""

    def __init__(self, importer: Importer, wanted: Import, lease: UUID, sessions: Sessions) -> None:
        self._importer = importer
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
        moment = Moment(self._importer.clock(), self._importer.new_id, by=self._asked.person_id)
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
        if not await may_still(session, self._asked, RIGHT, self._importer.clock()):
            raise MayNoMore

    async def _keep(self, session: AsyncSession, number: int, done: DonePart, work: Importing) -> None:
        if not await repository.keep_part(session, self._id, self._lease, number, done, work.progress):
            raise LostLease

    async def _settle(self, work: Importing) -> None:
        async with unit_of_work(self._sessions) as session:
            await repository.note_progress(session, self._id, self._lease, work.progress)
            await repository.end(session, self._id, self._lease, WorkState.DONE, self._importer.clock())


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
