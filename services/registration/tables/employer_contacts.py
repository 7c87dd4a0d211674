"""Whom to talk to at employers, now and before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Computed, DateTime, Index, String, text
from sqlmodel import Field

from services.registration.tables.base import Base, listed, revisions, when_kept


class EmployerContactRow(Base, table=True):
    """Somebody at an employer; the main one receives the shortlists of needs that name nobody else.

    ``sorted_name`` is their name in small letters, as a list is sorted by it; those without one come first.
    """

    __tablename__ = "employer_contacts"
    __table_args__ = listed("employer_contacts", "sorted_name")

    id: UUID = Field(primary_key=True)
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    employer_id: UUID = Field(foreign_key="employers.id", index=True)
    name: str | None
    function: str | None
    email: str | None
    phone: str | None
    language: str
    is_main: bool
    sorted_name: str = Field(
        sa_column=Column(String, Computed("lower(coalesce(name, ''))", persisted=True), nullable=False)
    )
    kept_at: datetime = Field(sa_column=when_kept())


class FormerContactRow(Base, table=True):
    """How an employer was reached before somebody changed it.

    By its main contact where ``contact_id`` and ``need_id`` name nothing, else by this contact, or for this need.
    """

    __tablename__ = "former_contacts"

    id: UUID = Field(primary_key=True)
    employer_id: UUID = Field(foreign_key="employers.id", index=True)
    contact_id: UUID | None = None
    need_id: UUID | None = Field(default=None, foreign_key="needs.id")
    contact_name: str | None
    email: str | None
    phone: str | None
    language: str = "fr"
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    changed_by: UUID | None = None


Index(
    "uq_employer_contacts_main",
    EmployerContactRow.__table__.c.employer_id,  # type: ignore[attr-defined]  # SQLModel does not declare it
    unique=True,
    postgresql_where=text("is_main"),
)
