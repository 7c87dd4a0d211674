"""Limits in routes: who asks too often is told how long to wait, and every answer tells what is left."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Table
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.identity import Person, bearer_token, current_person, seal_of
from shared.limits import Left, Limit, LimitReached, Limits
from shared.web.problems import Problem

TOLD = "told_limits"
"""Where the state of a request keeps what its answer tells of limits."""

MINUTE = 60

BEARER_GUESSES = Limit("bearer-guesses", times=100, within=timedelta(minutes=10))
"""Bearers that open nothing, from one network address, behind which a whole agency may be."""


@dataclass(frozen=True)
class Limited:
    """A dependency that counts each request of somebody signed in. Raises `LimitReached`.

    Use: ``@router.get("/…", dependencies=[Depends(Limited(SEARCHES))])``; it comes before all else that it does, and
    the document of the service says so.
    """

    limit: Limit

    async def __call__(self, request: Request, person: Annotated[Person, Depends(current_person)]) -> None:
        """Count one more time."""
        await spend(request, self.limit, f"person {person.id}")


def limited_by_address(limit: Limit) -> Callable[..., Awaitable[None]]:
    """A dependency that counts each request from one network address, of whoever has no account yet."""

    async def count(request: Request) -> None:
        await spend(request, limit, address_of(request))

    return count


def limited_guesses(limit: Limit, is_wrong: Callable[[Exception], bool]) -> Callable[..., AsyncIterator[None]]:
    """A dependency that counts what fails so, from one network address: guesses of what nobody can know.

    Who has guessed too often is refused before they guess again; who knows is never counted.
    """

    async def count(request: Request) -> AsyncIterator[None]:
        address = address_of(request)
        await limits_of(request).check(limit, address)
        try:
            yield
        except Exception as error:
            if is_wrong(error):
                await spend(request, limit, address)
            raise

    return count


async def count_bearer_guess(request: Request) -> None:
    """Count that somebody showed a bearer and is nobody all the same. Raises `LimitReached`.

    Whoever shows a good one is never counted and never asked for, so it opens as before from an address that guesses.
    """
    if bearer_token(request) is not None and isinstance(request.app.state.limits, Table):
        await spend(request, BEARER_GUESSES, address_of(request))


async def spend(request: Request, limit: Limit, who: str) -> Left:
    """Count one more time for whoever is named, and have the answer tell it. Raises `LimitReached`."""
    left = await limits_of(request).spend(limit, who)
    told = request.scope.setdefault("state", {}).setdefault(TOLD, [])
    told.append(left)
    return left


def limits_of(request: Request) -> Limits:
    """The limits of the application that serves the request."""
    state = request.app.state
    if not isinstance(state.limits, Table):
        raise TypeError("the application was made without a table of limits")
    return Limits(state.sessions, state.limits, seal_of(request))


def address_of(request: Request) -> str:
    """The network address that asks; of IPv6 the network, since one subscriber has all addresses of it."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"address {host}"
    network = ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False)
    return f"address {network}"


def too_many(reached: LimitReached) -> Problem:
    """The problem of somebody who asks too often."""
    seconds = max(ceil(reached.left.wait.total_seconds()), 1)
    return Problem(
        429,
        "too-many-requests",
        "Trop de demandes",
        f"Vous avez fait cette demande trop souvent. Attendez {_in_french(seconds)}, puis recommencez.",
        headers={"retry-after": str(seconds), **headers_of([reached.left])},
        english=(
            "Too many requests",
            f"You asked for this too often. Wait for {_in_english(seconds)}, then try again.",
        ),
        limit=reached.left.limit.name,
    )


def headers_of(told: list[Left]) -> dict[str, str]:
    """What the headers `RateLimit-Policy` and `RateLimit` say (draft-ietf-httpapi-ratelimit-headers-10)."""
    policies = (f'"{each.limit.name}";q={each.limit.times};w={_seconds(each.limit.within)}' for each in told)
    left = (f'"{each.limit.name}";r={each.times};t={_seconds(each.whole_in)}' for each in told)
    return {"ratelimit-policy": ", ".join(policies), "ratelimit": ", ".join(left)}


class ToldLimits:
    """Adds what was counted of a request to its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and state.get(TOLD):
                headers = MutableHeaders(scope=message)
                for name, value in headers_of(state[TOLD]).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _seconds(time: timedelta) -> int:
    return ceil(time.total_seconds())


def _in_french(seconds: int) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds}\u00a0secondes" if seconds > 1 else "une seconde"
    return f"{ceil(seconds / MINUTE)}\u00a0minutes"


def _in_english(seconds: int) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds} seconds" if seconds > 1 else "one second"
    return f"{ceil(seconds / MINUTE)} minutes"
