"""Matching's tables: what it was told by events, and what it worked out.

No name, address or protected datum has a column here; people are opaque ids.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlalchemy.types import DateTime
from sqlmodel import Field, SQLModel

from shared.compressed import Compressed
from shared.database import named_metadata
from shared.idempotency import AnswerColumns
from shared.limits import LimitColumns
from shared.travel.erasure import NOBODY, ROW, TOMBSTONE

Json = dict[str, Any]
_moment = DateTime(timezone=True)


class Base(SQLModel, registry=registry(metadata=named_metadata())):
    """The base of this service's tables, with metadata of its own."""


class LimitRow(Base, LimitColumns, table=True):
    """How often somebody did what is limited."""


class IdempotencyRow(Base, AnswerColumns, table=True):
    """The answer once given under an ``Idempotency-Key``: ids and codes only, so nothing personal."""

    __table_args__ = (UniqueConstraint("person_id", "key"),)


class ParticipantRow(Base, table=True):
    """A participant as last told; an erased one keeps only its tombstone, as long as something late can come."""

    __tablename__ = "participants"

    id: UUID = Field(primary_key=True, sa_column_kwargs={"info": {"person": TOMBSTONE}})
    revision: int
    agency_id: UUID | None = Field(index=True)
    merged_into: UUID | None = Field(default=None, index=True)
    """The record of the same person that goes on for this one: its pins and forbids are that one's."""
    state: Json | None = Field(sa_column=Column(JSONB(none_as_null=True), info={"person": NOBODY}))
    erased_at: datetime | None = Field(default=None, sa_type=_moment)


class ConsentRow(Base, table=True):
    """Whether a participant agrees to be paired or contacted, as last told."""

    __tablename__ = "consents"

    participant_id: UUID = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    revision: int
    is_granted: bool


class ObservationRow(Base, table=True):
    """One observation as last told; a retracted one keeps only its tombstone."""

    __tablename__ = "observations"

    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(index=True)
    revision: int
    rater_id: UUID | None = None
    workshop_id: UUID | None = None
    venue: str | None = None
    exercise: str | None = None
    seen_on: date | None = None
    framework: str | None = None
    skill: str | None = None
    level: int | None = None
    is_retracted: bool = False


class NeedRow(Base, table=True):
    """A need as last told; it is open while its state is newer than its closing (0: not told)."""

    __tablename__ = "needs"

    id: UUID = Field(primary_key=True)
    employer_id: UUID = Field(index=True)
    revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    closed_revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    state: Json | None = Field(sa_column=Column(JSONB(none_as_null=True)))


class MeetupRow(Base, table=True):
    """A meetup as last told; once cancelled, it stays so (0: not told)."""

    __tablename__ = "meetups"

    id: UUID = Field(primary_key=True)
    revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    cancelled_revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    agency_id: UUID | None = Field(default=None, index=True)
    state: Json | None = Field(sa_column=Column(JSONB(none_as_null=True)))


class EnrolmentRow(Base, table=True):
    """Whether a participant may be paired at a meetup, as last told."""

    __tablename__ = "enrolments"

    meetup_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    revision: int
    is_enrolled: bool
    state: Json | None = Field(sa_column=Column(JSONB(none_as_null=True)))


class ReplyRow(Base, table=True):
    """How a participant's invitation to a meetup stands, as last told."""

    __tablename__ = "replies"

    meetup_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    revision: int
    status: str


class ComponentsRow(Base, table=True):
    """Fitted variance components and rater severities; the newest of a framework are the ones in use."""

    __tablename__ = "components"

    id: UUID = Field(primary_key=True)
    framework: str = Field(index=True)
    fitted_at: datetime = Field(sa_type=_moment)
    observations: int
    payload: Json = Field(sa_column=Column(JSONB(none_as_null=True), nullable=False, info={"person": NOBODY}))


class ProfileRow(Base, table=True):
    """What a member's profile says of each skill, P(level ≥ ℓ − ½) as 4K float32, by the fit in use or before any.

    Only the pool of the standing shortlists reads it; whoever asks for one profile has it worked out.
    """

    __tablename__ = "profiles"

    participant_id: UUID = Field(primary_key=True)
    framework: str = Field(primary_key=True)
    fit_id: UUID | None = None
    exceedance: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"person": NOBODY}))


class RematchRequestRow(Base, table=True):
    """Somebody asked for a pairing; `note` is what they typed, and never leaves this table but to advisers."""

    __tablename__ = "rematch_requests"

    id: UUID = Field(primary_key=True)
    meetup_id: UUID = Field(index=True)
    requested_by: UUID
    reason: str
    note: str | None = None
    pins: list[Any] = Field(sa_column=Column(JSONB(none_as_null=True), nullable=False))
    forbids: list[Any] = Field(sa_column=Column(JSONB(none_as_null=True), nullable=False))
    requested_at: datetime = Field(sa_type=_moment)
    run_id: UUID | None = Field(default=None, index=True)


