"""Exports over HTTP: asked for, made by a worker, fetched from an address for a day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from services.registration.api.queued import FailureTold, located, told_failure
from services.registration.domain.exports import Export, ExportForm
from services.registration.domain.queueing import WorkState
from services.registration.intake.bodies import ExportBody
from services.registration.limits import EXPORTS
from services.registration.repository import exports as repository
from services.registration.use_cases import exports as use_cases
from shared.database import unit_of_work
from shared.language import Language
from shared.rights import Reach, Scope
from shared.web import Problem
from shared.web.edge import May, RequestLanguage, RequestMoment, RequestPerson, Transaction, asker_of
from shared.web.limiting import Limited
from shared.web.once import OnceOfRequest
from shared.web.paging import ListAnswer, PagingOfRequest, cursor_of

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])

_Exporting = Annotated[Scope, May("export records")]

NOT_THERE = Problem(
    404,
    "no-export-file",
    "Fichier absent",
    "Ce fichier n’est pas encore prêt, ou n’est plus gardé. Demandez un nouvel export si besoin.",
    english=("No file", "This file is not ready yet, or no longer kept. Ask for a new export if need be."),
)


class ExportAnswer(BaseModel):
    """An export: whose it is, how it stands, how many rows it has, and how many bytes its file once it is there."""

    id: UUID
    state: WorkState
    lists: Sequence[str]
    form: ExportForm
    asked_by: UUID
    agency_id: UUID | None
    asked_at: datetime
    ended_at: datetime | None
    failure: FailureTold | None
    rows: int
    size: int | None


@router.post("", status_code=202, dependencies=[Depends(Limited(EXPORTS))], responses=located("export"))
async def ask_for(
    body: ExportBody,
    response: Response,
    person: RequestPerson,
    _scope: _Exporting,
    session: Transaction,
    moment: RequestMoment,
    language: RequestLanguage,
    once: OnceOfRequest,
) -> ExportAnswer:
    """Have an archive made of what one may see, in the lists of the import format: `Location` is where it will be.

    Each person in it is a look that is noted. What is protected is in it for whoever may read it elsewhere, too.
    """

    async def act() -> ExportAnswer:
        return _answer(await use_cases.ask_for(session, body.lists, body.form, person, moment), language)

    asked = await once(ExportAnswer, act)
    response.headers["location"] = f"/api/v1/exports/{asked.id}"
    return asked


@router.get("")
async def list_exports(
    scope: _Exporting, session: Transaction, paging: PagingOfRequest, language: RequestLanguage
) -> ListAnswer[ExportAnswer]:
    """One's own exports, the latest first."""
    found = await repository.list_exports(session, _own(scope), paging)
    return ListAnswer(items=[_answer(each, language) for each in found.items], next=cursor_of(found))


@router.get("/{export_id}")
async def read_export(
    export_id: UUID, scope: _Exporting, session: Transaction, language: RequestLanguage
) -> ExportAnswer:
    """How an export stands."""
    return _answer(await use_cases.export_named(session, _own(scope), export_id), language)


@router.post("/{export_id}/cancel")
async def cancel(
    export_id: UUID, scope: _Exporting, session: Transaction, moment: RequestMoment, language: RequestLanguage
) -> ExportAnswer:
    """Have an export made no further. Safe to repeat: one that has ended is `409`, and stays as it is."""
    return _answer(await use_cases.cancel_export(session, _own(scope), export_id, moment), language)


@router.get(
    "/{export_id}/file",
    response_class=StreamingResponse,
    responses={200: {"description": "The archive.", "content": {"application/zip": {}}}},
)
async def fetch(
    request: Request, export_id: UUID, scope: _Exporting, session: Transaction, moment: RequestMoment
) -> StreamingResponse:
    """The archive, for a day: a file for each list, which an import reads as it is."""
    found = await use_cases.export_named(session, _own(scope), export_id)
    lasts: timedelta = request.app.state.settings.keeping.exports
    is_there = await repository.has_file(session, export_id, ended_after=moment.now - lasts)
    if found.queued.state is not WorkState.DONE or not is_there:
        raise NOT_THERE

    async def content() -> AsyncIterator[bytes]:
        async with unit_of_work(request.app.state.sessions, asker_of(request)) as reading:
            async for piece in repository.pieces_of(reading, export_id):
                yield piece

    headers = {"content-disposition": f'attachment; filename="export-{export_id}.zip"', "cache-control": "no-store"}
    return StreamingResponse(content(), media_type="application/zip", headers=headers)


def _own(scope: Scope) -> Scope:
    """What somebody asked for themselves: others may not see as much as they do."""
    return replace(scope, reach=Reach.NO)


def _answer(found: Export, language: Language) -> ExportAnswer:
    queued = found.queued
    return ExportAnswer(
        id=queued.id,
        state=queued.state,
        lists=found.lists,
        form=found.form,
        asked_by=queued.asked_by.person_id,
        agency_id=queued.asked_by.agency_id,
        asked_at=queued.asked_at,
        ended_at=queued.ended_at,
        failure=told_failure(queued.failure, language),
        rows=found.rows,
        size=found.size,
    )
