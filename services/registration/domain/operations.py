"""Operations: a venue, workshops and a meetup together, which the programme labels and counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.registration.domain.records import Record
from services.registration.domain.said import UNSAID, Said


@dataclass(frozen=True, slots=True)
class OperationDetails:
    """What is known of an operation; workshops and meetups say themselves that they are part of it."""

    name: str
    agency_id: UUID
    venue_id: UUID
    starts_on: date
    ends_on: date
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class OperationDraft:
    """What was said of an operation."""

    identifier: Said[str | None] = UNSAID
    name: Said[str] = UNSAID
    agency_id: Said[UUID] = UNSAID
    venue_id: Said[UUID] = UNSAID
    starts_on: Said[date] = UNSAID
    ends_on: Said[date] = UNSAID


@dataclass(frozen=True, slots=True)
class Operation(Record[OperationDetails]):
    """An operation as kept."""
