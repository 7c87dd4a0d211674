"""Which records were found to be of one person and merged, what moved, and which merges were undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registration.tables.base import Base, moment
from shared.travel.erasure import NOBODY, ROW


class MergeRow(Base, table=True):
    """That two records became one: ``participant_id`` is the one that goes on, ``moved`` what undoing puts back."""

    __tablename__ = "merges"

    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(foreign_key="participants.id", ondelete="CASCADE", index=True)
    merged_id: UUID = Field(
        foreign_key="participants.id",
        ondelete="CASCADE",
        index=True,
        sa_column_kwargs={"info": {"person": ROW}},
    )
    merged_at: datetime = Field(sa_column=moment())
    merged_by: UUID | None = None
    undone_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    undone_by: UUID | None = None
    moved: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))
