"""Operations."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import Field

from services.registration.tables.base import Base, revisions


class OperationRow(Base, table=True):
    """What an agency does at a venue from one day to another; its workshops and its meetup name it."""

    __tablename__ = "operations"

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    agency_id: UUID = Field(foreign_key="agencies.id", index=True)
    name: str
    venue_id: UUID = Field(foreign_key="venues.id", index=True)
    starts_on: date
    ends_on: date
