"""Registration's tables.

What names or reaches a participant, and what must never count, stands in tables of its own, apart from what pairing may
know.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.database import named_metadata
from shared.travel.erasure import NOBODY, ROW, TOMBSTONE


class Base(SQLModel, registry=registry(metadata=named_metadata())):
    """The base of this service's tables, with metadata of its own."""


def _texts() -> Column[Any]:
    return Column(ARRAY(String), nullable=False, server_default=text("'{}'"))


def _revisions() -> Column[Any]:
    return Column(JSONB, nullable=False, server_default=text("'{}'"))


def _moment(*, nullable: bool = False) -> Column[Any]:
    return Column(DateTime(timezone=True), nullable=nullable)


class AgencyRow(Base, table=True):
    """An agency; ``folded_name`` is its name as compared."""

    __tablename__ = "agencies"

    id: UUID = Field(primary_key=True)
    name: str
    folded_name: str = Field(unique=True)
    revision: int = 1
    department: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None


class VenueRow(Base, table=True):
    """A venue; ``folded_name`` is its name as compared."""

    __tablename__ = "venues"
    __table_args__ = (UniqueConstraint("folded_name", "commune"),)

    id: UUID = Field(primary_key=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=_revisions())
    name: str
    folded_name: str
    commune: str
    latitude: float | None
    longitude: float | None
    address: str | None
    access: str | None
    contact: str | None


class StaffRow(Base, table=True):
    """A mediator or adviser, known by e-mail. The e-mail stays here; events name the id."""

    __tablename__ = "staff"

    id: UUID = Field(primary_key=True)
    email: str = Field(unique=True)
    role: str | None = None
    agency_id: UUID | None = Field(default=None, foreign_key="agencies.id", index=True)


class ParticipantRow(Base, table=True):
    """What pairing may know of a participant. ``revision`` counts all that happened to them."""

    __tablename__ = "participants"

    id: UUID = Field(primary_key=True, sa_column_kwargs={"info": {"person": ROW}})
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=_revisions())
    agency_id: UUID = Field(foreign_key="agencies.id", index=True)
    language: str
    commune: str
    latitude: float | None
    longitude: float | None
    travel_limit_km: float
    transport: str
    available_from: date
    hours: list[str] = Field(sa_column=_texts())
    licences: list[str] = Field(sa_column=_texts())
    wishes: list[str] = Field(sa_column=_texts())
    refused_occupations: list[str] = Field(sa_column=_texts())
    registered_at: datetime = Field(sa_column=_moment())
    changed_at: datetime = Field(sa_column=_moment())


class ContactRow(Base, table=True):
    """How a participant is named and reached."""

    __tablename__ = "participant_contacts"

    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE")
    first_name: str
    last_name: str
    folded_name: str = Field(index=True)
    """Both names as compared, their words in alphabetical order."""
    email: str | None = None
    phone: str | None = None
    postal_address: str | None = None


class ProtectedRow(Base, table=True):
    """Criteria that must never count: read for outreach and the fairness audit only."""

    __tablename__ = "participant_protected"

    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE")
    publics: list[str] = Field(sa_column=_texts())
    born_on: date | None = Field(default=None, sa_column=Column(Date))
    sex: str | None = None


class ConsentRow(Base, table=True):
    """One decision on one purpose; none is ever overwritten, the one with the highest revision holds."""

    __tablename__ = "consents"

    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE")
    purpose: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    is_granted: bool
    source: str
    decided_at: datetime = Field(sa_column=_moment())
    decided_by: UUID | None = None


