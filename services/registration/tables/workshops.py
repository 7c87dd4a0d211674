"""Workshops, their teams and who is enrolled."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from services.registration.tables.base import Base, listed_by_agency, revisions, when_kept


class WorkshopRow(Base, table=True):
    """A workshop."""

    __tablename__ = "workshops"
    __table_args__ = listed_by_agency("workshops", "starts_on")

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    agency_id: UUID = Field(foreign_key="agencies.id")
    title: str
    venue: str
    commune: str
    latitude: float | None
    longitude: float | None
    starts_on: date
    ends_on: date
    operation_id: UUID | None = Field(default=None, foreign_key="operations.id", index=True)
    kept_at: datetime = Field(sa_column=when_kept())


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
