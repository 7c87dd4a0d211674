"""Workshops and what was seen in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.registration.domain.places import Place
from services.registration.domain.records import Record
from services.registration.domain.said import UNSAID, Said, Unsaid, amended

LOWEST_LEVEL, HIGHEST_LEVEL = 0, 4
LONGEST_VENUE_NAME = 80
LONGEST_NOTE = 5000


@dataclass(frozen=True, slots=True)
class WorkshopDetails:
    """What is known of a workshop: its mediators and adviser by the ids of their staff records."""

    title: str
    venue: str
    place: Place
    starts_on: date
    ends_on: date
    agency_id: UUID
    identifier: str | None = None
    mediators: tuple[UUID, ...] = ()
    adviser: UUID | None = None
    operation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class WorkshopDraft:
    """What was said of a workshop."""

    identifier: Said[str | None] = UNSAID
    title: Said[str] = UNSAID
    venue: Said[str] = UNSAID
    place: Said[Place] = UNSAID
    starts_on: Said[date] = UNSAID
    ends_on: Said[date] = UNSAID
    agency_id: Said[UUID] = UNSAID
    mediators: Said[tuple[UUID, ...]] = UNSAID
    adviser: Said[UUID | None] = UNSAID
    operation_id: Said[UUID | None] = UNSAID


@dataclass(frozen=True, slots=True)
class Workshop(Record[WorkshopDetails]):
    """A workshop as kept."""

    def includes(self, day: date) -> bool:
        """Whether the workshop runs on that day."""
        return self.details.starts_on <= day <= self.details.ends_on

    @property
    def team(self) -> frozenset[UUID]:
        """Its mediators and its adviser."""
        return frozenset(self.details.mediators) | ({self.details.adviser} if self.details.adviser else frozenset())


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
class SeenDraft:
    """What was said of something seen."""

    level: Said[int] = UNSAID
    note: Said[str] = UNSAID


@dataclass(frozen=True, slots=True)
class Observation:
    """An observation as kept."""

    id: UUID
    revision: int
    framework: str
    key: ObservationKey
    seen: Seen
    is_retracted: bool = False
    written_by: UUID | None = None
    """Who wrote it down as it is now, where that is known; the rater is who saw it."""
    ordinal: int = 0
    """Tells apart the notes that hold under one key: no two have the same."""


@dataclass(frozen=True, slots=True)
class Matched:
    """How the notes that were handed in under one key meet those that are kept under it."""

    known: tuple[tuple[SeenDraft, Observation], ...]
    corrections: tuple[tuple[SeenDraft, Observation], ...]
    new: tuple[SeenDraft, ...]
    unclear: tuple[SeenDraft, ...] = ()
    """Those that say no level where no note is kept, or several: nothing tells which they are about."""


def match_notes(handed_in: Sequence[SeenDraft], kept: Sequence[Observation]) -> Matched:
    """Tell which notes of one key are known, which correct a kept one, and which are new.

    A note that is kept word for word stays, or level for level where its words are not said. Of the rest, the first
    handed in corrects the first kept, and so on; what is left over is new. So handing in the same notes twice changes
    nothing the second time. A note without a level is about the one that is kept, where it is one.
    """
    whole = [each for each in handed_in if not isinstance(each.level, Unsaid)]
    without_level = [each for each in handed_in if isinstance(each.level, Unsaid)]
    if without_level and (len(kept) != 1 or len(handed_in) != 1):
        return replace(match_notes(whole, kept), unclear=tuple(without_level))
    if without_level:
        (draft,) = handed_in
        pair = ((draft, kept[0]),)
        says_the_same = amended(kept[0].seen, draft) == kept[0].seen
        return Matched(pair, (), ()) if says_the_same else Matched((), pair, ())
    left, known = dict.fromkeys(handed_in), []
    free: dict[UUID, Observation] = {}
    for observation in kept:
        level, note = observation.seen.level, observation.seen.note
        same = next((each for each in (SeenDraft(level, note), SeenDraft(level)) if each in left), None)
        if same is None:
            free[observation.id] = observation
        else:
            del left[same]
            known.append((same, observation))
    corrections = tuple(zip(left, free.values(), strict=False))
    return Matched(tuple(known), corrections, tuple(left)[len(corrections) :])
