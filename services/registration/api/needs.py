"""Needs: publish, change, close."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration.api import showing
from services.registration.api.bodies import Identifier, NeedBody, NeedPatch
from services.registration.api.reading import read_need
from services.registration.api.requests import (
    OnceOfRequest,
    PagingOfRequest,
    answer,
    check_seen,
    check_seen_by_system,
    page_of,
    unless_overwritten,
)
from services.registration.edge import Writer
from services.registration.repository import employers as repository
from services.registration.use_cases import needs as use_cases
from services.registration.use_cases.saving import Saved
from shared.web.edge import Reader, RequestMoment, Transaction
from shared.web.preconditions import SeenRevision, tagged
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/api/needs", tags=["needs"])


@router.post("", status_code=201)
async def publish(
    body: NeedBody, _person: Writer, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> JSONResponse:
    """Publish a need."""

    async def act() -> Saved:
        return await use_cases.publish_need(session, await read_need(session, body, None), moment)

    return await once(act)


@router.put("/by-identifier/{identifier:path}")
async def put_by_identifier(
    identifier: Identifier,
    body: NeedBody,
    _person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Publish the need with this external identifier, or replace it. Safe to repeat."""
    kept = (await repository.needs_by_identifier(session, [identifier])).get(identifier)
    draft = await read_need(session, body.model_copy(update={"identifier": identifier}), kept)
    if kept is None:
        return answer(await use_cases.publish_need(session, draft, moment))
    check_seen_by_system(seen, kept, showing.need(kept))
    return answer(unless_overwritten(await use_cases.change_need(session, kept.id, draft, moment), seen))


@router.put("/{need_id}")
async def change(
    need_id: UUID,
    body: NeedBody,
    _person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace a need."""
    kept = await use_cases.need_named(session, need_id, lock=True)
    check_seen(seen, kept, showing.need(kept))
    return answer(await use_cases.change_need(session, need_id, await read_need(session, body, kept), moment))


@router.patch("/{need_id}")
async def amend(
    need_id: UUID,
    body: NeedPatch,
    person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of a need, and nothing else."""
    return await change(need_id, body, person, session, moment, seen)


@router.post("/{need_id}/close")
async def close(
    need_id: UUID, _person: Writer, session: Transaction, moment: RequestMoment, seen: SeenRevision
) -> JSONResponse:
    """Close a need that is filled or given up."""
    kept = await use_cases.need_named(session, need_id, lock=True)
    check_seen(seen, kept, showing.need(kept))
    return answer(await use_cases.close_need(session, need_id, moment))


@router.get("")
async def list_needs(
    _person: Reader,
    session: Transaction,
    paging: PagingOfRequest,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
    employer: UUID | None = None,
    occupation: Annotated[str | None, Query(max_length=5), ONE_LINE] = None,
    meetup: UUID | None = None,
    open_only: Annotated[bool | None, Query(alias="open")] = None,
) -> dict[str, Any]:
    """Needs by title."""
    wanted = repository.NeedFilter(q, employer, occupation, meetup, open_only)
    return page_of(await repository.list_needs(session, wanted, paging))


@router.get("/{need_id}")
async def show(need_id: UUID, _person: Reader, session: Transaction) -> JSONResponse:
    """A need with the skills that it asks; weights are shares of one."""
    kept = await use_cases.need_named(session, need_id)
    return tagged(showing.need(kept), kept.revision)
