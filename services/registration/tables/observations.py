"""Observations."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.registration.tables.base import Base, listed_by_agency, moment, of_persons_agency, when_kept


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
        *listed_by_agency("observations", "seen_on"),
        of_persons_agency(),
    )

    id: UUID = Field(primary_key=True)
    revision: int
    workshop_id: UUID = Field(foreign_key="workshops.id", index=True)
    participant_id: UUID = Field(index=True)
    agency_id: UUID
    rater_id: UUID
    written_by: UUID | None = None
    """Who wrote it down as it is now."""
    seen_on: date
    exercise: str
    framework: str
    skill: str
    ordinal: int = 0
    level: int
    note: str = ""
    recorded_at: datetime = Field(sa_column=moment())
    retracted_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    kept_at: datetime = Field(sa_column=when_kept())
