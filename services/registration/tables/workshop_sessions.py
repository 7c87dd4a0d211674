"""Sessions of workshops, and who came."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlmodel import Field

from services.registration.tables.base import Base, moment, revisions


class WorkshopSessionRow(Base, table=True):
    """A session of a workshop, by the clock of its place."""

    __tablename__ = "workshop_sessions"

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    workshop_id: UUID = Field(foreign_key="workshops.id", ondelete="CASCADE", index=True)
    held_on: date
    begins: time | None = None
    ends: time | None = None
    exercise: str | None = None
    title: str | None = None


class PresenceRow(Base, table=True):
    """Whether somebody came to a session; ``workshop_id`` is the session's."""

    __tablename__ = "workshop_presences"

    session_id: UUID = Field(primary_key=True, foreign_key="workshop_sessions.id", ondelete="CASCADE")
    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE", index=True)
    workshop_id: UUID = Field(foreign_key="workshops.id", ondelete="CASCADE", index=True)
    is_present: bool
    noted_at: datetime = Field(sa_column=moment())
    noted_by: UUID | None = None
