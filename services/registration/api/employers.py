"""Employers. They belong to no agency: all advisers of the region see and keep them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration.api import showing
from services.registration.api.bodies import EmployerBody, EmployerPatch, Identifier
from services.registration.api.reading import read_employer
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
from services.registration.use_cases import employers as use_cases
from services.registration.use_cases.saving import Saved
from shared.web.edge import Reader, RequestMoment, Transaction
from shared.web.preconditions import SeenRevision, tagged
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/api/employers", tags=["employers"])


@router.post("", status_code=201)
async def register(
    body: EmployerBody, _person: Writer, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> JSONResponse:
    """Register an employer."""

    async def act() -> Saved:
        return await use_cases.register_employer(session, await read_employer(session, body), moment)

    return await once(act)


@router.put("/by-identifier/{identifier:path}")
async def put_by_identifier(
    identifier: Identifier,
    body: EmployerBody,
    _person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Register the employer with this external identifier, or replace it. Safe to repeat."""
    draft = await read_employer(session, body.model_copy(update={"identifier": identifier}))
    kept = (await repository.employers_by_identifier(session, [identifier])).get(identifier)
    if kept is None:
        return answer(await use_cases.register_employer(session, draft, moment))
    check_seen_by_system(seen, kept, showing.employer(kept))
    return answer(unless_overwritten(await use_cases.change_employer(session, kept.id, draft, moment), seen))


@router.put("/{employer_id}")
async def change(
    employer_id: UUID,
    body: EmployerBody,
    _person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace an employer's data."""
    kept = await use_cases.employer_named(session, employer_id, lock=True)
    check_seen(seen, kept, showing.employer(kept))
    return answer(await use_cases.change_employer(session, employer_id, await read_employer(session, body), moment))


@router.patch("/{employer_id}")
async def amend(
    employer_id: UUID,
    body: EmployerPatch,
    person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of an employer, and nothing else."""
    return await change(employer_id, body, person, session, moment, seen)


@router.get("")
async def list_employers(
    _person: Reader,
    session: Transaction,
    paging: PagingOfRequest,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
) -> dict[str, Any]:
    """Employers by name."""
    return page_of(await repository.list_employers(session, q, paging))


@router.get("/{employer_id}")
async def show(employer_id: UUID, _person: Reader, session: Transaction) -> JSONResponse:
    """An employer and whom to talk to there."""
    kept = await use_cases.employer_named(session, employer_id)
    return tagged(showing.employer(kept), kept.revision)
