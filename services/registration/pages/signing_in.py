"""The page to sign in, by whichever way there is, and signing out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.pages.entering import SIGN_IN, local, settings_of
from services.registration.pages.signing_in_for_show import guises
from services.registration.use_cases import signing_in as use_cases
from shared.web import VerifiedForm, cookies, pages_of
from shared.web.edge import Transaction

router = APIRouter(include_in_schema=False)


@router.get(SIGN_IN)
async def choose_way(request: Request, session: Transaction, next: str = "/") -> Response:  # noqa: A002
    """The ways to sign in: a link by mail, and for a demonstration one button for each of its people."""
    settings = settings_of(request)
    return pages_of(request).page(
        request,
        "sign_in.html",
        by_mail=settings.mail_sign_in,
        guises=await guises(session) if settings.demo_sign_in else (),
        next=local(next),
    )


@router.post("/sign-out")
async def sign_out(request: Request, _form: VerifiedForm, session: Transaction) -> Response:
    """Sign out."""
    await use_cases.sign_out(session, cookies.session_of(request) or "")
    response = RedirectResponse(SIGN_IN, 303)
    cookies.forget_session(request, response)
    return response