class ErasureRow(Base, table=True):
    """That somebody was erased, and what went: rows and documents by table; `told_at` is when Kafka took the event.

    The id stays as long as a late event could come, so that it changes nothing; the keyed digest of their identifier
    for good, so that no import brings them back.
    """

    __tablename__ = "erasures"

    id: UUID = Field(primary_key=True)
    participant_id: UUID | None = Field(unique=True, sa_column_kwargs={"info": {"person": TOMBSTONE}})
    revision: int
    identifier_digest: str | None = Field(index=True)
    agency_id: UUID = Field(foreign_key="agencies.id", index=True)
    erased_at: datetime = Field(sa_column=_moment())
    erased_by: UUID | None = None
    told_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    gone: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))


class NamingNoteRow(Base, table=True):
    """Somebody else's observation whose note probably names a person who was erased; an adviser looks at it."""

    __tablename__ = "naming_notes"

    erasure_id: UUID = Field(primary_key=True, foreign_key="erasures.id", ondelete="CASCADE")
    observation_id: UUID = Field(primary_key=True, foreign_key="observations.id", ondelete="CASCADE", index=True)
    settled_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    settled_by: UUID | None = None


class SuspicionRow(Base, table=True):
    """Two records that are probably of one person; an adviser settles it."""

    __tablename__ = "duplicate_suspicions"

    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE")
    resembles_id: UUID = Field(
        primary_key=True,
        foreign_key="participants.id",
        ondelete="CASCADE",
        index=True,
        sa_column_kwargs={"info": {"person": ROW}},
    )
    noticed_at: datetime = Field(sa_column=_moment())
    settled_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    settled_by: UUID | None = None


class WorkshopRow(Base, table=True):
    """A workshop."""

    __tablename__ = "workshops"

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=_revisions())
    agency_id: UUID = Field(foreign_key="agencies.id", index=True)
    title: str
    venue: str
    commune: str
    latitude: float | None
    longitude: float | None
    starts_on: date
    ends_on: date


class WorkshopStaffRow(Base, table=True):
    """A mediator or the adviser of a workshop."""

    __tablename__ = "workshop_staff"

    workshop_id: UUID = Field(primary_key=True, foreign_key="workshops.id", ondelete="CASCADE")
    staff_id: UUID = Field(primary_key=True, foreign_key="staff.id", index=True)
    role: str = Field(primary_key=True)
    position: int = 0


class WorkshopEnrolmentRow(Base, table=True):
    """A participant of a workshop."""

    __tablename__ = "workshop_enrolments"

    workshop_id: UUID = Field(primary_key=True, foreign_key="workshops.id", ondelete="CASCADE")
    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE", index=True)


class ObservationRow(Base, table=True):
    """What a rater noted; ``note`` stays here. A retracted one keeps its row as a record."""

    __tablename__ = "observations"
    __table_args__ = (
        # What makes a note posted twice at once count once: the database refuses the second.
        Index(
            "uq_observations_key",
            *("participant_id", "workshop_id", "rater_id", "seen_on", "exercise", "skill", "ordinal"),
            unique=True,
            postgresql_where=text("retracted_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    revision: int
    workshop_id: UUID = Field(foreign_key="workshops.id", index=True)
    participant_id: UUID = Field(foreign_key="participants.id", ondelete="CASCADE")
    rater_id: UUID
    seen_on: date
    exercise: str
    framework: str
    skill: str
    ordinal: int = 0
    level: int
    note: str = ""
    recorded_at: datetime = Field(sa_column=_moment())
    retracted_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class EmployerRow(Base, table=True):
    """An employer and whom to talk to there."""

    __tablename__ = "employers"

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=_revisions())
    name: str
    siret: str | None
    contact_name: str | None
    email: str | None
    phone: str | None
    language: str
    commune: str
    latitude: float | None
    longitude: float | None


class NeedRow(Base, table=True):
    """A vacancy; ``skills`` is a list of ``{skill, level, weight}``."""

    __tablename__ = "needs"

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=_revisions())
    employer_id: UUID = Field(foreign_key="employers.id", index=True)
    title: str
    occupation: str
    commune: str
    latitude: float | None
    longitude: float | None
    posts: int
    seats: int
    hours: list[str] = Field(sa_column=_texts())
    licences: list[str] = Field(sa_column=_texts())
    starts_on: date | None
    interviewers: int = 1
    access: str | None
    framework: str
    skills: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))
    is_closed: bool = False


