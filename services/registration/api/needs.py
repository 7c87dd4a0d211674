"""Needs: publish, change, close."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.records import NeedListed, NeedShown
from services.registration.api.bulk import ManyOfRequest, SavedOfMany
from services.registration.api.requests import (
    NEW_OR_KNOWN,
    OnceSavedOfRequest,
    SavedAnswer,
    answer,
    answered,
    check_seen,
    check_seen_by_system,
    unless_overwritten,
)
from services.registration.api.vouching import agency_from_now_on, check_vouched
from services.registration.domain.needs import Need
from services.registration.edge import agency_of_new
from services.registration.intake.bodies import Identifier, NeedBody, NeedPatch
from services.registration.intake.bulk_bodies import NeedsBody
from services.registration.intake.reading import read_need
from services.registration.repository import employers as repository
from services.registration.use_cases import needs as use_cases
from services.registration.use_cases.saving import Saved
from shared.paging import Paging
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.once import Answered
from shared.web.paging import ListAnswer, page_of
from shared.web.preconditions import SeenRevision, tagged
from shared.web.sorting import listed_by
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/api/v1/needs", tags=["needs"])

_Reading = Annotated[Scope, May("read needs")]
_Writing = Annotated[Scope, May("write needs")]
_Listed = Annotated[Paging, listed_by("title", "created")]


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def publish(
    body: NeedBody, scope: _Writing, session: Transaction, moment: RequestMoment, once: OnceSavedOfRequest
) -> JSONResponse:
    """Publish a need."""
    return await once(lambda: _publish(body, scope, session, moment))


@router.post("/bulk", response_model=SavedOfMany)
async def publish_many(
    body: NeedsBody, scope: _Writing, session: Transaction, moment: RequestMoment, many: ManyOfRequest
) -> JSONResponse:
    """Publish many needs, each for itself: one that is refused leaves the others as they are."""

    async def keep(each: NeedBody) -> Answered:
        return answered(await _publish(each, scope, session, moment))

    return await many(body.items, keep)


@router.put("/by-identifier/{identifier:path}", responses=NEW_OR_KNOWN)
async def put_by_identifier(
    identifier: Identifier,
    body: NeedBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Publish the need with this external identifier, or replace it. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.needs_by_identifier(session, [identifier])).get(identifier)
    if kept is None:
        agency_id = await agency_of_new(session, scope, body.agency_id)
        return answer(
            await use_cases.publish_need(session, scope, await read_need(session, body, None, agency_id), moment)
        )
    check_vouched(scope, kept.details.agency_id)
    check_seen_by_system(seen, kept, showing.need(kept))
    return answer(unless_overwritten(await _change(kept, body, scope, session, moment), seen))


@router.put("/{need_id}", response_model=SavedAnswer)
async def change(
    need_id: UUID,
    body: NeedBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace a need."""
    kept = await use_cases.need_named(session, need_id, lock=True)
    check_vouched(scope, kept.details.agency_id)
    check_seen(seen, kept, showing.need(kept))
    return answer(await _change(kept, body, scope, session, moment))


@router.patch("/{need_id}", response_model=SavedAnswer)
async def amend(
    need_id: UUID,
    body: NeedPatch,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of a need, and nothing else."""
    return await change(need_id, body, scope, session, moment, seen)


@router.post("/{need_id}/close", response_model=SavedAnswer)
async def close(
    need_id: UUID, scope: _Writing, session: Transaction, moment: RequestMoment, seen: SeenRevision
) -> JSONResponse:
    """Close a need that is filled or given up. Safe to repeat."""
    kept = await use_cases.need_named(session, need_id, lock=True)
    check_vouched(scope, kept.details.agency_id)
    check_seen(seen, kept, showing.need(kept))
    return answer(await use_cases.close_need(session, need_id, moment))


@router.get("")
async def list_needs(
    _scope: _Reading,
    session: Transaction,
    paging: _Listed,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
    employer: UUID | None = None,
    occupation: Annotated[str | None, Query(max_length=5), ONE_LINE] = None,
    meetup: UUID | None = None,
    open_only: Annotated[bool | None, Query(alias="open")] = None,
) -> ListAnswer[NeedListed]:
    """Needs by title."""
    wanted = repository.NeedFilter(q, employer, occupation, meetup, open_only)
    return page_of(await repository.list_needs(session, wanted, paging), NeedListed.of_row)


@router.get("/{need_id}", response_model=NeedShown)
async def show(need_id: UUID, _scope: _Reading, session: Transaction) -> JSONResponse:
    """A need with the skills that it asks; weights are shares of one."""
    kept = await use_cases.need_named(session, need_id)
    return tagged(showing.need(kept), kept.revision)


async def _publish(body: NeedBody, scope: Scope, session: Transaction, moment: RequestMoment) -> Saved:
    agency_id = await agency_of_new(session, scope, body.agency_id)
    return await use_cases.publish_need(session, scope, await read_need(session, body, None, agency_id), moment)


async def _change(kept: Need, body: NeedBody, scope: Scope, session: Transaction, moment: RequestMoment) -> Saved:
    agency_id = await agency_from_now_on(session, scope, body.agency_id)
    draft = await read_need(session, body, kept, agency_id)
    return await use_cases.change_need(session, scope, kept.id, draft, moment)
