"""Agencies and staff."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Field

from services.registration.tables.base import Base


class AgencyRow(Base, table=True):
    """An agency; ``folded_name`` is its name as compared."""

    __tablename__ = "agencies"

    id: UUID = Field(primary_key=True)
    name: str
    folded_name: str = Field(unique=True)
    revision: int = 1
    department: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None


class StaffRow(Base, table=True):
    """A mediator or adviser, known by e-mail. The e-mail stays here; events name the id."""

    __tablename__ = "staff"

    id: UUID = Field(primary_key=True)
    email: str = Field(unique=True)
    role: str | None = None
    agency_id: UUID | None = Field(default=None, foreign_key="agencies.id", index=True)
