"""A pairing: the meetings of one meetup with their reasons, who stands in reserve, and what was dropped and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.matching.domain.scoring import Score
from services.matching.domain.situation import Pair, ScheduledMeeting
from shared.language import Bilingual

Cause = Literal[
    "first-pairing",
    "pin",
    "forbid",
    "refusal",
    "withdrawal",
    "closed-need",
    "uninvited-need",
    "changed-need",
    "changed-meetup",
    "constraint",
    "clash",
    "capacity",
    "arrival",
    "changed-participant",
    "observations",
    "reserve",
    "follows",
    "policy",
    "unexplained",
]
"""Why a meeting is new, gone or elsewhere; the words of the pairings contract."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A pairing without its reasons: who meets whom, when and where, and who stands in reserve."""

    meetings: tuple[ScheduledMeeting, ...]
    reserve: tuple[Pair, ...]

    @property
    def pairs(self) -> frozenset[Pair]:
        """Who meets whom."""
        return frozenset(meeting.pair for meeting in self.meetings)

    @property
    def people(self) -> frozenset[UUID]:
        """Everybody whom the pairing counts on, those in reserve too."""
        met = {meeting.participant_id for meeting in self.meetings}
        return frozenset(met | {pair.participant_id for pair in self.reserve})


@dataclass(frozen=True, slots=True)
class Account:
    """Why this pair, in three voices."""

    for_participant: Bilingual
    for_adviser: Bilingual
    for_employer: Bilingual


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind one skill: notes, distinct raters, where and in which exercises."""

    skill: str
    observations: int
    raters: int
    venues: tuple[str, ...]
    exercises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Everything that a pair's rank rests on. `distance_km` is by road, None when a place is
    not known; `utility` and `liking` lie in [0, 1]."""

    score: Score
    liking: float
    utility: float
    distance_km: float | None
    evidence: tuple[Evidence, ...]
    account: Account


@dataclass(frozen=True, slots=True)
class Meeting(ScheduledMeeting):
    """A planned meeting with its reasons."""

    is_pinned: bool
    is_kept: bool
    is_worthwhile: bool
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class ReservePlace:
    """Who comes next for a need when somebody declines; `position` counts from 1."""

    participant_id: UUID
    need_id: UUID
    position: int
    is_worthwhile: bool
    reasons: Reasons

    @property
    def pair(self) -> Pair:
        """Who would meet whom."""
        return Pair(self.participant_id, self.need_id)


@dataclass(frozen=True, slots=True)
class DroppedPair:
    """A pair that cannot be, with every reason."""

    participant_id: UUID
    need_id: UUID
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A meeting that is new, gone or elsewhere, and why."""

    participant_id: UUID
    need_id: UUID
    cause: Cause


@dataclass(frozen=True, slots=True)
class Difference:
    """What distinguishes a pairing from the one before; `kept` meetings have the same slot and table."""

    added: tuple[Change, ...] = ()
    removed: tuple[Change, ...] = ()
    moved: tuple[Change, ...] = ()
    kept: tuple[Pair, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.added or self.removed or self.moved)

    @property
    def people(self) -> set[UUID]:
        """Everybody of whom it tells something."""
        changed = {each.participant_id for each in (*self.added, *self.removed, *self.moved)}
        return changed | {pair.participant_id for pair in self.kept}


@dataclass(frozen=True, slots=True)
class Proof:
    """How good the plan and the timetable are known to be."""

    plan_status: str
    objective: float
    bound: float
    timetable_status: str
    slots_used: int
    slots_bound: int


@dataclass(frozen=True, slots=True)
class Pairing:
    """A whole pairing of a meetup.

    `dropped` holds each pair that cannot be; `unmet_needs` have no candidate; `without_meeting` are enrolled and free,
    yet nobody could be found for them.
    """

    meetings: tuple[Meeting, ...]
    reserve: tuple[ReservePlace, ...]
    dropped: tuple[DroppedPair, ...]
    unmet_needs: tuple[UUID, ...]
    without_meeting: tuple[UUID, ...]
    difference: Difference
    proof: Proof

    @property
    def pairs(self) -> frozenset[Pair]:
        """Who meets whom."""
        return frozenset(meeting.pair for meeting in self.meetings)

    @property
    def people(self) -> set[UUID]:
        """Everybody of whom it tells something."""
        placed = {meeting.participant_id for meeting in self.meetings} | {each.participant_id for each in self.reserve}
        return placed | {each.participant_id for each in self.dropped} | set(self.without_meeting)

    @property
    def outline(self) -> Outline:
        """The pairing without its reasons."""
        return Outline(
            meetings=tuple(scheduled(meeting) for meeting in self.meetings),
            reserve=tuple(place.pair for place in self.reserve),
        )


def scheduled(meeting: Meeting) -> ScheduledMeeting:
    """A meeting without its reasons."""
    return ScheduledMeeting(
        id=meeting.id,
        participant_id=meeting.participant_id,
        need_id=meeting.need_id,
        slot=meeting.slot,
        table=meeting.table,
        length=meeting.length,
        position=meeting.position,
    )
