"""Operations."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from services.registration.tables.base import Base, listed_by_agency, revisions, when_kept


class OperationRow(Base, table=True):
    """What an agency does at a venue from one day to another; its workshops and its meetup name it."""

    __tablename__ = "operations"
    __table_args__ = listed_by_agency("operations", "starts_on")

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    agency_id: UUID = Field(foreign_key="agencies.id")
    name: str
    venue_id: UUID = Field(foreign_key="venues.id", index=True)
    starts_on: date
    ends_on: date
    kept_at: datetime = Field(sa_column=when_kept())
