"""Accounts of staff, and who is signed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from services.registration.tables.base import Base, moment


class AccountRow(Base, table=True):
    """Somebody invited: what they do, where, and how their provider knows them."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    staff_id: UUID = Field(primary_key=True, foreign_key="staff.id")
    role: str
    agency_id: UUID | None = Field(default=None, foreign_key="agencies.id", index=True)
    name: str | None = None
    language: str
    revision: int
    invited_at: datetime = Field(sa_column=moment())
    invited_by: UUID | None = None
    left_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    issuer: str | None = None
    subject: str | None = None


class SignedInRow(Base, table=True):
    """One browser on which somebody is signed in; of its token only the digest is kept."""

    __tablename__ = "signed_in"

    id: UUID = Field(primary_key=True)
    token_digest: str = Field(unique=True)
    staff_id: UUID = Field(index=True)
    role: str
    agency_id: UUID | None = None
    name: str
    is_demo: bool
    started_at: datetime = Field(sa_column=moment())
    seen_at: datetime = Field(sa_column=moment())
    ends_at: datetime = Field(sa_column=moment())
    issuer: str | None = None
    subject: str | None = None
    provider_session: str | None = None
    id_token: str | None = None


class SignInLinkRow(Base, table=True):
    """A link that left by mail and was not used yet; of its token only the digest is kept."""

    __tablename__ = "sign_in_links"

    token_digest: str = Field(primary_key=True)
    staff_id: UUID = Field(foreign_key="accounts.staff_id")
    goes_on_to: str
    ends_at: datetime = Field(sa_column=moment())


class SignInAttemptRow(Base, table=True):
    """A sign-in begun at a provider: what must come back, and to which browser."""

    __tablename__ = "sign_in_attempts"

    state_digest: str = Field(primary_key=True)
    visitor_digest: str
    nonce: str
    verifier: str
    goes_on_to: str
    ends_at: datetime = Field(sa_column=moment())
