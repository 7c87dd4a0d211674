"""One's own account: what one may do where, on which browsers one is signed in, and signing out of all of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.repository import signed_in
from services.registration.settings import SIGN_IN
from shared.identity import Person, current_person
from shared.web import VerifiedForm, cookies, pages_of
from shared.web.edge import Transaction

router = APIRouter(include_in_schema=False)

Somebody = Annotated[Person, Depends(current_person)]


@router.get("/account")
async def show_account(request: Request, session: Transaction, person: Somebody) -> Response:
    """What somebody may do, and where they are signed in, the latest used first."""
    browsers = await signed_in.all_of(session, person.id)
    return pages_of(request).page(request, "account.html", browsers=browsers)


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(
    request: Request, _form: VerifiedForm, session: Transaction, person: Somebody
) -> Response:
    """Sign out of all browsers, this one too."""
    await signed_in.end_all_of(session, person.id)
    response = RedirectResponse(SIGN_IN, 303)
    cookies.forget_session(request, response)
    return response
