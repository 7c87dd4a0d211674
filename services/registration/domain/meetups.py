"""Meetups: when and where, who may be paired there, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.registration.domain.places import Place

PARIS = ZoneInfo("Europe/Paris")
"""The programme's clock: dates and times without a zone are read by it."""

LONGEST_SLOT_MINUTES, MOST_SLOTS = 240, 200

OutcomeKind = Literal["hired", "trial", "second-meeting", "training", "none"]


@dataclass(frozen=True, slots=True)
class MeetupDraft:
    """A meetup as handed in."""

    identifier: str | None
    title: str
    venue: str
    place: Place
    agency_id: UUID
    starts_at: datetime
    slot_minutes: int
    slots: int
    breaks: tuple[int, ...] = ()
    ground_floor_tables: int | None = None
    address: str | None = None
    access: str | None = None

    @property
    def ends_at(self) -> datetime:
        """When the last slot ends."""
        return self.starts_at + timedelta(minutes=self.slot_minutes * self.slots)


@dataclass(frozen=True, slots=True)
class Meetup:
    """A meetup as kept; ``needs`` maps each invited need to the number of people who interview side by side.

    ``directions`` counts the versions of its street address and access.
    """

    id: UUID
    revision: int
    draft: MeetupDraft
    needs: tuple[tuple[UUID, int], ...] = ()
    is_cancelled: bool = False
    directions: int = 1

    def redrafted(self, draft: MeetupDraft) -> Meetup:
        """The meetup as handed in anew."""
        is_found_otherwise = (draft.address, draft.access) != (self.draft.address, self.draft.access)
        return replace(self, draft=draft, revision=self.revision + 1, directions=self.directions + is_found_otherwise)


@dataclass(frozen=True, slots=True)
class Constraints:
    """What the timetable must respect for one participant. Why is nobody's business, so no reason is kept."""

    first_slot: int | None = None
    last_slot: int | None = None
    longer_slot: bool = False
    ground_floor: bool = False


def is_past(starts_at: datetime, now: datetime) -> bool:
    """Whether a meetup that starts then can no longer be set."""
    return starts_at <= now


def ends_the_same_day(draft: MeetupDraft) -> bool:
    """Whether all slots fit in the day of the meetup, by the clock of the programme."""
    return draft.ends_at.astimezone(PARIS).date() == draft.starts_at.astimezone(PARIS).date()


def has_slots(constraints: Constraints, slots: int) -> bool:
    """Whether the window of the constraints lies within the meetup and is not empty."""
    first = constraints.first_slot if constraints.first_slot is not None else 0
    last = constraints.last_slot if constraints.last_slot is not None else slots - 1
    return 0 <= first <= last < slots
