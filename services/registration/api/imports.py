"""The import over HTTP: files go in as a form, progress comes back line by line, the report last."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import traceback
from collections.abc import AsyncIterator
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from starlette.datastructures import UploadFile

from services.registration.access import Importer, own_agency
from services.registration.api.problems import CHANGED_MEANWHILE
from services.registration.importing import Report, Source, import_files
from services.registration.importing.report import as_dict
from services.registration.use_cases.saving import Moment
from shared.database import Sessions, unit_of_work
from shared.identity import now_of
from shared.ids import new_id
from shared.sql import run
from shared.web import Problem

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/api/imports", tags=["imports"])

MOST_FILES = 50
IMPORT_LOCK = 7_236_021
"""The advisory lock that lets two imports follow each other."""

NO_FILE = Problem(
    422, "no-file", "Aucun fichier", "Envoyez au moins un fichier CSV (formulaire « multipart/form-data »)."
)
BROKE_OFF = Problem(
    500,
    "unexpected-error",
    "L’import s’est interrompu",
    "Rien n’a été enregistré. Recommencez dans un instant ; si cela dure, prévenez l’exploitant.",
)


@router.post("")
async def import_exports(
    request: Request, person: Importer, dry_run: Annotated[bool, Query()] = False
) -> StreamingResponse:
    """Import the files of a folder, all or nothing: what breaks off leaves no trace. A dry run changes nothing.

    The answer is a stream of JSON lines: ``{"file", "done", "total"}`` while it goes on, then ``{"report": …}``, or
    ``{"error": …}`` with the members of a problem. Advisers import what is their own agency's.
    """
    folder = TemporaryDirectory(prefix="vernissage-import-")
    try:
        sources = await _keep_uploads(request, Path(folder.name))
        if not sources:
            raise NO_FILE
    except BaseException:
        folder.cleanup()
        raise
    moment = Moment(now_of(request), new_id, by=person.id, source="import")
    running = _Import(request.app.state.sessions, sources, moment, own_agency(person), dry_run=dry_run)
    return StreamingResponse(_lines_of(running, folder), media_type="application/x-ndjson")


async def _keep_uploads(request: Request, folder: Path) -> list[Source]:
    """The uploaded files, each under a number of its own: two may have the same name."""
    sources = []
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FILES) as form:
        uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        for number, upload in enumerate(uploads):
            path = folder / str(number)
            with path.open("wb") as target:
                await asyncio.to_thread(shutil.copyfileobj, upload.file, target)
            name = PurePath((upload.filename or "").replace("\\", "/")).name
            sources.append(Source.at(path, name or f"{number}.csv"))
    return sources


class _DryRun(Exception):
    """Takes back what a dry run did."""


class _Import:
    """One import on its way; its lines come out of a queue."""

    def __init__(
        self, sessions: Sessions, sources: list[Source], moment: Moment, bound_to: UUID | None, *, dry_run: bool
    ) -> None:
        self.sessions = sessions
        self.sources = sources
        self.moment = moment
        self.bound_to = bound_to
        self.dry_run = dry_run
        self.lines: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    async def run(self) -> None:
        """Carry it out, telling of progress, and at last of the report or of what went wrong."""
        began = perf_counter()
        try:
            report = await self._report()
        except IntegrityError:
            self.lines.put_nowait({"error": CHANGED_MEANWHILE.members()})
        except Exception as error:
            # The text of the error may quote a row.
            place = "".join(traceback.format_tb(error.__traceback__))
            logger.error("an import broke off: %s\n%s", type(error).__name__, place)
            self.lines.put_nowait({"error": BROKE_OFF.members()})
        else:
            rows = sum(counts.read for counts in report.files.values())
            kind = "dry run" if self.dry_run else "import"
            logger.info("%s of %d files, %d rows, %.1f s", kind, len(report.files), rows, perf_counter() - began)
            self.lines.put_nowait({"report": as_dict(report)})
        finally:
            self.lines.put_nowait(None)

    async def _report(self) -> Report:
        report = Report()
        try:
            async with unit_of_work(self.sessions) as session:
                await run(session, text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": IMPORT_LOCK})
                report = await import_files(
                    session, self.sources, self.moment, bound_to=self.bound_to, progress=self._tell
                )
                if self.dry_run:
                    raise _DryRun
        except _DryRun:
            pass
        return report

    def _tell(self, file: str, done: int, total: int) -> None:
        self.lines.put_nowait({"file": file, "done": done, "total": total})


async def _lines_of(running: _Import, folder: TemporaryDirectory[str]) -> AsyncIterator[str]:
    task = asyncio.create_task(running.run())
    try:
        while (line := await running.lines.get()) is not None:
            yield json.dumps(line, ensure_ascii=False) + "\n"
    finally:
        # Whoever asked may have gone: then nothing of it stays.
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        folder.cleanup()
