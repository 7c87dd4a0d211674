"""What one agency proposes to change of what another vouches for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registration.tables.base import Base, moment
from shared.travel.erasure import NOBODY


class ProposalRow(Base, table=True):
    """A change of an employer, a need or a site, as it would be asked for; ``agency_id`` accepts or refuses it.

    With ``adds`` it is a new site or contact of the employer.
    """

    __tablename__ = "proposals"

    id: UUID = Field(primary_key=True)
    employer_id: UUID | None = Field(default=None, foreign_key="employers.id", index=True)
    need_id: UUID | None = Field(default=None, foreign_key="needs.id", index=True)
    site_id: UUID | None = Field(default=None, foreign_key="sites.id", index=True)
    adds: str | None = None
    changes: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))
    agency_id: UUID | None = Field(default=None, foreign_key="agencies.id", index=True)
    proposed_by: UUID | None = None
    proposing_agency_id: UUID | None = Field(default=None, foreign_key="agencies.id", index=True)
    proposed_at: datetime = Field(sa_column=moment())
    is_accepted: bool | None = None
    settled_by: UUID | None = None
    settled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
