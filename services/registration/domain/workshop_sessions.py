"""The sessions of a workshop, and who of those enrolled came to each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from services.registration.domain.records import Record
from services.registration.domain.said import UNSAID, Said


@dataclass(frozen=True, slots=True)
class SessionDetails:
    """What is known of a session: its day, by the clock of its place when it begins and ends, and what is done."""

    workshop_id: UUID
    held_on: date
    identifier: str | None = None
    begins: time | None = None
    ends: time | None = None
    exercise: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """What was said of a session."""

    workshop_id: Said[UUID] = UNSAID
    held_on: Said[date] = UNSAID
    identifier: Said[str | None] = UNSAID
    begins: Said[time | None] = UNSAID
    ends: Said[time | None] = UNSAID
    exercise: Said[str | None] = UNSAID
    title: Said[str | None] = UNSAID


@dataclass(frozen=True, slots=True)
class WorkshopSession(Record[SessionDetails]):
    """A session as kept."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether somebody came to a session; of whom there is none, it is not known."""

    session_id: UUID
    participant_id: UUID
    workshop_id: UUID
    is_present: bool


def ends_after_it_begins(details: SessionDetails) -> bool:
    """Whether the times of a session, where both are known, are in order."""
    return details.begins is None or details.ends is None or details.begins < details.ends


class SessionDays:
    """On which days workshops had sessions, and who came to none of a day's: what a note is held against."""

    def __init__(self, sessions: Iterable[WorkshopSession], presences: Iterable[Presence]) -> None:
        days = {each.id: (each.details.workshop_id, each.details.held_on) for each in sessions}
        self._held = set(days.values())
        self._workshops = {workshop for workshop, _ in self._held}
        came: dict[tuple[UUID, date, UUID], bool] = {}
        # Between the two readings another session may be planned: who came to it is left aside.
        for each in (one for one in presences if one.session_id in days):
            key = (*days[each.session_id], each.participant_id)
            came[key] = came.get(key, False) or each.is_present
        self._absent = {key for key, is_present in came.items() if not is_present}

    def lacks(self, workshop_id: UUID, day: date) -> bool:
        """Whether the sessions of a workshop are known, and none is on this day."""
        return workshop_id in self._workshops and (workshop_id, day) not in self._held

    def was_absent(self, workshop_id: UUID, day: date, participant_id: UUID) -> bool:
        """Whether somebody is marked as absent on a day, and as present at none of its sessions."""
        return (workshop_id, day, participant_id) in self._absent
