"""Exports on pages: asked for, and fetched for a day."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.domain.exports import ExportForm
from services.registration.domain.queueing import ENDED
from services.registration.limits import EXPORTS
from services.registration.pages.sending import SentByPage
from services.registration.repository import exports as repository
from services.registration.use_cases import exports as use_cases
from shared.paging import Paging
from shared.rights import Reach, Scope
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.limiting import Limited

router = APIRouter(prefix="/exports", include_in_schema=False)

_Exporting = Annotated[Scope, May("export records")]

NEWEST = 20
"""So many are shown; their files last a day."""


@router.get("")
async def list_exports(request: Request, scope: _Exporting, session: Transaction, moment: RequestMoment) -> Response:
    """A form, and one's own exports with their files as long as these last."""
    found = (await repository.list_exports(session, replace(scope, reach=Reach.NO), Paging(size=NEWEST))).items
    lasts = request.app.state.settings.keeping.exports
    there = {
        each.queued.id
        for each in found
        if await repository.has_file(session, each.queued.id, ended_after=moment.now - lasts)
    }
    is_making = any(each.queued.state not in ENDED for each in found)
    return pages_of(request).page(request, "exports.html", exports=found, there=there, is_making=is_making)


@router.post("", dependencies=[Depends(Limited(EXPORTS))])
async def ask_for(
    sent: SentByPage, person: RequestPerson, _scope: _Exporting, session: Transaction, moment: RequestMoment
) -> Response:
    """Have everything exported that one may see."""
    form = ExportForm.JSON if sent.form.get("form") == ExportForm.JSON else ExportForm.CSV
    await use_cases.ask_for(session, None, form, person, moment)
    return RedirectResponse("/exports", 303)


@router.post("/{export_id}/cancel")
async def cancel(
    export_id: UUID, _sent: SentByPage, scope: _Exporting, session: Transaction, moment: RequestMoment
) -> Response:
    """Have it made no further."""
    await use_cases.cancel_export(session, replace(scope, reach=Reach.NO), export_id, moment)
    return RedirectResponse("/exports", 303)
