"""Signing in and out at the organisation's provider (OpenID Connect)."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.adapters.provider import NotVouchedFor, OpenIdProvider, ProviderUnavailable
from services.registration.limits import SIGN_INS
from services.registration.pages.entering import enter, settings_of
from services.registration.settings import SIGN_IN
from services.registration.use_cases.provided import (
    attempt_of,
    begin_attempt,
    sign_in_provided,
    signed_out_there,
)
from shared.database import unit_of_work
from shared.identity import now_of
from shared.ids import new_id
from shared.moment import Moment
from shared.web import Problem, VerifiedForm, pages_of
from shared.web.edge import TransactionAtTheDoor, at_the_door
from shared.web.forms import visitor_of
from shared.web.limiting import limited_by_address

log = logging.getLogger(__name__)

AT_PROVIDER = f"{SIGN_IN}/provider"
COMES_BACK_TO = f"{AT_PROVIDER}/back"
TOLD_OF_LOGOUT = f"{AT_PROVIDER}/signed-out"

router = APIRouter(include_in_schema=False)

PROVIDER_AWAY = Problem(
    503,
    "provider-away",
    "Connexion impossible pour le moment",
    "Le service de connexion de votre organisation ne répond pas. Recommencez dans quelques minutes.",
    headers={"retry-after": "60"},
    english=("Signing in is not possible for the moment", "Your organisation’s sign-in does not answer. Try again."),
)
LOGOUT_REFUSED = Problem(
    400,
    "invalid-logout",
    "Jeton refusé",
    "Ce jeton de déconnexion n’est pas valable.",
    english=("Token refused", "This logout token is not valid."),
)
NOT_BEGUN_HERE = Problem(
    400,
    "sign-in-over",
    "Cette connexion n’a pas abouti",
    "Elle a duré trop longtemps, ou elle a commencé ailleurs. Revenez à la page de connexion, puis recommencez.",
    english=(
        "This sign-in did not succeed",
        "It took too long, or began elsewhere. Go back, and try again.",
    ),
)


def _provider(request: Request) -> OpenIdProvider:
    provider = request.app.state.provider
    if not isinstance(provider, OpenIdProvider):
        raise TypeError("app.state.provider is no OpenIdProvider")
    return provider


Provided = Annotated[OpenIdProvider, Depends(_provider)]


@router.post(AT_PROVIDER, dependencies=[Depends(limited_by_address(SIGN_INS))])
async def go_to_provider(
    request: Request, form: VerifiedForm, session: TransactionAtTheDoor, provider: Provided
) -> Response:
    """Send somebody to their provider."""
    moment = Moment(now_of(request), new_id)
    begun = await begin_attempt(session, visitor_of(request), str(form.get("next", "/")), moment)
    attempt = begun.attempt
    try:
        address = await provider.sign_in_url(state=begun.state, nonce=attempt.nonce, verifier=attempt.verifier)
    except ProviderUnavailable as error:
        log.warning("the provider cannot be reached: %s", error)
        raise PROVIDER_AWAY from None
    return RedirectResponse(address, 303)


@router.get(COMES_BACK_TO, dependencies=[Depends(limited_by_address(SIGN_INS))])
async def come_back(request: Request, provider: Provided, state: str = "", code: str = "") -> Response:
    """Let in whoever comes back vouched for, if they were invited."""
    moment = Moment(now_of(request), new_id)
    # Of its own, so that it is used up whatever comes of it.
    async with unit_of_work(request.app.state.sessions, at_the_door(request)) as session:
        attempt = await attempt_of(session, state, visitor_of(request), moment)
    if attempt is None or not code:
        raise NOT_BEGUN_HERE
    try:
        came = await provider.who_came_back(code, nonce=attempt.nonce, verifier=attempt.verifier, now=moment.now)
    except NotVouchedFor as error:
        log.warning("a sign-in was refused: %s", error)
        raise NOT_BEGUN_HERE from None
    except ProviderUnavailable as error:
        log.warning("the provider cannot be reached: %s", error)
        raise PROVIDER_AWAY from None
    lifetimes = settings_of(request).lifetimes
    async with unit_of_work(request.app.state.sessions, at_the_door(request)) as session:
        token = await sign_in_provided(session, came.provider, came.email, came.name, lifetimes, moment)
        if token is None:
            return pages_of(request).page(request, "not_invited.html", status=403, has_address=came.email is not None)
        return await enter(request, session, token, attempt.goes_on_to)


@router.post(TOLD_OF_LOGOUT)
async def hear_of_logout(
    request: Request,
    session: TransactionAtTheDoor,
    provider: Provided,
    logout_token: Annotated[str, Form(max_length=10_000)],
) -> Response:
    """Sign out whom the provider says to have signed out (back-channel logout): it asks, no browser does."""
    try:
        subject, provider_session = await provider.who_left(logout_token, now_of(request))
    except NotVouchedFor:
        raise LOGOUT_REFUSED from None
    except ProviderUnavailable:
        raise PROVIDER_AWAY from None
    await signed_out_there(session, provider.issuer, subject, provider_session)
    return Response(status_code=200)
