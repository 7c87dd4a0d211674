"""Agencies and their staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.registration.domain.said import UNSAID, Said


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency; ``folded_name`` is its name as compared, ``department`` the INSEE code where it is known."""

    id: UUID
    name: str
    folded_name: str
    department: str | None = None
    revision: int = 1
    phone: str | None = None
    email: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """A mediator, an adviser, or an observer whose role nobody has said."""

    id: UUID
    email: str
    role: str | None
    agency_id: UUID | None


def agency_near(department: str | None, agencies: Iterable[Agency]) -> Agency | None:
    """The agency that vouches for what nobody said whose it is: the first of the département by name, or of all."""
    ordered = sorted(agencies, key=lambda each: (each.department != department, each.department or "~", each.name))
    return next(iter(ordered), None)


@dataclass(frozen=True, slots=True)
class AgencyContactDraft:
    """What was said of how an agency is reached."""

    phone: Said[str | None] = UNSAID
    email: Said[str | None] = UNSAID
    address: Said[str | None] = UNSAID
