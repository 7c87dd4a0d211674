"""Who is to be erased because there was no contact for long."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, Date
from sqlmodel import Field

from services.registration.tables.base import Base, moment


class PlannedErasureRow(Base, table=True):
    """Somebody who is to be erased on a day, and when and by whom they were told: nobody's name where a mail did."""

    __tablename__ = "planned_erasures"

    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE")
    noticed_at: datetime = Field(sa_column=moment())
    erases_on: date = Field(sa_column=Column(Date, nullable=False, index=True))
    told_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    told_by: UUID | None = None
