"""Who is asking at registration: a browser by its session, another system by its credential, a service by a token."""

from __future__ import annotations

from fastapi import Request

from services.registration.domain.accounts import SignedIn
from services.registration.domain.credentials import PREFIX, Credential
from services.registration.settings import Settings
from services.registration.use_cases.credentials import credential_with, holder_of
from services.registration.use_cases.signing_in import signed_in_as, signed_in_with
from shared.database import unit_of_work
from shared.identity import Identify, InvalidToken, Person, Role, bearer_token, now_of
from shared.ids import new_id
from shared.moment import Moment
from shared.tokens import Claims, TokenReader
from shared.web import cookies
from shared.web.edge import at_the_door


def by_session_or_token(settings: Settings, tokens: TokenReader) -> Identify:
    """Whoever is signed in, or shows a credential or a token.

    A token of somebody signed in ends with their session, at once.
    """

    async def find(request: Request) -> Person | None:
        token, cookie = bearer_token(request), cookies.session_of(request)
        if token is None:
            return await _with_session(request, settings, cookie=cookie) if cookie else None
        if token.startswith(PREFIX):
            return await _with_credential(request, token)
        try:
            claims = await tokens.read(token, now=now_of(request))
        except InvalidToken:
            return None
        return await _with_session(request, settings, claims=claims) if claims.session_id else claims.person

    return find


async def _with_session(
    request: Request, settings: Settings, *, cookie: str = "", claims: Claims | None = None
) -> Person | None:
    moment, demo = Moment(now_of(request), new_id), settings.demo_sign_in
    async with unit_of_work(request.app.state.sessions, at_the_door(request)) as session:
        if claims is not None and claims.session_id is not None:
            found = await signed_in_as(session, claims.session_id, settings.lifetimes, moment, is_demo=demo)
        else:
            found = await signed_in_with(session, cookie, settings.lifetimes, moment, is_demo=demo)
    request.state.signed_in = found
    request.state.signed_in_name = found.name if found else None
    return Person(found.staff_id, Role(found.duty.role), found.duty.agency_id) if found else None


async def _with_credential(request: Request, secret: str) -> Person | None:
    async with unit_of_work(request.app.state.sessions, at_the_door(request)) as session:
        found = await credential_with(session, secret, Moment(now_of(request), new_id))
    request.state.credential = found
    return holder_of(found) if found else None


def credential_or_none(request: Request) -> Credential | None:
    """The credential that another system shows; `None` where somebody else asks."""
    return getattr(request.state, "credential", None)


def signed_in_or_none(request: Request) -> SignedIn | None:
    """How whoever asks is signed in; `None` where they are not, such as a program with a token of its own."""
    return getattr(request.state, "signed_in", None)
