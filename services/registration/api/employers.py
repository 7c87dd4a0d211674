"""Employers. They belong to no agency: all advisers of the region see and keep them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration.access import Reader, Writer
from services.registration.api.bodies import EmployerBody, EmployerPatch
from services.registration.api.reading import read_employer
from services.registration.api.requests import OnceOfRequest, PagingOfRequest, answer, page_of
from services.registration.repository import employers as repository
from services.registration.transactions import MomentOfRequest, Transaction
from services.registration.use_cases import employers as use_cases
from services.registration.use_cases.saving import Saved

router = APIRouter(prefix="/api/employers", tags=["employers"])


@router.post("", status_code=201)
async def register(
    body: EmployerBody, _person: Writer, session: Transaction, moment: MomentOfRequest, once: OnceOfRequest
) -> JSONResponse:
    """Register an employer."""

    async def act() -> Saved:
        return await use_cases.register_employer(session, await read_employer(session, body), moment)

    return await once(act)


@router.put("/by-identifier/{identifier}")
async def put_by_identifier(
    identifier: str, body: EmployerBody, _person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Register the employer with this external identifier, or replace it. Safe to repeat."""
    draft = await read_employer(session, body.model_copy(update={"identifier": identifier}))
    kept = (await repository.employers_by_identifier(session, [identifier])).get(identifier)
    if kept is not None:
        return answer(await use_cases.change_employer(session, kept.id, draft, moment))
    return answer(await use_cases.register_employer(session, draft, moment))


@router.put("/{employer_id}")
async def change(
    employer_id: UUID, body: EmployerBody, _person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Replace an employer's data."""
    await use_cases.employer_named(session, employer_id)
    return answer(await use_cases.change_employer(session, employer_id, await read_employer(session, body), moment))


@router.patch("/{employer_id}")
async def amend(
    employer_id: UUID, body: EmployerPatch, _person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Change what is named of an employer, and nothing else."""
    await use_cases.employer_named(session, employer_id)
    return answer(await use_cases.change_employer(session, employer_id, await read_employer(session, body), moment))


@router.get("")
async def list_employers(
    _person: Reader,
    session: Transaction,
    paging: PagingOfRequest,
    q: Annotated[str | None, Query(max_length=100)] = None,
) -> dict[str, Any]:
    """Employers by name."""
    return page_of(await repository.list_employers(session, q, paging))


@router.get("/{employer_id}")
async def show(employer_id: UUID, _person: Reader, session: Transaction) -> dict[str, Any]:
    """An employer and whom to talk to there."""
    kept = await use_cases.employer_named(session, employer_id)
    draft = kept.details
    return {
        "id": kept.id,
        "identifier": draft.identifier,
        "revision": kept.revision,
        "name": draft.name,
        "siret": draft.siret,
        "contact_name": draft.contact_name,
        "email": draft.email,
        "phone": draft.phone,
        "language": draft.language,
        "commune": draft.place.commune,
    }
