"""Credentials of other systems."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.registration.tables.base import Base, moment, texts


class CredentialRow(Base, table=True):
    """What another system shows; of its secret only the digest is kept."""

    __tablename__ = "credentials"

    id: UUID = Field(primary_key=True)
    secret_digest: str = Field(unique=True)
    name: str
    agency_id: UUID | None = Field(default=None, foreign_key="agencies.id", index=True)
    rights: list[str] = Field(sa_column=texts())
    made_at: datetime = Field(sa_column=moment())
    made_by: UUID | None = None
    ends_at: datetime = Field(sa_column=moment())
    used_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    revoked_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    revoked_by: UUID | None = None
