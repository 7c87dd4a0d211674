"""Answers once given under an ``Idempotency-Key``."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registration.tables.base import Base, moment


class IdempotencyRow(Base, table=True):
    """The answer once given under an ``Idempotency-Key``: ids and codes only, so nothing personal."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: UUID = Field(primary_key=True)
    person_id: UUID
    key: str
    digest: str
    """Of the route and the body: the same key with another request is refused."""
    status: int
    answer: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    given_at: datetime = Field(sa_column=moment())
