"""Mails that registration owes somebody, until they are sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.registration.tables.base import Base, moment


class OwedMailRow(Base, table=True):
    """What is to be told by mail, and to whom: an account of staff, an employer's former address, or a participant."""

    __tablename__ = "owed_mails"

    id: UUID = Field(primary_key=True)
    account_id: UUID | None = Field(default=None, foreign_key="accounts.staff_id", index=True)
    former_contact_id: UUID | None = Field(
        default=None, foreign_key="former_contacts.id", ondelete="CASCADE", index=True
    )
    participant_id: UUID | None = Field(
        default=None, foreign_key="planned_erasures.participant_id", ondelete="CASCADE", index=True
    )
    owed_since: datetime = Field(sa_column=moment())
    try_after: datetime = Field(sa_column=moment())
    tries: int = 0
