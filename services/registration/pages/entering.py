"""What all ways to sign in share: where they lead, and what the browser keeps of it."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.settings import Settings
from services.registration.use_cases.signing_in import sign_out
from shared.web import cookies


def settings_of(request: Request) -> Settings:
    """The settings of the application that serves the request."""
    settings = request.app.state.settings
    if not isinstance(settings, Settings):
        raise TypeError("app.state.settings are not those of registration")
    return settings


async def enter(request: Request, session: AsyncSession, token: str, goes_on_to: str) -> Response:
    """Have the browser keep whoever signed in, and no longer whoever was signed in on it before."""
    await sign_out(session, cookies.session_of(request) or "")
    response = RedirectResponse(local(goes_on_to), 303)
    cookies.keep_session(request, response, token, settings_of(request).lifetimes.longest)
    return response


def local(address: str) -> str:
    """The address to go on to, if it is one of this site: nobody is sent elsewhere by a link."""
    parts = urlsplit(address)
    is_local = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith("//")
    return address if is_local and "\\" not in address else "/"
