"""Agencies and their staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.registration.api import showing
from services.registration.api.bodies import AgencyContactBody, AgencyContactPatch
from services.registration.api.reading import read_agency_contact
from services.registration.edge import AnyRole, Writer, own_agency
from services.registration.repository import agencies as repository
from services.registration.use_cases import agencies as use_cases
from shared.identity import check_agency
from shared.web.edge import Reader, Transaction
from shared.web.preconditions import SeenRevision, tag_of

router = APIRouter(prefix="/api", tags=["agencies"])


@router.get("/agencies")
async def list_agencies(_person: AnyRole, session: Transaction) -> dict[str, Any]:
    """Every agency of the programme, by name."""
    return {"items": [showing.agency(each) for each in await repository.all_agencies(session)]}


@router.put("/agencies/{agency_id}/contact", status_code=204)
async def change_contact(
    agency_id: UUID, body: AgencyContactBody, person: Writer, session: Transaction, seen: SeenRevision
) -> Response:
    """Say how an agency is reached: the number and address that its letters and mails give."""
    check_agency(person, agency_id)
    kept = await use_cases.agency_named(session, agency_id, lock=True)
    seen.check(kept.revision, {"phone": kept.phone, "email": kept.email, "address": kept.address})
    changed = await use_cases.change_agency_contact(session, agency_id, read_agency_contact(body))
    return Response(status_code=204, headers={"etag": tag_of(changed.revision)})


@router.patch("/agencies/{agency_id}/contact", status_code=204)
async def amend_contact(
    agency_id: UUID, body: AgencyContactPatch, person: Writer, session: Transaction, seen: SeenRevision
) -> Response:
    """Change what is named of how an agency is reached, and nothing else."""
    return await change_contact(agency_id, body, person, session, seen)


@router.get("/staff")
async def list_staff(person: Reader, session: Transaction) -> dict[str, Any]:
    """Mediators and advisers, by e-mail address."""
    staff = await repository.all_staff(session, own_agency(person))
    names = ("id", "email", "role", "agency_id")
    return {"items": [{name: getattr(each, name) for name in names} for each in staff]}
