"""The import over HTTP: files go in as a form, progress comes back line by line, the report last."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from starlette import types
from starlette.datastructures import UploadFile

from services.registration.adapters.files.archives import MOST_FILES
from services.registration.adapters.files.sources import SourceFile
from services.registration.api.import_apart import AnotherImportRuns, BrokeOff, ChangedMeanwhile, ImportApart, Order
from services.registration.api.problems import CHANGED_MEANWHILE
from services.registration.limits import IMPORTS
from shared.identity import seal_of
from shared.rights import Scope
from shared.web import Problem
from shared.web.edge import May, RequestMoment, asker_of
from shared.web.limiting import limited

router = APIRouter(prefix="/api/imports", tags=["imports"])

_Importing = Annotated[Scope, May("import files")]

SECONDS_TO_WAIT = 5

NO_FILE = Problem(
    422,
    "no-file",
    "Aucun fichier",
    "Envoyez au moins un fichier (CSV, .xlsx, .ods ou .zip ; formulaire « multipart/form-data »).",
)
ANOTHER_RUNS = Problem(
    409,
    "import-running",
    "Un autre import est en cours",
    "Rien n’a été enregistré de celui-ci. Recommencez dans quelques secondes : un seul import passe à la fois.",
    headers={"Retry-After": str(SECONDS_TO_WAIT)},
)
BROKE_OFF = Problem(
    500,
    "unexpected-error",
    "L’import s’est interrompu",
    "Rien n’a été enregistré. Recommencez dans un instant ; si cela dure, prévenez l’exploitant.",
)


@router.get("")
def tell_limits(request: Request, _scope: _Importing) -> dict[str, int]:
    """What one import may have: whoever sends more is cut off before they hear why."""
    return {"limit_bytes": request.app.state.settings.import_limit_bytes, "most_files": MOST_FILES}


@router.post(
    "",
    dependencies=[Depends(limited(IMPORTS))],
    response_class=StreamingResponse,
    responses={200: {"description": "Lines of JSON.", "content": {"application/x-ndjson": {}}}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {"type": "object", "additionalProperties": {"type": "string", "format": "binary"}}
                }
            },
        }
    },
)
async def import_exports(
    request: Request, scope: _Importing, moment: RequestMoment, dry_run: Annotated[bool, Query()] = False
) -> StreamingResponse:
    """Import the files of a folder, all or nothing: what breaks off leaves no trace. A dry run changes nothing.

    Files are CSV texts, workbooks (.xlsx, .ods: each sheet is a list) and zip archives of these.

    The answer is a stream of JSON lines: ``{"file", "done", "total"}`` while it goes on, then ``{"report": …}``, or
    ``{"error": …}`` with the members of a problem. Advisers import what is their own agency's. While another import is
    under way the answer is 409 with ``Retry-After``.
    """
    folder = TemporaryDirectory(prefix="vernissage-import-")
    try:
        sources = await _keep_uploads(request, Path(folder.name))
        if not sources:
            raise NO_FILE
    except BaseException:
        folder.cleanup()
        raise
    order = Order(sources, moment, asker_of(request), scope, dry_run)
    running = ImportApart(request.app.state.settings.database_url, order, seal_of(request), afterwards=folder.cleanup)
    try:
        await running.begin()
    except AnotherImportRuns as error:
        raise ANOTHER_RUNS from error
    except BaseException:
        running.stop()
        raise
    return _Lines(running)


async def _keep_uploads(request: Request, folder: Path) -> list[SourceFile]:
    """The uploaded files, each under a number of its own: two may have the same name."""
    sources = []
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FILES) as form:
        uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        for number, upload in enumerate(uploads):
            path = folder / str(number)
            with path.open("wb") as target:
                await asyncio.to_thread(shutil.copyfileobj, upload.file, target)
            name = PurePath((upload.filename or "").replace("\\", "/")).name
            sources.append(SourceFile.at(path, name or f"{number}.csv"))
    return sources


class _Lines(StreamingResponse):
    """What a running import tells. Whoever asked may go, even before the first line: then nothing of it stays."""

    def __init__(self, running: ImportApart) -> None:
        super().__init__(_lines_of(running), media_type="application/x-ndjson")
        self._running = running

    async def __call__(self, scope: types.Scope, receive: types.Receive, send: types.Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._running.stop()


async def _lines_of(running: ImportApart) -> AsyncIterator[str]:
    try:
        async for piece in running.pieces():
            yield piece
    except ChangedMeanwhile:
        yield _error(CHANGED_MEANWHILE)
    except BrokeOff:
        yield _error(BROKE_OFF)


def _error(problem: Problem) -> str:
    return json.dumps({"error": problem.members()}, ensure_ascii=False) + "\n"
