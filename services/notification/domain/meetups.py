"""A meetup and its meetings: where and when people meet. A meeting has no time of its own; the meetup gives it one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
"""The programme's clock, by which a day begins and ends."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same text in French and in English."""

    fr: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in one of both languages."""
        return self.en if language == "en" else self.fr


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
    for_participant: Words
    for_employer: Words


@dataclass(frozen=True, slots=True)
class Hours:
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

    def hours_of(self, meeting: Meeting) -> Hours:
        """When a meeting takes place, as the meetup is now: the only place where a slot becomes a time."""
        starts_at = self.starts_at + timedelta(minutes=self.slot_minutes * meeting.slot)
        return Hours(starts_at, starts_at + timedelta(minutes=self.slot_minutes * meeting.length))
