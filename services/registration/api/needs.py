"""Needs: publish, change, close."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration.access import Reader, Writer
from services.registration.api.bodies import NeedBody, NeedPatch
from services.registration.api.reading import read_need
from services.registration.api.requests import OnceOfRequest, PagingOfRequest, answer, page_of
from services.registration.repository import employers as repository
from services.registration.transactions import MomentOfRequest, Transaction
from services.registration.use_cases import needs as use_cases
from services.registration.use_cases.saving import Saved

router = APIRouter(prefix="/api/needs", tags=["needs"])


@router.post("", status_code=201)
async def publish(
    body: NeedBody, _person: Writer, session: Transaction, moment: MomentOfRequest, once: OnceOfRequest
) -> JSONResponse:
    """Publish a need."""

    async def act() -> Saved:
        return await use_cases.publish_need(session, await read_need(session, body, None), moment)

    return await once(act)


@router.put("/by-identifier/{identifier}")
async def put_by_identifier(
    identifier: str, body: NeedBody, _person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Publish the need with this external identifier, or replace it. Safe to repeat."""
    kept = (await repository.needs_by_identifier(session, [identifier])).get(identifier)
    draft = await read_need(session, body.model_copy(update={"identifier": identifier}), kept)
    if kept is not None:
        return answer(await use_cases.change_need(session, kept.id, draft, moment))
    return answer(await use_cases.publish_need(session, draft, moment))


@router.put("/{need_id}")
async def change(
    need_id: UUID, body: NeedBody, _person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Replace a need."""
    kept = await use_cases.need_named(session, need_id)
    return answer(await use_cases.change_need(session, need_id, await read_need(session, body, kept), moment))


@router.patch("/{need_id}")
async def amend(
    need_id: UUID, body: NeedPatch, _person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Change what is named of a need, and nothing else."""
    kept = await use_cases.need_named(session, need_id)
    return answer(await use_cases.change_need(session, need_id, await read_need(session, body, kept), moment))


@router.post("/{need_id}/close")
async def close(need_id: UUID, _person: Writer, session: Transaction, moment: MomentOfRequest) -> JSONResponse:
    """Close a need that is filled or given up. Safe to repeat."""
    return answer(await use_cases.close_need(session, need_id, moment))


@router.get("")
async def list_needs(
    _person: Reader,
    session: Transaction,
    paging: PagingOfRequest,
    q: Annotated[str | None, Query(max_length=100)] = None,
    employer: UUID | None = None,
    occupation: Annotated[str | None, Query(max_length=5)] = None,
    meetup: UUID | None = None,
    open_only: Annotated[bool | None, Query(alias="open")] = None,
) -> dict[str, Any]:
    """Needs by title."""
    wanted = repository.NeedFilter(q, employer, occupation, meetup, open_only)
    return page_of(await repository.list_needs(session, wanted, paging))


@router.get("/{need_id}")
async def show(need_id: UUID, _person: Reader, session: Transaction) -> dict[str, Any]:
    """A need with the skills that it asks; weights are shares of one."""
    kept = await use_cases.need_named(session, need_id)
    draft = kept.details
    return {
        "id": kept.id,
        "identifier": draft.identifier,
        "revision": kept.revision,
        "employer_id": draft.employer_id,
        "title": draft.title,
        "occupation": draft.occupation,
        "commune": draft.place.commune,
        "posts": draft.posts,
        "seats": draft.seats,
        "hours": draft.hours,
        "licences": draft.licences,
        "starts_on": draft.starts_on,
        "framework": draft.framework,
        "skills": [{"skill": each.skill, "level": each.level, "weight": each.weight} for each in draft.skills],
        "is_open": not kept.is_closed,
    }
