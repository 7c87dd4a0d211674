"""Objections of participants."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.registration.tables.base import Base, moment


class ObjectionRow(Base, table=True):
    """That somebody objects to a purpose: at most one of each is in force."""

    __tablename__ = "objections"
    __table_args__ = (
        Index(
            "uq_objections_in_force",
            *("participant_id", "purpose"),
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(foreign_key="participants.id", ondelete="CASCADE", index=True)
    purpose: str
    objected_at: datetime = Field(sa_column=moment())
    noted_by: UUID | None = None
    way: str | None = None
    lifted_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    lifted_by: UUID | None = None
    lifted_because: str | None = None
