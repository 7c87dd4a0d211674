"""Meetups: their needs, who is enrolled, who came and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registration.tables.base import Base, listed_by_agency, moment, revisions, when_kept
from shared.travel.erasure import NOBODY


class MeetupRow(Base, table=True):
    """A meetup. ``revision`` counts all that happened to it, enrolments included."""

    __tablename__ = "meetups"
    __table_args__ = listed_by_agency("meetups", "starts_at")

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    agency_id: UUID = Field(foreign_key="agencies.id")
    title: str
    venue: str
    address: str | None
    access: str | None
    commune: str
    latitude: float | None
    longitude: float | None
    starts_at: datetime = Field(sa_column=moment())
    slot_minutes: int
    slots: int
    breaks: list[int] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))
    front_tables: int | None
    is_cancelled: bool = False
    directions: int = 1
    operation_id: UUID | None = Field(default=None, foreign_key="operations.id")
    kept_at: datetime = Field(sa_column=when_kept())


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
    double_slot: bool = False
    front_table: bool = False
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
    happened_on: date | None = None
    recorded_at: datetime = Field(sa_column=moment())


Index(
    "uq_meetups_operation_id",
    MeetupRow.__table__.c.operation_id,  # type: ignore[attr-defined]  # SQLModel does not declare it
    unique=True,
    postgresql_where=text("NOT is_cancelled"),
)
