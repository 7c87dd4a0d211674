"""Notification's tables: what it was told by events, what it decided to say, and what was answered.

No name, address, e-mail or phone number has a column here: they are asked for when a message leaves.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlalchemy.types import DateTime
from sqlmodel import Field, SQLModel

from shared.database import named_metadata
from shared.idempotency import AnswerColumns
from shared.limits import LimitColumns
from shared.travel.erasure import NOBODY, ROW, TOMBSTONE

_moment = DateTime(timezone=True)


class Base(SQLModel, registry=registry(metadata=named_metadata())):
    """The base of this service's tables, with metadata of its own."""


class LimitRow(Base, LimitColumns, table=True):
    """How often somebody did what is limited."""


class IdempotencyRow(Base, AnswerColumns, table=True):
    """The answer once given under an ``Idempotency-Key``: ids and codes only, so nothing personal."""

    __table_args__ = (UniqueConstraint("person_id", "key"),)


class ParticipantRow(Base, table=True):
    """What a letter must know of a participant. State and consent come by their own events, in any order (0: not told).

    An erased participant keeps only its tombstone, as long as something late can come.
    """

    __tablename__ = "participants"

    id: UUID = Field(primary_key=True, sa_column_kwargs={"info": {"person": TOMBSTONE}})
    revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    contact_revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    may_be_contacted: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    erased_at: datetime | None = Field(default=None, sa_type=_moment)


class SilenceRow(Base, table=True):
    """Somebody, participant or employer, who asked for no more messages."""

    __tablename__ = "silences"

    recipient_id: UUID = Field(primary_key=True, sa_column_kwargs={"info": {"person": ROW}})
    since: datetime = Field(sa_type=_moment)


class NeedRow(Base, table=True):
    """Whose need it is, and for which occupation; closed while that was said after its state (0: not told)."""

    __tablename__ = "needs"

    id: UUID = Field(primary_key=True)
    revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    closed_revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    employer_id: UUID | None = None
    occupation: str | None = None


class MeetupRow(Base, table=True):
    """A meetup as last told; once cancelled, it stays so (0: not told)."""

    __tablename__ = "meetups"

    id: UUID = Field(primary_key=True)
    revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    cancelled_revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    agency_id: UUID | None = None
    venue: str | None = None
    commune: str | None = None
    directions: int | None = None
    starts_at: datetime | None = Field(default=None, sa_type=_moment)
    slot_minutes: int | None = None
    slots: int | None = None
    needs: list[str] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default="[]", info={"person": NOBODY})
    )


class PairingRow(Base, table=True):
    """Which pairing of a meetup is in force."""

    __tablename__ = "pairings"

    meetup_id: UUID = Field(primary_key=True)
    revision: int
    pairing_id: UUID
    is_withdrawn: bool


class MeetingRow(Base, table=True):
    """A meeting of the pairing in force, with its account in two voices and languages."""

    __tablename__ = "meetings"

    meetup_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(index=True)
    need_id: UUID
    employer_id: UUID
    slot: int
    length: int
    table: int
    position: int
    for_participant: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))
    for_employer: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))


class InvitationRow(Base, table=True):
    """One participant's invitation to one meetup: what was decided to tell, and the answer."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("meetup_id", "participant_id"),)

    id: UUID = Field(primary_key=True)
    meetup_id: UUID
    participant_id: UUID = Field(index=True)
    content: str
    day: date
    answer_by: datetime = Field(sa_type=_moment)
    deadline: datetime = Field(sa_type=_moment)
    edition: int
    question: int
    revision: int
    is_in_force: bool
    reply: str
    decline_reason: str | None
    wants_call: bool
    delivery: str
    is_removed_after_acceptance: bool
    heard: str | None
    heard_day: date | None
    accepted_day: date | None


class ShortlistRow(Base, table=True):
    """One employer's shortlist of one meetup."""

    __tablename__ = "shortlists"
    __table_args__ = (UniqueConstraint("meetup_id", "employer_id"),)

    id: UUID = Field(primary_key=True)
    meetup_id: UUID
    employer_id: UUID
    content: str
    day: date
    heard: str
    heard_day: date
    edition: int
    revision: int
    delivery: str
    asked_at: datetime | None = Field(default=None, sa_type=_moment)


class AnswerRow(Base, table=True):
    """An employer's answer for one candidate of one need."""

    __tablename__ = "answers"

    shortlist_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("shortlists.id", ondelete="CASCADE"), primary_key=True)
    )
    need_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    choice: str
    reason: str
    revision: int
    answered_at: datetime = Field(sa_type=_moment)


class MessageRow(Base, table=True):
    """A message on its way, and the record of its delivery: a keyed hash of the address, never the address.

    ``content`` and ``day`` are what it told as it left, by which its recipient knows.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("invitation_id", "kind", "edition"),
        UniqueConstraint("shortlist_id", "kind", "edition"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    meetup_id: UUID = Field(index=True)
    recipient_id: UUID = Field(index=True, sa_column_kwargs={"info": {"person": ROW}})
    invitation_id: UUID | None = Field(
        default=None, sa_column=Column(Uuid, ForeignKey("invitations.id", ondelete="CASCADE"))
    )
    shortlist_id: UUID | None = Field(
        default=None, sa_column=Column(Uuid, ForeignKey("shortlists.id", ondelete="CASCADE"))
    )
    edition: int
    content: str | None = None
    day: date | None = None
    state: str
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    written_at: datetime = Field(sa_type=_moment)
    due_at: datetime = Field(sa_type=_moment)
    lease: UUID | None = None
    lease_until: datetime | None = Field(default=None, sa_type=_moment)
    channel: str | None = None
    smtp_id: str | None = None
    address_mark: str | None = None
    error: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=_moment)
    settled_by: UUID | None = None


class LinkRow(Base, table=True):
    """A link that was handed out, by the hash of its token."""

    __tablename__ = "links"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True, info={"person": NOBODY}))
    invitation_id: UUID | None = Field(
        default=None, sa_column=Column(Uuid, ForeignKey("invitations.id", ondelete="CASCADE"), index=True)
    )
    shortlist_id: UUID | None = Field(
        default=None, sa_column=Column(Uuid, ForeignKey("shortlists.id", ondelete="CASCADE"), index=True)
    )
    made_at: datetime = Field(sa_type=_moment)


Index(
    "ix_invitations_unanswered",
    InvitationRow.__table__.c.deadline,  # type: ignore[attr-defined]  # SQLModel does not declare it
    postgresql_where=text("is_in_force AND reply = 'none'"),
)
Index(
    "ix_messages_open",
    MessageRow.__table__.c.due_at,  # type: ignore[attr-defined]  # SQLModel does not declare it
    postgresql_where=text("state IN ('queued', 'sending')"),
)
