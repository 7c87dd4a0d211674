"""What matching refuses to do, and why: each becomes a clear answer at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.matching.domain.following.judging import Broken
from services.matching.domain.situation import Pair
from shared.refusals import Refusal


@dataclass
class MeetupOver(Refusal):
    """The meetup has begun, or was cancelled."""

    meetup_id: UUID
    cancelled: bool


@dataclass
class RecordRedacted(Refusal):
    """The record of a run lost people who were erased, so it cannot be computed again."""

    run_id: UUID


@dataclass
class ContradictoryRules(Refusal):
    """The same pair is pinned and forbidden."""

    pairs: tuple[Pair, ...]


@dataclass
class NotOfThisMeetup(Refusal):
    """A pair names somebody who is not enrolled, or a need that is not invited."""

    pairs: tuple[Pair, ...]


@dataclass
class NotWaiting(Refusal):
    """The pairing does not wait for a decision: somebody decided, or a newer proposal took its place."""

    status: str
    newer: UUID | None


@dataclass
class EditImpossible(Refusal):
    """An adviser's edit cannot be: the sentence says which rule stands against it."""

    pair: Pair
    rule: str


@dataclass
class ProposalOutdated(Refusal):
    """What is true changed since the proposal was made: what it breaks, the pairing in force being another included."""

    meetup_id: UUID
    broken: tuple[Broken, ...]
