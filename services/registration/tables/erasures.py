"""That somebody was erased, and the notes of others that may still name them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registration.tables.base import Base, listed_by_agency, moment, when_kept
from shared.travel.erasure import NOBODY, TOMBSTONE


class ErasureRow(Base, table=True):
    """That somebody was erased, and what went: rows and documents by table; `told_at` is when Kafka took the event.

    The id stays as long as a late event could come, so that it changes nothing; the keyed digest of their identifier
    for good, so that no import brings them back.
    """

    __tablename__ = "erasures"
    __table_args__ = listed_by_agency("erasures", "erased_at")

    id: UUID = Field(primary_key=True)
    participant_id: UUID | None = Field(unique=True, sa_column_kwargs={"info": {"person": TOMBSTONE}})
    revision: int
    identifier_digest: str | None = Field(index=True)
    agency_id: UUID = Field(foreign_key="agencies.id")
    erased_at: datetime = Field(sa_column=moment())
    erased_by: UUID | None = None
    told_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    gone: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))
    kept_at: datetime = Field(sa_column=when_kept())


class NamingNoteRow(Base, table=True):
    """Somebody else's observation whose note probably names a person who was erased; an adviser looks at it."""

    __tablename__ = "naming_notes"

    erasure_id: UUID = Field(primary_key=True, foreign_key="erasures.id", ondelete="CASCADE")
    observation_id: UUID = Field(primary_key=True, foreign_key="observations.id", ondelete="CASCADE", index=True)
    settled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    settled_by: UUID | None = None
