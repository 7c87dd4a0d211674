"""The columns of what waits for a worker: who asked, how it stands, and whose it is to work at."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, String
from sqlmodel import Field, SQLModel


class QueuedRow(SQLModel):
    """Something that a worker claims by lease; ``vouched`` says that neither an account nor a credential asked."""

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    role: str
    agency_id: UUID | None = Field(default=None, index=True)
    rights: list[str] | None = Field(default=None, sa_type=ARRAY(String))
    vouched: bool
    asked_at: datetime = Field(sa_type=DateTime(timezone=True))
    state: str
    attempts: int = 0
    lease: UUID | None = None
    lease_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    failure: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
