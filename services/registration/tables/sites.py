"""Sites of employers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.registration.tables.base import Base, listed, revisions, when_kept


class SiteRow(Base, table=True):
    """A place where an employer's people work, with the SIRET of the establishment."""

    __tablename__ = "sites"
    __table_args__ = listed("sites", "name")

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    employer_id: UUID = Field(foreign_key="employers.id", index=True)
    name: str
    siret: str | None
    address: str | None
    commune: str
    latitude: float | None
    longitude: float | None
    access: str | None
    kept_at: datetime = Field(sa_column=when_kept())
