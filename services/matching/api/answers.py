"""What the API answers: pairings, runs and profiles as JSON, ids for people, numbers with their intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.matching.domain.following.judging import Ask
from services.matching.domain.pairing import Account, Difference, Evidence, Proof
from services.matching.domain.scoring import Score
from services.matching.domain.situation import Meetup
from services.matching.repository.pairings import StoredPairing
from services.matching.repository.runs import RematchRequest, Run
from services.matching.repository.shortlists import StandingShortlist
from services.matching.use_cases.profiles import SeenProfile
from services.matching.use_cases.standing_of import MeetupStanding


class Copy(BaseModel):
    """An answer whose fields are those of the thing itself: `model_validate` takes them from it."""

    model_config = ConfigDict(from_attributes=True)


class MeetupAnswer(BaseModel):
    """A meetup as matching knows it."""

    id: UUID
    agency_id: UUID
    venue: str
    starts_at: datetime
    slot_minutes: int
    slots: int
    breaks: tuple[int, ...]
    needs: tuple[UUID, ...]
    is_cancelled: bool

    @classmethod
    def of(cls, meetup: Meetup) -> Self:
        """From the domain."""
        return cls(
            id=meetup.id,
            agency_id=meetup.agency_id,
            venue=meetup.venue,
            starts_at=meetup.starts_at,
            slot_minutes=meetup.slot_minutes,
            slots=meetup.slots,
            breaks=meetup.breaks,
            needs=tuple(need.need_id for need in meetup.needs),
            is_cancelled=meetup.is_cancelled,
        )


class AskAnswer(BaseModel):
    """Somebody accepted a meeting that something now speaks against: it stays, and an adviser asks them."""

    participant_id: UUID
    need_id: UUID
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, ask: Ask) -> Self:
        """From the domain."""
        return cls(participant_id=ask.pair.participant_id, need_id=ask.pair.need_id, reasons=ask.reasons)


class MeetupStateAnswer(MeetupAnswer):
    """A meetup with how its pairing stands."""

    in_force: UUID | None
    waiting: UUID | None
    asks: tuple[AskAnswer, ...]
    is_computing: bool

    @classmethod
    def state_of(cls, meetup: Meetup, standing: MeetupStanding) -> Self:
        """From the use case."""
        return cls(
            **MeetupAnswer.of(meetup).model_dump(),
            in_force=standing.in_force,
            waiting=standing.waiting,
            asks=tuple(AskAnswer.of(ask) for ask in standing.asks),
            is_computing=standing.is_computing,
        )


class ReasonsAnswer(Copy):
    """Why a pair: the score with its interval and terms, wishes, distance, evidence, and the account."""

    score: Score
    liking: float
    utility: float
    distance_km: float | None
    evidence: tuple[Evidence, ...]
    account: Account


class MeetingAnswer(Copy):
    """A meeting with its reasons; slots count from 0, tables and positions from 1."""

    id: UUID
    participant_id: UUID
    need_id: UUID
    slot: int
    table: int
    length: int
    position: int
    is_pinned: bool
    is_kept: bool
    is_worthwhile: bool
    reasons: ReasonsAnswer


class ReserveAnswer(Copy):
    """Who comes next for a need."""

    participant_id: UUID
    need_id: UUID
    position: int
    reasons: ReasonsAnswer


class DroppedAnswer(Copy):
    """A pair that cannot be, with every reason."""

    participant_id: UUID
    need_id: UUID
    reasons: tuple[str, ...]


class PairingSummary(Copy):
    """A pairing in a line."""

    id: UUID
    run_id: UUID | None
    revision: int
    status: str
    based_on: UUID | None
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    decision_note: str | None
    meetings: int
    added: int
    removed: int
    moved: int
    kept: int


class PairingAnswer(BaseModel):
    """A whole pairing: meetings, reserve, what was dropped and how often for which reason, difference, proof."""

    id: UUID
    meetup_id: UUID
    run_id: UUID | None
    revision: int
    status: str
    based_on: UUID | None
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    meetings: tuple[MeetingAnswer, ...]
    reserve: tuple[ReserveAnswer, ...]
    dropped: tuple[DroppedAnswer, ...]
    dropped_by_reason: dict[str, int]
    unmet_needs: tuple[UUID, ...]
    without_meeting: tuple[UUID, ...]
    difference: Difference
    proof: Proof
    asks: tuple[AskAnswer, ...]

    @classmethod
    def of(cls, stored: StoredPairing, asks: Sequence[Ask]) -> Self:
        """From the repository, with what an adviser should ask."""
        pairing = stored.pairing
        return cls(
            id=stored.id,
            meetup_id=stored.meetup_id,
            run_id=stored.run_id,
            revision=stored.revision,
            status=stored.status,
            based_on=stored.based_on,
            created_at=stored.created_at,
            decided_by=stored.decided_by,
            decided_at=stored.decided_at,
            meetings=tuple(MeetingAnswer.model_validate(meeting) for meeting in pairing.meetings),
            reserve=tuple(ReserveAnswer.model_validate(place) for place in pairing.reserve),
            dropped=tuple(DroppedAnswer.model_validate(one) for one in pairing.dropped),
            dropped_by_reason=dict(Counter(reason for one in pairing.dropped for reason in one.reasons)),
            unmet_needs=pairing.unmet_needs,
            without_meeting=pairing.without_meeting,
            difference=pairing.difference,
            proof=pairing.proof,
            asks=tuple(AskAnswer.of(ask) for ask in asks),
        )


class RequestAnswer(Copy):
    """Who asked for a pairing, when and why."""

    id: UUID
    requested_by: UUID
    requested_at: datetime
    reason: str
    note: str | None


class ConflictAnswer(BaseModel):
    """A contradiction that makes a pairing impossible: its pairs of participant and need, and what is against them."""

    kind: str
    pairs: tuple[tuple[UUID, UUID], ...]
    limit: int | None
    obstacles: tuple[str, ...]


class RunAnswer(BaseModel):
    """A run: how far it is, why it is impossible or failed, its record's digest, which run answers in its place.

    `redacted_at` is when the record lost people who were erased: it cannot be computed again, and its digest is that of
    what it was.
    """

    id: UUID
    meetup_id: UUID
    status: str
    step: str
    reason: str
    attempts: int
    failure: str | None
    next_run_id: UUID | None
    queued_at: datetime
    finished_at: datetime | None
    version: str | None
    digest: str | None
    conflicts: tuple[ConflictAnswer, ...]
    redacted_at: datetime | None
    requests: tuple[RequestAnswer, ...]

    @classmethod
    def of(cls, run: Run, requests: list[RematchRequest]) -> Self:
        """From the repository."""
        return cls(
            id=run.id,
            meetup_id=run.meetup_id,
            status=run.status,
            step=run.step,
            reason=run.reason,
            attempts=run.attempts,
            failure=run.failure,
            next_run_id=run.next_run_id,
            queued_at=run.queued_at,
            finished_at=run.finished_at,
            version=run.version,
            digest=run.digest,
            conflicts=tuple(ConflictAnswer.model_validate(each) for each in run.conflicts),
            redacted_at=run.redacted_at,
            requests=tuple(RequestAnswer.model_validate(request) for request in requests),
        )


class SkillAnswer(BaseModel):
    """One skill of a profile: the level on the 0–4 scale with its interval, and what stands behind it.

    The level is `usual`, that of the programme's people, plus `shared`, what all skills of the person have in common,
    plus `own`, what this one has beside that, in levels; held on the scale where the sum leaves it.
    """

    skill: str
    seen: bool
    level: float
    low: float
    high: float
    usual: float
    shared: float
    own: float
    evidence: Evidence


class ProfileAnswer(BaseModel):
    """A participant's profile; a skill not yet seen shows the programme's prior and says so.

    `left_out` counts the observations of skills that this version of the framework does not hold.
    """

    participant_id: UUID
    framework: str
    coverage: float
    fitted_at: datetime | None
    left_out: int
    skills: tuple[SkillAnswer, ...]

    @classmethod
    def of(cls, seen: SeenProfile, coverage: float) -> Self:
        """From the use case; `coverage` is the probability of the intervals."""
        profile = seen.profile
        return cls(
            participant_id=seen.participant_id,
            framework=seen.framework,
            coverage=coverage,
            fitted_at=seen.fitted_at,
            left_out=seen.left_out,
            skills=tuple(
                SkillAnswer(
                    skill=skill,
                    seen=profile.seen(skill),
                    level=level,
                    low=low,
                    high=high,
                    usual=float(profile.usual[place]),
                    shared=profile.shared,
                    own=float(profile.own[place]),
                    evidence=seen.evidence[place],
                )
                for place, skill in enumerate(profile.skills)
                for level, low, high in [profile.shown(skill, coverage)]
            ),
        )


class ShortlistPlaceAnswer(BaseModel):
    """One place of a standing shortlist."""

    position: int
    participant_id: UUID
    score: float
    utility: float


class ShortlistAnswer(BaseModel):
    """The best of the pool for a need, kept fresh by events."""

    need_id: UUID
    revision: int
    refreshed_at: datetime
    places: tuple[ShortlistPlaceAnswer, ...]
    dropped_by_reason: dict[str, int]

    @classmethod
    def of(cls, shortlist: StandingShortlist) -> Self:
        """From the repository."""
        return cls(
            need_id=shortlist.need_id,
            revision=shortlist.revision,
            refreshed_at=shortlist.refreshed_at,
            places=tuple(
                ShortlistPlaceAnswer(
                    position=position, participant_id=one.participant_id, score=one.score, utility=one.utility
                )
                for position, one in enumerate(shortlist.places, start=1)
            ),
            dropped_by_reason=shortlist.dropped,
        )
