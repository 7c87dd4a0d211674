"""Meetups: when and where, who may be paired there, and what came of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.registration.domain.participants import AccessNeed
from services.registration.domain.places import Place, civil_date
from services.registration.domain.records import Record
from services.registration.domain.said import UNSAID, Said, amended

LONGEST_SLOT_MINUTES, MOST_SLOTS, MOST_TABLES = 240, 200, 1000

LONGER_WITH: frozenset[AccessNeed] = frozenset({"more-time", "interpreter", "sign-language"})
"""What makes each meeting longer."""

OutcomeKind = Literal["hired", "trial", "second-meeting", "training", "none"]


@dataclass(frozen=True, slots=True)
class MeetupDetails:
    """What is known of a meetup.

    ``front_tables`` is how many tables, the first by their numbers, stand near the entrance and are reached without
    steps; where it is absent, all are.
    """

    title: str
    venue: str
    place: Place
    agency_id: UUID
    starts_at: datetime
    slot_minutes: int
    slots: int
    identifier: str | None = None
    breaks: tuple[int, ...] = ()
    front_tables: int | None = None
    address: str | None = None
    access: str | None = None
    operation_id: UUID | None = None

    @property
    def ends_at(self) -> datetime:
        """When the last slot ends."""
        return self.starts_at + timedelta(minutes=self.slot_minutes * self.slots)


@dataclass(frozen=True, slots=True)
class MeetupDraft:
    """What was said of a meetup."""

    identifier: Said[str | None] = UNSAID
    title: Said[str] = UNSAID
    venue: Said[str] = UNSAID
    place: Said[Place] = UNSAID
    agency_id: Said[UUID] = UNSAID
    starts_at: Said[datetime] = UNSAID
    slot_minutes: Said[int] = UNSAID
    slots: Said[int] = UNSAID
    breaks: Said[tuple[int, ...]] = UNSAID
    front_tables: Said[int | None] = UNSAID
    address: Said[str | None] = UNSAID
    access: Said[str | None] = UNSAID
    operation_id: Said[UUID | None] = UNSAID
    is_cancelled: Said[bool] = UNSAID


@dataclass(frozen=True, slots=True)
class Meetup(Record[MeetupDetails]):
    """A meetup as kept; ``needs`` maps each invited need to the number of people who interview side by side.

    ``directions`` counts the versions of its street address and access.
    """

    needs: tuple[tuple[UUID, int], ...] = ()
    is_cancelled: bool = False
    directions: int = 1

    def amended(self, draft: MeetupDraft) -> Meetup:
        """The meetup with what was said."""
        details = amended(self.details, draft)
        is_found_otherwise = (details.address, details.access) != (self.details.address, self.details.access)
        return replace(self, details=details, directions=self.directions + is_found_otherwise)


@dataclass(frozen=True, slots=True)
class Constraints:
    """What the timetable must respect for one participant, for whatever reason: it may be anybody's.

    With ``double_slot`` each of their meetings takes two slots in a row, with ``front_table`` they meet at front tables
    only.
    """

    first_slot: int | None = None
    last_slot: int | None = None
    double_slot: bool = False
    front_table: bool = False

    def joined(self, other: Constraints) -> Constraints:
        """Both at once, within the slots that these name."""
        return replace(
            self,
            double_slot=self.double_slot or other.double_slot,
            front_table=self.front_table or other.front_table,
        )


def asked_by(access_needs: Collection[AccessNeed]) -> Constraints:
    """What access needs ask of a timetable, which says no more of them than what it must respect."""
    return Constraints(double_slot=not LONGER_WITH.isdisjoint(access_needs), front_table="step-free" in access_needs)


def is_past(starts_at: datetime, now: datetime) -> bool:
    """Whether a meetup that starts then can no longer be set."""
    return starts_at <= now


def ends_the_same_day(meetup: MeetupDetails) -> bool:
    """Whether all slots fit in the day of the meetup, by the clock of its place."""
    return civil_date(meetup.ends_at, meetup.place) == civil_date(meetup.starts_at, meetup.place)


def has_its_breaks(meetup: MeetupDetails) -> bool:
    """Whether every break is one of the meetup's slots."""
    return all(slot < meetup.slots for slot in meetup.breaks)


def has_time_to_meet(meetup: MeetupDetails) -> bool:
    """Whether a slot is left that is no break."""
    return len(set(meetup.breaks)) < meetup.slots


def has_slots(constraints: Constraints, slots: int) -> bool:
    """Whether the window of the constraints lies within the meetup and is not empty."""
    first = constraints.first_slot if constraints.first_slot is not None else 0
    last = constraints.last_slot if constraints.last_slot is not None else slots - 1
    return 0 <= first <= last < slots
