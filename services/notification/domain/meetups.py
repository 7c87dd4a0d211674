"""A meetup and its meetings: where and when people meet. A meeting has no time of its own; the meetup gives it one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from shared.language import Bilingual
from shared.moment import PARIS


@dataclass(frozen=True, slots=True)
class Meeting:
    """One participant with one need at a table, with its account in two voices: from ``slot`` on, ``length`` slots."""

    id: UUID
    participant_id: UUID
    need_id: UUID
    employer_id: UUID
    slot: int
    length: int
    table: int
    position: int
    for_participant: Bilingual
    for_employer: Bilingual


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when something lasts."""

    starts_at: datetime
    ends_at: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether it lasts at that moment."""
        return self.starts_at <= moment < self.ends_at


@dataclass(frozen=True, slots=True)
class Meetup:
    """Where and when people meet, as far as a letter needs it.

    ``directions`` counts the versions of its street address and access, which registration keeps for itself.
    """

    id: UUID
    agency_id: UUID
    venue: str
    commune: str
    directions: int
    starts_at: datetime
    slot_minutes: int
    slots: int
    is_cancelled: bool = False

    @property
    def ends_at(self) -> datetime:
        """When the last slot is over."""
        return self.starts_at + timedelta(minutes=self.slot_minutes * self.slots)

    @property
    def day(self) -> date:
        """The day by the programme's clock."""
        return self.starts_at.astimezone(PARIS).date()

    def hours_of(self, meeting: Meeting) -> Period:
        """When a meeting takes place, as the meetup is now: the only place where a slot becomes a time."""
        starts_at = self.starts_at + timedelta(minutes=self.slot_minutes * meeting.slot)
        return Period(starts_at, starts_at + timedelta(minutes=self.slot_minutes * meeting.length))
