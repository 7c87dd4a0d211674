"""Workshops and what was seen in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.registration.domain.places import Place

LOWEST_LEVEL, HIGHEST_LEVEL = 0, 4
LONGEST_VENUE_NAME = 80
LONGEST_NOTE = 5000


@dataclass(frozen=True, slots=True)
class WorkshopDraft:
    """A workshop as handed in: its mediators and adviser by the ids of their staff records."""

    identifier: str | None
    title: str
    venue: str
    place: Place
    starts_on: date
    ends_on: date
    agency_id: UUID
    mediators: tuple[UUID, ...] = ()
    adviser: UUID | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """A workshop as kept."""

    id: UUID
    revision: int
    draft: WorkshopDraft

    def includes(self, day: date) -> bool:
        """Whether the workshop runs on that day."""
        return self.draft.starts_on <= day <= self.draft.ends_on

    @property
    def team(self) -> frozenset[UUID]:
        """Its mediators and its adviser."""
        return frozenset(self.draft.mediators) | ({self.draft.adviser} if self.draft.adviser else frozenset())


@dataclass(frozen=True, slots=True)
class ObservationKey:
    """What one note is about: two notes with the same key are of the same rater, person, skill, exercise and day."""

    workshop_id: UUID
    participant_id: UUID
    rater_id: UUID
    seen_on: date
    exercise: str
    skill: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a note says: the level, and the words beside it, which never leave registration."""

    level: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """An observation as kept."""

    id: UUID
    revision: int
    framework: str
    key: ObservationKey
    seen: Seen
    is_retracted: bool = False


@dataclass(frozen=True, slots=True)
class Matched:
    """How the notes that were handed in under one key meet those that are kept under it."""

    new: tuple[Seen, ...]
    corrections: tuple[tuple[Observation, Seen], ...]


def match_notes(handed_in: tuple[Seen, ...], kept: tuple[Observation, ...]) -> Matched:
    """Tell which notes of one key are new and which correct a kept one.

    A note that is kept word for word stays. Of the rest, the first handed in corrects the first kept, and so on; what
    is left over is new. So handing in the same notes twice changes nothing the second time.
    """
    known = {observation.seen for observation in kept}
    left = [note for note in dict.fromkeys(handed_in) if note not in known]
    correctable = [observation for observation in kept if observation.seen not in set(handed_in)]
    pairs = tuple(zip(correctable, left, strict=False))
    return Matched(new=tuple(left[len(pairs) :]), corrections=pairs)