class PairRuleRow(Base, table=True):
    """An adviser's standing word on one pair at one meetup: pin or forbid. The latest word holds.

    `at_once` says that a forbid holds of what is in force, too.
    """

    __tablename__ = "pair_rules"

    meetup_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    need_id: UUID = Field(primary_key=True)
    rule: str
    set_by: UUID
    set_at: datetime = Field(sa_type=_moment)
    at_once: bool = False


class RunRow(Base, table=True):
    """One computation of a pairing: claimed by lease, recorded with all that it computed from.

    ``redacted_at`` is when the record lost somebody who was erased; from then on it cannot be computed again.
    """

    __tablename__ = "pairing_runs"
    __table_args__ = (
        Index(
            "uq_pairing_runs_queued",
            "meetup_id",
            unique=True,
            postgresql_where=text("status = 'queued'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    meetup_id: UUID = Field(index=True)
    status: str = Field(index=True)
    reason: str
    step: str = "queued"
    attempts: int = 0
    failure: str | None = None
    next_run_id: UUID | None = None
    lease: UUID | None = None
    lease_until: datetime | None = Field(default=None, sa_type=_moment)
    queued_at: datetime = Field(sa_type=_moment)
    finished_at: datetime | None = Field(default=None, sa_type=_moment)
    version: str | None = None
    digest: str | None = None
    inputs: bytes | None = Field(default=None, sa_column=Column(Compressed))
    outcome: bytes | None = Field(default=None, sa_column=Column(Compressed))
    conflicts: list[Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    redacted_at: datetime | None = Field(default=None, sa_type=_moment)


class PairingRow(Base, table=True):
    """A pairing of a meetup: at most one is proposed and at most one is in force.

    `outline` is its timetable and reserve without the reasons, which `content` holds: following reads the one often,
    the other seldom.
    """

    __tablename__ = "pairings"
    __table_args__ = (
        Index("uq_pairings_proposed", "meetup_id", unique=True, postgresql_where=text("status = 'proposed'")),
        Index("uq_pairings_in_force", "meetup_id", unique=True, postgresql_where=text("status = 'in-force'")),
    )

    id: UUID = Field(primary_key=True)
    meetup_id: UUID = Field(index=True)
    run_id: UUID | None = None
    revision: int
    status: str
    based_on: UUID | None = None
    outline: Json = Field(sa_column=Column(JSONB(none_as_null=True), nullable=False))
    content: Json = Field(sa_column=Column(JSONB(none_as_null=True), nullable=False))
    created_at: datetime = Field(sa_type=_moment)
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=_moment)
    decision_note: str | None = None


class PairingPersonRow(Base, table=True):
    """Somebody on whom a pairing counts, in a meeting or in reserve, as long as it is proposed or in force."""

    __tablename__ = "pairing_people"

    pairing_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    meetup_id: UUID = Field(index=True)


class SeatingRow(Base, table=True):
    """The need that was first placed at a table of a meetup, numbered from 1: it stays there."""

    __tablename__ = "seatings"

    meetup_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    need_id: UUID = Field(index=True)


class StandingShortlistRow(Base, table=True):
    """The best participants of the pool for an open need, kept fresh by events."""

    __tablename__ = "standing_shortlists"

    need_id: UUID = Field(primary_key=True)
    revision: int
    ranking: list[Any] = Field(sa_column=Column(JSONB(none_as_null=True), nullable=False))
    dropped: Json = Field(sa_column=Column(JSONB(none_as_null=True), nullable=False))
    refreshed_at: datetime = Field(sa_type=_moment)


class DueRow(Base, table=True):
    """A participant or a need that changed since the standing shortlists were refreshed, once for each change."""

    __tablename__ = "shortlists_due"

    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    kind: str
    id: UUID = Field(sa_column_kwargs={"info": {"person": ROW}})


class RefitRequestRow(Base, table=True):
    """Variance components and rater severities are to be fitted anew: somebody asked for it, or it was time."""

    __tablename__ = "refit_requests"

    id: UUID = Field(primary_key=True)
    framework: str
    requested_by: UUID | None = None
    requested_at: datetime = Field(sa_type=_moment)
    done_at: datetime | None = Field(default=None, sa_type=_moment)
    attempts: int = 0
    error: str | None = None
    failed_at: datetime | None = Field(default=None, sa_type=_moment)


class ExposureRow(Base, table=True):
    """How often a participant was shortlisted: near-ties go to whom it happened less."""

    __tablename__ = "exposures"

    participant_id: UUID = Field(primary_key=True)
    times: int
