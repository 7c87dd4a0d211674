"""Imports on pages: hand files in, watch how far they are, read what is to be done about each refused row."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.domain.queueing import ENDED, IN_WORDS
from services.registration.edge import uploads_in
from services.registration.limits import IMPORTS
from services.registration.repository import imports as repository
from services.registration.use_cases import imports as use_cases
from shared.rights import Scope
from shared.web import VerifiedForm, pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.limiting import Limited
from shared.web.paging import PagingOfRequest, cursor_of

router = APIRouter(prefix="/imports", include_in_schema=False)

_Importing = Annotated[Scope, May("import files")]

MOST_SHOWN = 200
"""So many findings stand on the page; the table for spreadsheets has them all."""


@router.get("")
async def list_imports(
    request: Request,
    scope: _Importing,
    session: Transaction,
    paging: PagingOfRequest,
    done: Literal["no-file"] | None = None,
) -> Response:
    """A form for files, and what was imported before."""
    found = await repository.list_imports(session, scope, paging)
    return pages_of(request).page(
        request, "imports.html", imports=found.items, next=cursor_of(found), asked={}, done=done
    )


@router.post("", dependencies=[Depends(Limited(IMPORTS))])
async def hand_in(
    form: VerifiedForm, person: RequestPerson, _scope: _Importing, session: Transaction, moment: RequestMoment
) -> Response:
    """Hand files in, and lead to where they can be watched."""
    uploads = uploads_in(form)
    if not uploads:
        return RedirectResponse("/imports?done=no-file", 303)
    queued = await use_cases.hand_in(session, uploads, person, moment, is_dry=form.get("dry_run") == "yes")
    return RedirectResponse(f"/imports/{queued.queued.id}", 303)


@router.get("/{import_id}")
async def show(
    request: Request, import_id: UUID, person: RequestPerson, scope: _Importing, session: Transaction
) -> Response:
    """How far an import is, and what was found, file by file."""
    found = await use_cases.import_named(session, scope, import_id)
    report = await use_cases.report_seen_by(session, scope, import_id, person)
    return pages_of(request).page(
        request,
        "import.html",
        found=found,
        progress=found.progress,
        report=report,
        findings=report.findings[:MOST_SHOWN],
        left_out=len(report.findings) - MOST_SHOWN + sum(each.findings for each in report.left_out.values()),
        is_over=found.queued.state in ENDED,
        failure=IN_WORDS[found.queued.failure] if found.queued.failure else None,
    )


@router.post("/{import_id}/cancel")
async def cancel(
    import_id: UUID, _form: VerifiedForm, scope: _Importing, session: Transaction, moment: RequestMoment
) -> Response:
    """Have it go no further; what was kept stays."""
    await use_cases.cancel_import(session, scope, import_id, moment)
    return RedirectResponse(f"/imports/{import_id}", 303)