class MeetupRow(Base, table=True):
    """A meetup. ``revision`` counts all that happened to it, enrolments included."""

    __tablename__ = "meetups"

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=_revisions())
    agency_id: UUID = Field(foreign_key="agencies.id", index=True)
    title: str
    venue: str
    address: str | None
    access: str | None
    commune: str
    latitude: float | None
    longitude: float | None
    starts_at: datetime = Field(sa_column=_moment())
    slot_minutes: int
    slots: int
    breaks: list[int] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))
    ground_floor_tables: int | None
    is_cancelled: bool = False
    directions: int = 1


class MeetupNeedRow(Base, table=True):
    """A need that comes to a meetup."""

    __tablename__ = "meetup_needs"

    meetup_id: UUID = Field(primary_key=True, foreign_key="meetups.id", ondelete="CASCADE")
    need_id: UUID = Field(primary_key=True, foreign_key="needs.id", index=True)
    interviewers: int = 1


class EnrolmentRow(Base, table=True):
    """A participant who may be paired at a meetup, what the timetable must respect, and whether they came."""

    __tablename__ = "meetup_enrolments"

    meetup_id: UUID = Field(primary_key=True, foreign_key="meetups.id", ondelete="CASCADE")
    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE", index=True)
    first_slot: int | None = None
    last_slot: int | None = None
    longer_slot: bool = False
    ground_floor: bool = False
    is_present: bool | None = None
    revision: int


class DepartureRow(Base, table=True):
    """A participant who was enrolled in a meetup and no longer is."""

    __tablename__ = "meetup_departures"

    meetup_id: UUID = Field(primary_key=True, foreign_key="meetups.id", ondelete="CASCADE")
    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE", index=True)


class OutcomeRow(Base, table=True):
    """What came of a meeting."""

    __tablename__ = "meetup_outcomes"

    meetup_id: UUID = Field(primary_key=True, foreign_key="meetups.id", ondelete="CASCADE")
    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE", index=True)
    need_id: UUID = Field(primary_key=True, foreign_key="needs.id")
    outcome: str
    revision: int
    recorded_at: datetime = Field(sa_column=_moment())


class PairingRow(Base, table=True):
    """The newest pairing of a meetup, as matching told of it.

    ``step`` orders what was told: by revision, then proposed, in force, withdrawn.
    """

    __tablename__ = "pairing_states"

    meetup_id: UUID = Field(primary_key=True)
    step: int
    pairing_id: UUID
    state: str
    meetings: int


class InForceRow(Base, table=True):
    """Which revision of a meetup's pairings is in force, or was when it was withdrawn."""

    __tablename__ = "pairings_in_force"

    meetup_id: UUID = Field(primary_key=True)
    step: int


class PairedRow(Base, table=True):
    """How many meetings a participant has in the pairing in force of a meetup."""

    __tablename__ = "paired_participants"

    meetup_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    meetings: int


class InvitationRow(Base, table=True):
    """Where the invitation of one participant to one meetup stands, as notification told of it."""

    __tablename__ = "invitation_states"

    meetup_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    revision: int
    state: str
    reason: str | None = None


class AnswerRow(Base, table=True):
    """What an employer answered for one candidate."""

    __tablename__ = "employer_answers"

    meetup_id: UUID = Field(primary_key=True)
    need_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    revision: int
    answer: str
    reason: str


class IdempotencyRow(Base, table=True):
    """The answer once given under an ``Idempotency-Key``: ids and codes only, so nothing personal."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: UUID = Field(primary_key=True)
    person_id: UUID
    key: str
    digest: str
    """Of the route and the body: the same key with another request is refused."""
    status: int
    answer: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    given_at: datetime = Field(sa_column=_moment())
