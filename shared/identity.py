"""Who is asking: roles, and the dependency that knows whose request it is.

How a request proves who asks is the service's own matter: a session's cookie at registration, a short-lived token
elsewhere (`shared.tokens`). The application is told once (``app.state.identify``) and asks for each request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from fastapi import Request
from itsdangerous.signer import Signer

SHORTEST_SECRET = 32
"""How many characters a seal's secret has at least."""


class Role(StrEnum):
    """What somebody does in the programme. Participants and employers hold links instead of a role."""

    MEDIATOR = "mediator"
    ADVISER = "adviser"
    MANAGER = "manager"
    OPERATOR = "operator"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in, or a service on an errand; ``agency_id`` is absent for those who belong to none.

    Another system with a credential asks as one, too: of what the role gives it has those ``rights`` alone; `None` is
    all of them.
    """

    id: UUID
    role: Role
    agency_id: UUID | None = None
    rights: frozenset[str] | None = None


class InvalidToken(Exception):
    """A token is forged, damaged or past its time. The text never quotes it."""


class NotSignedIn(Exception):
    """Nobody valid is asking."""


class NotAllowed(Exception):
    """Somebody known asks for what their role or agency does not give them."""


class Seal:
    """Marks what its holder has seen, with one secret that nobody else has."""

    def __init__(self, secret: str) -> None:
        """Raise `ValueError` for a secret that is too short to keep one."""
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the seal secret needs at least {SHORTEST_SECRET} characters")
        self._marks = Signer(secret, salt="vernissage.mark.v1", digest_method=hashlib.sha256, key_derivation="hmac")

    def mark(self, purpose: str, value: str) -> str:
        """A short proof that this seal's holder saw ``value`` for ``purpose``: form tokens and keyed hashes."""
        return self._marks.get_signature(f"{purpose}\0{value}").decode()

    def has_marked(self, purpose: str, value: str, mark: str) -> bool:
        """Whether ``mark`` is this seal's proof, compared in constant time."""
        return self._marks.verify_signature(f"{purpose}\0{value}", mark)


Clock = Callable[[], datetime]
"""Tells the time, with its zone."""


def wall_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def seal_of(request: Request) -> Seal:
    """The seal of the application that serves the request."""
    seal = request.app.state.seal
    if not isinstance(seal, Seal):
        raise TypeError("app.state.seal is no Seal")
    return seal


def now_of(request: Request) -> datetime:
    """The time at which the request is served, by the application's clock."""
    clock: Clock = request.app.state.clock
    return clock()


Identify = Callable[[Request], Awaitable[Person | None]]
"""Finds out who is asking; `None` where nobody says so, or what they show does not hold."""


async def identify(request: Request) -> None:
    """Find out who is asking, once for the request: a dependency that comes before all others."""
    find: Identify = request.app.state.identify
    request.state.person = await find(request)


def person_or_none(request: Request) -> Person | None:
    """Who is asking, once `identify` found out; `None` where nobody is known."""
    return getattr(request.state, "person", None)


def current_person(request: Request) -> Person:
    """Who is asking, as a dependency; raises `NotSignedIn`."""
    person = person_or_none(request)
    if person is None:
        raise NotSignedIn
    return person


def bearer_token(request: Request) -> str | None:
    """The token that a program shows, if it shows one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
