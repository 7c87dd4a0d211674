"""What a pairing is worked out from: the people enrolled, the needs invited, what was seen, what was answered.

Nothing here names or describes a person beyond what pairing may weigh; ids are opaque.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.matching.domain.scoring import NEAR_TIE, SOFTNESS, RequiredSkill
from shared.language import Bilingual

ReplyStatus = Literal["invited", "accepted", "declined", "expired", "failed", "uncertain", "call-requested"]
"""How a participant's invitation to a meetup stands."""

GONE: frozenset[ReplyStatus] = frozenset({"declined", "expired"})
"""Replies after which somebody is not paired at this meetup unless they change their mind."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A job seeker as pairing knows them; coordinates in degrees, rounded to the commune, None where unknown."""

    id: UUID
    agency_id: UUID
    latitude: float | None
    longitude: float | None
    travel_limit_km: float
    transport: str
    available_from: date
    hours: tuple[str, ...]
    licences: tuple[str, ...]
    wishes: tuple[str, ...]
    refused_occupations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A vacancy; `seats` is how many candidates the employer can meet at one meetup."""

    id: UUID
    employer_id: UUID
    occupation: str
    latitude: float | None
    longitude: float | None
    seats: int
    hours: tuple[str, ...]
    licences: tuple[str, ...]
    starts_on: date | None
    framework: str
    requirements: tuple[RequiredSkill, ...]
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class InvitedNeed:
    """A need at a meetup, with its interviewers who work side by side."""

    need_id: UUID
    interviewers: int = 1


@dataclass(frozen=True, slots=True)
class Meetup:
    """Where, when and in how many slots people meet."""

    id: UUID
    agency_id: UUID
    venue: str
    starts_at: datetime
    slot_minutes: int
    slots: int
    breaks: tuple[int, ...]
    front_tables: int | None
    needs: tuple[InvitedNeed, ...]
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A participant may be paired at a meetup; what the timetable must respect comes without a reason."""

    participant_id: UUID
    first_slot: int | None = None
    last_slot: int | None = None
    double_slot: bool = False
    front_table: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """One level that one rater saw in one exercise, 0 to 4."""

    id: UUID
    participant_id: UUID
    rater_id: UUID
    workshop_id: UUID
    venue: str
    exercise: str
    seen_on: date
    framework: str
    skill: str
    level: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One participant with one need."""

    participant_id: UUID
    need_id: UUID


@dataclass(frozen=True, slots=True)
class ScheduledMeeting:
    """A meeting with its place in the timetable: slots count from 0, tables from 1; `length` is in slots.

    `position` is its place in the need's shortlist, from 1.
    """

    id: UUID
    participant_id: UUID
    need_id: UUID
    slot: int
    table: int
    length: int
    position: int

    @property
    def pair(self) -> Pair:
        """Who meets whom."""
        return Pair(self.participant_id, self.need_id)


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator decides once for all pairings; recorded with each run.

    `alpha` weighs shown skills against wishes, `worthwhile` is the utility from which a meeting is worthwhile: such
    meetings are shared out first. `maximum` is how many meetings one participant may have, `stability` the bonus of a
    meeting that is kept, `coverage` the probability of every interval shown, `near_tie` how many standard deviations
    of a score are no difference in a shortlist, `softness` how much of what was asked one level below it counts (0:
    nothing; at most ½).
    """

    alpha: float = 0.8
    worthwhile: float = 0.35
    maximum: int = 4
    stability: float = 0.05
    reserve: int = 20
    coverage: float = 0.90
    near_tie: float = NEAR_TIE
    softness: float = SOFTNESS


@dataclass(frozen=True, slots=True)
class Engagement:
    """Somebody meets elsewhere at this time: they are not free here."""

    participant_id: UUID
    meetup_id: UUID
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of a meetup now, as far as it binds a pairing.

    `participants` are the enrolled who are known and were not erased; `needs` those invited that are known, open or
    not; `current` the meetings in force; `forbids_at_once` those of the forbids that hold of what is in force too, the
    others of what is paired from now on; `elsewhere` what the enrolled have in force at other meetups; `tables` the
    need that was first placed at each table.
    """

    meetup: Meetup
    participants: tuple[Participant, ...]
    enrolments: tuple[Enrolment, ...]
    consenting: tuple[UUID, ...]
    needs: tuple[Need, ...]
    replies: dict[UUID, ReplyStatus]
    current: tuple[ScheduledMeeting, ...]
    pins: tuple[Pair, ...]
    forbids: tuple[Pair, ...]
    forbids_at_once: tuple[Pair, ...] = ()
    elsewhere: tuple[Engagement, ...] = ()
    tables: dict[int, UUID] = field(default_factory=dict)
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the pairing in force was worked out; the causes of a difference.

    `mended` says that it was filled from its reserve since, or changed by hand: it need not be what a plan would be.
    """

    arrivals: tuple[UUID, ...] = ()
    changed_participants: tuple[UUID, ...] = ()
    changed_needs: tuple[UUID, ...] = ()
    observed: tuple[UUID, ...] = ()
    meetup_changed: bool = False
    mended: bool = False
    policy_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInputs(Truth):
    """Everything that one run computes from: recorded with the run, so that it can be replayed to the same bytes.

    `components` holds, by framework, the fitted variance components and rater severities of the profile; `near` the
    occupations near each wish with their ranks; `skill_labels` and
    `exercise_titles` the words of the accounts; `since` what changed since the pairing in force; `seed` breaks ties.
    """

    observations: tuple[Observation, ...]
    components: dict[str, dict[str, Any]]
    near: dict[str, tuple[tuple[str, int], ...]]
    skill_labels: dict[str, Bilingual]
    exercise_titles: dict[str, Bilingual]
    exposure: dict[UUID, int]
    asked_because: str
    seed: str
    since: Since = Since()
