"""Venues: where workshops and meetups are held, and how people find them."""

from __future__ import annotations

from dataclasses import dataclass

from services.registration.domain.places import Place
from services.registration.domain.records import Record
from services.registration.domain.said import UNSAID, Said

VenueKey = tuple[str, str]
"""What tells a venue from others: its name as compared, and the INSEE code of its commune."""


@dataclass(frozen=True, slots=True)
class VenueDetails:
    """What is known of a venue; ``contact`` is whom the agency calls there, told to nobody else."""

    name: str
    place: Place
    address: str | None = None
    access: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class VenueDraft:
    """What was said of a venue: its name and commune always, since they tell it from others."""

    name: str
    place: Place
    address: Said[str | None] = UNSAID
    access: Said[str | None] = UNSAID
    contact: Said[str | None] = UNSAID


@dataclass(frozen=True, slots=True)
class Venue(Record[VenueDetails]):
    """A venue as kept."""
