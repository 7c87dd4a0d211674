"""Who is asking at registration: a browser by its session, a program or another service by a short-lived token."""

from __future__ import annotations

from fastapi import Request

from services.registration.domain.accounts import SignedIn
from services.registration.settings import Settings
from services.registration.use_cases.signing_in import signed_in_as, signed_in_with
from shared.database import unit_of_work
from shared.identity import Identify, InvalidToken, Person, Role, bearer_token, now_of
from shared.ids import new_id
from shared.moment import Moment
from shared.tokens import Claims, TokenReader
from shared.web import cookies


def by_session_or_token(settings: Settings, tokens: TokenReader) -> Identify:
    """Whoever is signed in, or shows a token; a token of somebody signed in ends with their session, at once."""

    async def find(request: Request) -> Person | None:
        token, cookie = bearer_token(request), cookies.session_of(request)
        if token is None:
            return await _with_session(request, settings, cookie=cookie) if cookie else None
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
    async with unit_of_work(request.app.state.sessions) as session:
        if claims is not None and claims.session_id is not None:
            found = await signed_in_as(session, claims.session_id, settings.lifetimes, moment, is_demo=demo)
        else:
            found = await signed_in_with(session, cookie, settings.lifetimes, moment, is_demo=demo)
    request.state.signed_in = found
    request.state.signed_in_name = found.name if found else None
    return Person(found.staff_id, Role(found.duty.role), found.duty.agency_id) if found else None


def signed_in_or_none(request: Request) -> SignedIn | None:
    """How whoever asks is signed in; `None` where they are not, such as a program with a token of its own."""
    return getattr(request.state, "signed_in", None)
