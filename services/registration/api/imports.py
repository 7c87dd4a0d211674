"""The import over HTTP: files go in as a form and wait; how far it is and its report stand under an address."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from services.registration.adapters.files.archives import MOST_FILES
from services.registration.adapters.files.reports import as_csv
from services.registration.api.queued import FailureTold, located, told_failure
from services.registration.domain.import_report import FileCounts, FoundInFile, LeftOut
from services.registration.domain.imports import Import
from services.registration.domain.queueing import WorkState
from services.registration.edge import uploads_in
from services.registration.limits import IMPORTS
from services.registration.repository import imports as repository
from services.registration.use_cases import imports as use_cases
from services.registration.use_cases.imports import PIECE
from shared.language import Language
from shared.rights import Scope
from shared.web import Problem
from shared.web.edge import May, RequestLanguage, RequestMoment, RequestPerson, Transaction
from shared.web.limiting import Limited
from shared.web.once import OnceOfRequest
from shared.web.paging import ListAnswer, PagingOfRequest, cursor_of

router = APIRouter(prefix="/api/v1/imports", tags=["imports"])

_Importing = Annotated[Scope, May("import files")]

NO_FILE = Problem(
    422,
    "no-file",
    "Aucun fichier",
    "Envoyez au moins un fichier (CSV, .xlsx, .ods ou .zip ; formulaire « multipart/form-data »).",
    english=("No file", "Send at least one file (CSV, .xlsx, .ods or .zip; a form, “multipart/form-data”)."),
)


class ImportLimits(BaseModel):
    """What one import may have."""

    limit_bytes: int
    most_files: int


class ImportedRows(BaseModel):
    """How far an import is: rows read of those that are known of, and what became of them."""

    read: int
    known: int
    written: int
    refused: int


class ImportedFile(BaseModel):
    """How far one file is."""

    name: str
    read: int
    known: int


class ImportAnswer(BaseModel):
    """An import: whose it is, how it stands, how far it is. A dry run changes nothing, whatever it counts."""

    id: UUID
    state: WorkState
    dry_run: bool
    asked_by: UUID
    agency_id: UUID | None
    asked_at: datetime
    ended_at: datetime | None
    failure: FailureTold | None
    rows: ImportedRows
    files: Sequence[ImportedFile]


class ReportAnswer(BaseModel):
    """What became of each file's rows, and what was found; of one kind in one file the first 500, the rest counted."""

    files: Mapping[str, FileCounts]
    findings: Sequence[FoundInFile]
    left_out: Sequence[LeftOut]


@router.get("/limits")
def tell_limits(request: Request, _scope: _Importing) -> ImportLimits:
    """What one import may have: whoever sends more is cut off before they hear why."""
    return ImportLimits(limit_bytes=request.app.state.settings.import_limit_bytes, most_files=MOST_FILES)


@router.post(
    "",
    status_code=202,
    dependencies=[Depends(Limited(IMPORTS))],
    responses=located("import"),
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
async def hand_in(
    request: Request,
    response: Response,
    person: RequestPerson,
    _scope: _Importing,
    session: Transaction,
    moment: RequestMoment,
    language: RequestLanguage,
    once: OnceOfRequest,
    dry_run: Annotated[bool, Query()] = False,
) -> ImportAnswer:
    """Hand in the files of a folder. They wait their turn; `Location` is where to see how far they are.

    Files are CSV texts, workbooks (.xlsx, .ods: each sheet is a list) and zip archives of these. Rows are kept part by
    part, and what was kept stays, however the import ends; the same files once more change nothing. A dry run only
    tells what would become of each row. Advisers import what is their own agency's.
    """
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FILES) as form:
        uploads = uploads_in(form)
        if not uploads:
            raise NO_FILE

        async def act() -> ImportAnswer:
            return _answer(await use_cases.hand_in(session, uploads, person, moment, is_dry=dry_run), language)

        handed_in = await once(ImportAnswer, act, said=lambda: _said(uploads))
    response.headers["location"] = f"/api/v1/imports/{handed_in.id}"
    return handed_in


@router.get("")
async def list_imports(
    scope: _Importing, session: Transaction, paging: PagingOfRequest, language: RequestLanguage
) -> ListAnswer[ImportAnswer]:
    """Imports of one's agency's people and one's own, the latest first."""
    found = await repository.list_imports(session, scope, paging)
    return ListAnswer(items=[_answer(each, language) for each in found.items], next=cursor_of(found))


@router.get("/{import_id}")
async def read_import(
    import_id: UUID, scope: _Importing, session: Transaction, language: RequestLanguage
) -> ImportAnswer:
    """How an import stands, and how far it is."""
    return _answer(await use_cases.import_named(session, scope, import_id), language)


@router.post("/{import_id}/cancel")
async def cancel(
    import_id: UUID, scope: _Importing, session: Transaction, moment: RequestMoment, language: RequestLanguage
) -> ImportAnswer:
    """Have an import go no further. What was kept stays, and its report.

    Safe to repeat: one that has ended is `409`, and stays as it is.
    """
    return _answer(await use_cases.cancel_import(session, scope, import_id, moment), language)


@router.get("/{import_id}/report")
async def read_report(import_id: UUID, person: RequestPerson, scope: _Importing, session: Transaction) -> ReportAnswer:
    """What became of the rows so far, and what was found: file, line, column, what stood there, and why."""
    report = await use_cases.report_seen_by(session, scope, import_id, person)
    return ReportAnswer(files=report.files, findings=report.findings, left_out=list(report.left_out.values()))


@router.get(
    "/{import_id}/report.csv",
    response_class=Response,
    responses={200: {"description": "A table that opens in a spreadsheet.", "content": {"text/csv": {}}}},
)
async def read_report_as_table(
    import_id: UUID, person: RequestPerson, scope: _Importing, session: Transaction
) -> Response:
    """The same as a table for spreadsheets: UTF-8 with a byte order mark, `;`, no cell that they would carry out."""
    table = as_csv(await use_cases.report_seen_by(session, scope, import_id, person))
    headers = {"content-disposition": f'attachment; filename="import-{import_id}.csv"', "cache-control": "no-store"}
    return Response(table, media_type="text/csv", headers=headers)


async def _said(uploads: Sequence[tuple[str, UploadFile]]) -> bytes:
    """What makes two forms the same: their files by name, whatever stands between the parts."""
    digest = hashlib.sha256()
    for name, upload in uploads:
        digest.update(f"{name}\n{upload.size}\n".encode())
        while piece := await upload.read(PIECE):
            digest.update(piece)
        await upload.seek(0)
    return digest.digest()


def _answer(found: Import, language: Language) -> ImportAnswer:
    queued, progress = found.queued, found.progress
    return ImportAnswer(
        id=queued.id,
        state=queued.state,
        dry_run=found.is_dry,
        asked_by=queued.asked_by.person_id,
        agency_id=queued.asked_by.agency_id,
        asked_at=queued.asked_at,
        ended_at=queued.ended_at,
        failure=told_failure(queued.failure, language),
        rows=ImportedRows(
            read=progress.rows_read, known=progress.rows_known, written=progress.written, refused=progress.refused
        ),
        files=[
            ImportedFile(name=name, read=counts.read, known=max(progress.known.get(name, 0), counts.read))
            for name, counts in progress.counts.items()
        ],
    )
