"""What matching and notification told: pairings, invitations, employers' answers."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Field

from services.registration.tables.base import Base


class PairingRow(Base, table=True):
    """The newest pairing of a meetup, as matching told of it.

    ``step`` orders what was told: by revision, then proposed, in force, withdrawn.
    """

    __tablename__ = "pairing_states"

    meetup_id: UUID = Field(primary_key=True)
    step: int
    pairing_id: UUID
    state: str
    meetings: int


class InForceRow(Base, table=True):
    """Which revision of a meetup's pairings is in force, or was when it was withdrawn."""

    __tablename__ = "pairings_in_force"

    meetup_id: UUID = Field(primary_key=True)
    step: int


class PairedRow(Base, table=True):
    """How many meetings a participant has in the pairing in force of a meetup."""

    __tablename__ = "paired_participants"

    meetup_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    meetings: int


class InvitationRow(Base, table=True):
    """Where the invitation of one participant to one meetup stands, as notification told of it."""

    __tablename__ = "invitation_states"

    meetup_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    revision: int
    state: str
    reason: str | None = None


class AnswerRow(Base, table=True):
    """What an employer answered for one candidate."""

    __tablename__ = "employer_answers"

    meetup_id: UUID = Field(primary_key=True)
    need_id: UUID = Field(primary_key=True)
    participant_id: UUID = Field(primary_key=True, index=True)
    revision: int
    answer: str
    reason: str
