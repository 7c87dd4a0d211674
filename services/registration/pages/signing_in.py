"""The page to sign in, by whichever way there is, and signing out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.adapters.provider import OpenIdProvider, ProviderUnavailable
from services.registration.domain.accounts import SignedIn
from services.registration.pages.entering import local, settings_of
from services.registration.pages.signing_in_for_show import guises
from services.registration.settings import SIGN_IN
from services.registration.use_cases import signing_in as use_cases
from shared.web import VerifiedForm, cookies, pages_of
from shared.web.edge import TransactionAtTheDoor

router = APIRouter(include_in_schema=False)


@router.get(SIGN_IN)
async def choose_way(request: Request, session: TransactionAtTheDoor, next: str = "/") -> Response:  # noqa: A002
    """The ways to sign in: a link by mail, and for a demonstration one button for each of its people."""
    settings = settings_of(request)
    return pages_of(request).page(
        request,
        "sign_in.html",
        provider=settings.provider_name if settings.provider_issuer else None,
        by_mail=settings.mail_sign_in,
        guises=await guises(session) if settings.demo_sign_in else (),
        next=local(next),
    )


@router.post("/sign-out")
async def sign_out(request: Request, _form: VerifiedForm, session: TransactionAtTheDoor) -> Response:
    """Sign out."""
    ended = await use_cases.sign_out(session, cookies.session_of(request) or "")
    response = RedirectResponse(await _sign_out_there(request, ended) or SIGN_IN, 303)
    cookies.forget_session(request, response)
    return response


async def _sign_out_there(request: Request, ended: SignedIn | None) -> str | None:
    """Where the provider signs somebody out as well; here they are out already, whether it answers or not."""
    provider: OpenIdProvider | None = request.app.state.provider
    if provider is None or ended is None or ended.provider is None:
        return None
    settings = settings_of(request)
    try:
        return await provider.sign_out_url(ended.provider.id_token, settings.public_url.rstrip("/") + SIGN_IN)
    except ProviderUnavailable:
        return None
