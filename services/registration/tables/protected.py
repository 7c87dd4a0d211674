"""What must never count, in a schema of its own.

Its tables stand on a base apart from the service's other tables, so that nothing that goes through all of those reaches
them. The role under which the service works cannot read or write them; `repository/protected.py` alone takes the role
that can, for as long as it asks.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Uuid
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.registration.tables.base import texts
from services.registration.tables.participants import ParticipantRow
from shared.database import named_metadata
from shared.sql import table_of

SCHEMA = "protected"


class Apart(SQLModel, registry=registry(metadata=named_metadata())):
    """The base of the protected tables, with metadata of its own."""


def _participant() -> Column[Any]:
    """Whom a row is about; a row goes with them."""
    them = ForeignKey(table_of(ParticipantRow).c.id, ondelete="CASCADE")
    return Column(Uuid, them, primary_key=True)


class CriteriaRow(Apart, table=True):
    """Criteria that must never count: read for outreach and the fairness audit only."""

    __tablename__ = "criteria"
    __table_args__ = {"schema": SCHEMA}

    participant_id: UUID = Field(sa_column=_participant())
    publics: list[str] = Field(sa_column=texts())
    born_on: date | None = Field(default=None, sa_column=Column(Date, index=True))
    sex: str | None = None
    access_needs: list[str] = Field(sa_column=texts())
