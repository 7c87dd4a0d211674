"""Venues."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from services.registration.tables.base import Base, revisions


class VenueRow(Base, table=True):
    """A venue; ``folded_name`` is its name as compared."""

    __tablename__ = "venues"
    __table_args__ = (UniqueConstraint("folded_name", "commune"),)

    id: UUID = Field(primary_key=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    name: str
    folded_name: str
    commune: str
    latitude: float | None
    longitude: float | None
    address: str | None
    access: str | None
    contact: str | None
