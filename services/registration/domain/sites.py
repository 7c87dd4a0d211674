"""Sites of employers: where their people work, and how one gets there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.registration.domain.places import Place
from services.registration.domain.records import Record
from services.registration.domain.said import UNSAID, Said


@dataclass(frozen=True, slots=True)
class SiteDetails:
    """What is known of a site; ``siret`` is the establishment's, ``access`` how the workplace is reached."""

    employer_id: UUID
    name: str
    place: Place
    identifier: str | None = None
    siret: str | None = None
    address: str | None = None
    access: str | None = None


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """What was said of a site."""

    identifier: Said[str | None] = UNSAID
    employer_id: Said[UUID] = UNSAID
    name: Said[str] = UNSAID
    place: Said[Place] = UNSAID
    siret: Said[str | None] = UNSAID
    address: Said[str | None] = UNSAID
    access: Said[str | None] = UNSAID


@dataclass(frozen=True, slots=True)
class Site(Record[SiteDetails]):
    """A site as kept."""
