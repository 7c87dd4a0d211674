"""Signing in for a demonstration: one button for each person whom it can be seen through."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.accounts import Duty, StaffRole
from services.registration.domain.agencies import Staff
from services.registration.limits import SIGN_INS
from services.registration.repository.agencies import all_agencies, all_staff, staff_by_id
from services.registration.settings import Settings
from services.registration.use_cases import signing_in as use_cases
from shared.identity import now_of
from shared.ids import new_id
from shared.moment import Moment
from shared.web import Problem, VerifiedForm, cookies, pages_of
from shared.web.edge import Transaction
from shared.web.limiting import limited_by_address

SIGN_IN = "/sign-in"

REGIONAL_ROLES: tuple[StaffRole, ...] = ("manager", "operator")
"""The demo users who belong to no agency: there is one of each."""

DEMO_NAME = "Démonstration"
"""What they are called."""

router = APIRouter(include_in_schema=False)


def demo_id(role: StaffRole) -> UUID:
    """The id of the demo user of a regional role: the same on every machine."""
    return uuid5(NAMESPACE_URL, f"urn:vernissage:demo:{role}")


@router.get(SIGN_IN)
async def choose_person(request: Request, session: Transaction, next: str = "/") -> Response:  # noqa: A002
    """The people whom a demonstration can be seen through, one button each."""
    agencies = {agency.id: agency.name for agency in await all_agencies(session)}
    staff = [each for each in await all_staff(session) if each.role in ("adviser", "mediator") and each.agency_id]
    staff.sort(key=lambda each: (agencies.get(each.agency_id or UUID(int=0), ""), each.role or "", each.email))
    return pages_of(request).page(
        request, "sign_in.html", regional=REGIONAL_ROLES, staff=staff, agencies=agencies, next=_local(next)
    )


@router.post(SIGN_IN, dependencies=[Depends(limited_by_address(SIGN_INS))])
async def sign_in(request: Request, form: VerifiedForm, session: Transaction) -> Response:
    """Sign in as one of them: whoever was signed in on this browser no longer is."""
    settings: Settings = request.app.state.settings
    moment = Moment(now_of(request), new_id)
    staff_id, duty, name = await _shown_as(str(form.get("person", "")), session)
    await use_cases.sign_out(session, cookies.session_of(request) or "")
    token = await use_cases.sign_in_for_show(session, staff_id, duty, name, settings.lifetimes, moment)
    response = RedirectResponse(_local(str(form.get("next", "/"))), 303)
    cookies.keep_session(request, response, token, settings.lifetimes.longest)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, _form: VerifiedForm, session: Transaction) -> Response:
    """Sign out."""
    await use_cases.sign_out(session, cookies.session_of(request) or "")
    response = RedirectResponse(SIGN_IN, 303)
    cookies.forget_session(request, response)
    return response


async def _shown_as(choice: str, session: AsyncSession) -> tuple[UUID, Duty, str]:
    """Through whose eyes the demonstration is seen: their id, what they do where, and their name."""
    for role in REGIONAL_ROLES:
        if choice == role:
            return demo_id(role), Duty(role, None), DEMO_NAME
    staff = await _staff_with(choice, session)
    if staff is None or staff.role not in ("adviser", "mediator"):
        raise Problem(404, "unknown-person", "Personne inconnue", "Choisissez l’une des personnes de la liste.")
    return staff.id, Duty("adviser" if staff.role == "adviser" else "mediator", staff.agency_id), staff.email


async def _staff_with(choice: str, session: AsyncSession) -> Staff | None:
    try:
        staff_id = UUID(choice)
    except ValueError:
        return None
    return (await staff_by_id(session, [staff_id])).get(staff_id)


def _local(address: str) -> str:
    """The address to go on to, if it is one of this site: nobody is sent elsewhere by a link."""
    parts = urlsplit(address)
    is_local = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith("//")
    return address if is_local and "\\" not in address else "/"
