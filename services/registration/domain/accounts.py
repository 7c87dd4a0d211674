"""Staff who may sign in: by invitation alone. Whoever is only named in a workshop or a file has no account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

StaffRole = Literal["mediator", "adviser", "manager", "operator"]

AGENCY_ROLES: frozenset[StaffRole] = frozenset({"mediator", "adviser"})
"""The roles that somebody has at one agency."""

MAY_ASSIGN: dict[str, frozenset[StaffRole]] = {
    "adviser": frozenset({"mediator"}),
    "manager": frozenset({"mediator", "adviser"}),
    "operator": frozenset({"mediator", "adviser", "manager", "operator"}),
}
"""Whom each role may invite, move and let go; advisers at their own agency alone."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What somebody does, and at which agency; managers and operators belong to none."""

    role: StaffRole
    agency_id: UUID | None


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """Somebody who was invited; ``id`` is the same as among the staff whom workshops name.

    ``issuer`` and ``subject`` are how their provider knows them, once they came from it.
    """

    id: UUID
    email: str
    duty: Duty
    name: str | None
    language: str
    revision: int
    left_at: datetime | None
    issuer: str | None
    subject: str | None

    @property
    def shown_name(self) -> str:
        """What they are called on pages."""
        return self.name or self.email


def may_assign(role: str, agency_id: UUID | None, duty: Duty) -> bool:
    """Whether somebody with a role, at an agency, may give others a duty, or take it from them."""
    is_within_reach = role != "adviser" or duty.agency_id == agency_id
    return duty.role in MAY_ASSIGN.get(role, frozenset()) and is_within_reach


def is_whole(duty: Duty) -> bool:
    """Whether an agency is named exactly where the role asks for one."""
    return (duty.role in AGENCY_ROLES) == (duty.agency_id is not None)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long somebody stays signed in: without asking for anything, and at the longest."""

    idle: timedelta
    longest: timedelta


LINK_LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class MailedLink:
    """A link to sign in: whose, where it leads afterwards, and until when."""

    staff_id: UUID
    goes_on_to: str
    ends_at: datetime


ATTEMPT_LASTS = timedelta(minutes=15)
"""How long somebody may take at their provider."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in begun at a provider: by which browser, what its token must hold, and where it leads afterwards."""

    visitor_digest: str
    nonce: str
    verifier: str
    goes_on_to: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider told of a sign-in: who it is, in which of its own sessions, and the token that ends it there."""

    issuer: str
    subject: str
    session: str | None
    id_token: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in on one browser, as what they were when they signed in: whatever changes that ends it."""

    id: UUID
    staff_id: UUID
    duty: Duty
    name: str
    is_demo: bool
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    provider: Provider | None = None
    agency: str | None = None
    """The name of the agency where they work."""

    def holds(self, now: datetime, lifetimes: Lifetimes) -> bool:
        """Whether it has not ended by itself."""
        return now < min(self.ends_at, self.seen_at + lifetimes.idle)
