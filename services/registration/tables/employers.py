"""Employers and needs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registration.tables.base import Base, listed, revisions, texts, when_kept
from shared.travel.erasure import NOBODY


class EmployerRow(Base, table=True):
    """An employer; the agency vouches for it."""

    __tablename__ = "employers"
    __table_args__ = listed("employers", "name")

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    name: str
    siret: str | None
    commune: str
    latitude: float | None
    longitude: float | None
    agency_id: UUID | None = Field(default=None, foreign_key="agencies.id", index=True)
    kept_at: datetime = Field(sa_column=when_kept())


class NeedRow(Base, table=True):
    """A vacancy; ``skills`` is a list of ``{skill, level, weight}``."""

    __tablename__ = "needs"
    __table_args__ = listed("needs", "title")

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    employer_id: UUID = Field(foreign_key="employers.id", index=True)
    site_id: UUID | None = Field(default=None, foreign_key="sites.id", index=True)
    contact_id: UUID | None = Field(default=None, foreign_key="employer_contacts.id", index=True)
    title: str
    occupation: str
    commune: str
    latitude: float | None
    longitude: float | None
    posts: int
    seats: int
    hours: list[str] = Field(sa_column=texts())
    licences: list[str] = Field(sa_column=texts())
    starts_on: date | None
    interviewers: int = 1
    access: str | None
    framework: str
    skills: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))
    is_closed: bool = False
    agency_id: UUID | None = Field(default=None, foreign_key="agencies.id", index=True)
    kept_at: datetime = Field(sa_column=when_kept())
