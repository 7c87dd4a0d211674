"""Signing in for a demonstration: one button for each person whom it can be seen through."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.accounts import Duty, StaffRole
from services.registration.limits import SIGN_INS
from services.registration.pages.entering import enter, settings_of
from services.registration.repository.accounts import all_accounts
from services.registration.repository.agencies import all_agencies, all_staff
from services.registration.settings import SIGN_IN
from services.registration.use_cases.signing_in import sign_in_for_show
from shared.identity import now_of
from shared.ids import new_id
from shared.moment import Moment
from shared.rights import EVERYTHING
from shared.web import Problem, VerifiedForm
from shared.web.edge import TransactionAtTheDoor
from shared.web.limiting import limited_by_address

REGIONAL_ROLES: tuple[StaffRole, ...] = ("manager", "operator")
"""The demo users who belong to no agency: there is one of each."""

DEMO_NAME = "Démonstration"
"""What they are called."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Guise:
    """Somebody through whose eyes a demonstration can be seen; ``choice`` is what their button sends."""

    choice: str
    staff_id: UUID
    duty: Duty
    name: str
    agency: str


UNKNOWN_PERSON = Problem(
    404,
    "unknown-person",
    "Personne inconnue",
    "Choisissez l’une des personnes de la liste.",
    english=("Unknown person", "Choose one of the people on the list."),
)


def demo_id(role: StaffRole) -> UUID:
    """The id of the demo user of a regional role: the same on every machine."""
    return uuid5(NAMESPACE_URL, f"urn:vernissage:demo:{role}")


async def guises(session: AsyncSession) -> list[Guise]:
    """Everybody through whose eyes a demonstration can be seen: the region first, then agency by agency.

    Whoever was invited, and whom workshops name; the invitation says what somebody is.
    """
    agencies = {agency.id: agency.name for agency in await all_agencies(session)}
    regional = [Guise(role, demo_id(role), Duty(role, None), DEMO_NAME, "") for role in REGIONAL_ROLES]
    named = {each.id: (each.email, each.role, each.agency_id) for each in await all_staff(session, EVERYTHING)}
    invited = await all_accounts(session, EVERYTHING)
    known = named | {each.id: (each.email, each.duty.role, each.duty.agency_id) for each in invited}
    staff = [
        Guise(str(staff_id), staff_id, Duty(role, agency_id), email, agencies[agency_id])
        for staff_id, (email, is_a, agency_id) in known.items()
        for role in ("adviser", "mediator")
        if is_a == role and agency_id is not None
    ]
    return [*regional, *sorted(staff, key=lambda each: (each.agency, each.duty.role, each.name))]


@router.post(SIGN_IN, dependencies=[Depends(limited_by_address(SIGN_INS))])
async def sign_in(request: Request, form: VerifiedForm, session: TransactionAtTheDoor) -> Response:
    """Sign in as one of them."""
    chosen = next((each for each in await guises(session) if each.choice == form.get("person")), None)
    if chosen is None:
        raise UNKNOWN_PERSON
    moment = Moment(now_of(request), new_id)
    lifetimes = settings_of(request).lifetimes
    token = await sign_in_for_show(session, chosen.staff_id, chosen.duty, chosen.name, lifetimes, moment)
    return await enter(request, session, token, str(form.get("next", "/")))
