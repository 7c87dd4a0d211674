"""Who is asking: sealed tokens, roles, and the dependencies that let a request in.

A token is stateless: it holds the person's id, role and agency with an end of validity, sealed by HMAC-SHA-256 with the
secret that all services share, so that any service verifies it without asking another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.signer import Signer

SESSION_COOKIE = "vernissage_session"
"""The cookie that holds a signed-in person's token."""

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
    """Somebody signed in, or a service on an errand; ``agency_id`` is absent for those who belong to none."""

    id: UUID
    role: Role
    agency_id: UUID | None = None


class InvalidToken(Exception):
    """A token is forged, damaged or past its time. The text never quotes it."""


class NotSignedIn(Exception):
    """Nobody valid is asking."""


class NotAllowed(Exception):
    """Somebody known asks for what their role or agency does not give them."""


class Seal:
    """Signs and reads tokens with one secret."""

    def __init__(self, secret: str) -> None:
        """Raise `ValueError` for a secret that is too short to keep one."""
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the seal secret needs at least {SHORTEST_SECRET} characters")
        options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._tokens = URLSafeSerializer(secret, salt="vernissage.person.v1", signer_kwargs=options)
        self._marks = Signer(secret, salt="vernissage.mark.v1", digest_method=hashlib.sha256, key_derivation="hmac")

    def sign(self, person: Person, *, now: datetime, lifetime: timedelta) -> str:
        """A token that stands for ``person`` until ``now + lifetime``."""
        claims = {
            "id": str(person.id),
            "role": person.role.value,
            "agency": str(person.agency_id) if person.agency_id else None,
            "until": (now + lifetime).timestamp(),
        }
        token = self._tokens.dumps(claims)
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str, *, now: datetime) -> Person:
        """The person whom a token stands for; raises `InvalidToken`."""
        try:
            claims: dict[str, Any] = self._tokens.loads(token)
            until = float(claims["until"])
            agency = claims["agency"]
            person = Person(UUID(claims["id"]), Role(claims["role"]), UUID(agency) if agency else None)
        except (BadData, KeyError, TypeError, ValueError):
            raise InvalidToken("the token is forged or damaged") from None
        if now.timestamp() >= until:
            raise InvalidToken("the token is past its time")
        return person

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


def person_or_none(request: Request) -> Person | None:
    """Who is asking, by Bearer token or session cookie; `None` where there is neither or it does not hold."""
    token = _bearer_token(request) or request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    try:
        return seal_of(request).read(token, now=now_of(request))
    except InvalidToken:
        return None


def current_person(request: Request) -> Person:
    """Who is asking, as a dependency; raises `NotSignedIn`."""
    person = person_or_none(request)
    if person is None:
        raise NotSignedIn
    return person


def require(*roles: Role) -> Callable[[Person], Person]:
    """A dependency that lets only these roles in; raises `NotSignedIn` or `NotAllowed`.

    Use: ``person: Annotated[Person, Depends(require(Role.ADVISER, Role.MANAGER))]``.
    """

    def person_with_role(person: Annotated[Person, Depends(current_person)]) -> Person:
        if person.role not in roles:
            raise NotAllowed
        return person

    return person_with_role


def check_agency(person: Person, agency_id: UUID | None) -> None:
    """Let an adviser or mediator touch only what belongs to their agency; managers and operators see the region.

    Raises `NotAllowed`.
    """
    if person.role in (Role.ADVISER, Role.MEDIATOR) and (agency_id is None or person.agency_id != agency_id):
        raise NotAllowed


def _bearer_token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
