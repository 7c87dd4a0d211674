"""Signing in for a demonstration: one button for each person whom it can be seen through."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.agencies import Staff
from services.registration.limits import SIGN_INS
from services.registration.repository.agencies import all_agencies, all_staff, staff_by_id
from shared.identity import SESSION_COOKIE, Person, Role, now_of, seal_of
from shared.web import Problem, VerifiedForm, pages_of
from shared.web.edge import Transaction
from shared.web.limiting import limited_by_address

SIGN_IN = "/sign-in"
SESSION_LASTS = timedelta(hours=10)

REGIONAL_ROLES = (Role.MANAGER, Role.OPERATOR)
"""The demo users who belong to no agency: there is one of each."""

router = APIRouter(include_in_schema=False)


def demo_id(role: Role) -> UUID:
    """The id of the demo user of a regional role: the same on every machine."""
    return uuid5(NAMESPACE_URL, f"urn:vernissage:demo:{role.value}")


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
    """Sign in as one of them."""
    person = await _demo_person(str(form.get("person", "")), session)
    token = seal_of(request).sign(person, now=now_of(request), lifetime=SESSION_LASTS)
    response = RedirectResponse(_local(str(form.get("next", "/"))), 303)
    response.set_cookie(
        SESSION_COOKIE, token, max_age=int(SESSION_LASTS.total_seconds()), httponly=True, samesite="lax"
    )
    return response


@router.post("/sign-out")
async def sign_out(_form: VerifiedForm) -> Response:
    """Sign out."""
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(SESSION_COOKIE)
    return response


async def _demo_person(choice: str, session: AsyncSession) -> Person:
    if choice in [role.value for role in REGIONAL_ROLES]:
        return Person(demo_id(Role(choice)), Role(choice))
    staff = await _staff_with(choice, session)
    if staff is None or staff.role not in ("adviser", "mediator"):
        raise Problem(404, "unknown-person", "Personne inconnue", "Choisissez l’une des personnes de la liste.")
    return Person(staff.id, Role(staff.role), staff.agency_id)


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
