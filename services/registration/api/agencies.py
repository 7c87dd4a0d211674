"""Agencies and their staff."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.registration import showing
from services.registration.api.answers.common import Made
from services.registration.api.answers.office import AgencyShown, StaffShown
from services.registration.edge import check_covers
from services.registration.intake.bodies import AgencyBody, AgencyContactBody, AgencyContactPatch
from services.registration.intake.reading import read_agency_contact
from services.registration.repository import agencies as repository
from services.registration.use_cases import agencies as use_cases
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.once import OnceOfRequest
from shared.web.paging import WholeList
from shared.web.preconditions import SeenRevision, tag_of

router = APIRouter(prefix="/api/v1", tags=["agencies"])

_Writing = Annotated[Scope, May("write agency contacts")]


@router.get("/agencies")
async def list_agencies(_scope: Annotated[Scope, May("read agencies")], session: Transaction) -> WholeList[AgencyShown]:
    """Every agency of the programme, by name."""
    found = await repository.all_agencies(session)
    return WholeList(items=[AgencyShown.of_row(showing.agency(each)) for each in found])


@router.post("/agencies", status_code=201)
async def register(
    body: AgencyBody,
    _scope: Annotated[Scope, May("write agencies")],
    session: Transaction,
    moment: RequestMoment,
    once: OnceOfRequest,
) -> Made:
    """Add an agency to the programme."""

    async def act() -> Made:
        made = await use_cases.register_agency(session, body.name, read_agency_contact(body), moment)
        return Made(id=made.id)

    return await once(Made, act)


@router.put("/agencies/{agency_id}/contact", status_code=204)
async def change_contact(
    agency_id: UUID, body: AgencyContactBody, scope: _Writing, session: Transaction, seen: SeenRevision
) -> Response:
    """Say how an agency is reached: the number and address that its letters and mails give."""
    check_covers(scope, agency_id)
    kept = await use_cases.agency_named(session, agency_id, lock=True)
    seen.check(kept.revision, {"phone": kept.phone, "email": kept.email, "address": kept.address})
    changed = await use_cases.change_agency_contact(session, agency_id, read_agency_contact(body))
    return Response(status_code=204, headers={"etag": tag_of(changed.revision)})


@router.patch("/agencies/{agency_id}/contact", status_code=204)
async def amend_contact(
    agency_id: UUID, body: AgencyContactPatch, scope: _Writing, session: Transaction, seen: SeenRevision
) -> Response:
    """Change what is named of how an agency is reached, and nothing else."""
    return await change_contact(agency_id, body, scope, session, seen)


@router.get("/staff")
async def list_staff(scope: Annotated[Scope, May("read staff")], session: Transaction) -> WholeList[StaffShown]:
    """Mediators and advisers, by e-mail address."""
    staff = await repository.all_staff(session, scope)
    return WholeList(items=[StaffShown.model_validate(each) for each in staff])
