"""Participants: what pairing may know; apart from it, how they are reached, and their consents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Computed, Index, String, UniqueConstraint
from sqlmodel import Field

from services.registration.tables.base import Base, listed, moment, of_persons_agency, revisions, texts, when_kept
from shared.travel.erasure import ROW


def _in_small_letters(name: str) -> Column[Any]:
    """A column by which people are sorted: PostgreSQL works it out."""
    return Column(String, Computed(f"lower({name})", persisted=True), nullable=False)


_SORTED = ("sorted_last_name", "sorted_first_name", "participant_id")


class ParticipantRow(Base, table=True):
    """What pairing may know of a participant. ``revision`` counts all that happened to them."""

    __tablename__ = "participants"
    __table_args__ = (
        *listed("participants"),
        Index("ix_participants_agency_id_kept_at", "agency_id", "kept_at", "id"),
        UniqueConstraint("agency_id", "id"),
    )

    id: UUID = Field(primary_key=True, sa_column_kwargs={"info": {"person": ROW}})
    identifier: str | None = Field(unique=True)
    revision: int
    field_revisions: dict[str, int] = Field(sa_column=revisions())
    agency_id: UUID = Field(foreign_key="agencies.id")
    commune: str
    latitude: float | None
    longitude: float | None
    travel_limit_km: float
    transport: str
    available_from: date
    hours: list[str] = Field(sa_column=texts())
    licences: list[str] = Field(sa_column=texts())
    wishes: list[str] = Field(sa_column=texts())
    refused_occupations: list[str] = Field(sa_column=texts())
    merged_into: UUID | None = Field(default=None, foreign_key="participants.id", ondelete="CASCADE", index=True)
    """The record of the same person that goes on for this one."""
    registered_at: datetime = Field(sa_column=moment())
    changed_at: datetime = Field(sa_column=moment())
    kept_at: datetime = Field(sa_column=when_kept())
    heard_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    """When they said that they stay, told that they would be erased."""


class ContactRow(Base, table=True):
    """How a participant is named and reached, and in which language."""

    __tablename__ = "participant_contacts"
    __table_args__ = (
        Index("ix_participant_contacts_sorted", *_SORTED),
        Index("ix_participant_contacts_agency_id_sorted", "agency_id", *_SORTED),
        of_persons_agency(),
    )

    participant_id: UUID = Field(primary_key=True)
    agency_id: UUID
    first_name: str
    last_name: str
    folded_name: str
    """Both names as compared, their words in alphabetical order."""
    name_key: str = Field(index=True)
    """How both names sound: what finds records that may be of one person."""
    email: str | None = Field(default=None, index=True)
    phone: str | None = Field(default=None, index=True)
    postal_address: str | None = None
    language: str
    sorted_last_name: str = Field(sa_column=_in_small_letters("last_name"))
    sorted_first_name: str = Field(sa_column=_in_small_letters("first_name"))


class NameWordRow(Base, table=True):
    """A word of somebody's names, beside these as sorted and as compared. A trigger makes it of their contact."""

    __tablename__ = "name_words"
    __table_args__ = (
        Index("ix_name_words_agency_id_word", "agency_id", "word", *_SORTED, postgresql_include=["folded_name"]),
        of_persons_agency(),
    )

    participant_id: UUID = Field(primary_key=True)
    word: str = Field(sa_column=Column(String(collation="C"), primary_key=True))
    agency_id: UUID
    sorted_last_name: str
    sorted_first_name: str
    folded_name: str


class ConsentRow(Base, table=True):
    """One decision on one purpose; none is ever overwritten, the one with the highest revision holds."""

    __tablename__ = "consents"

    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE")
    purpose: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    is_granted: bool
    source: str
    decided_at: datetime = Field(sa_column=moment())
    decided_by: UUID | None = None
    way: str | None = None
    text_version: int | None = None
    """Which version of the text was shown; unknown where it was not noted."""


class SuspicionRow(Base, table=True):
    """Two records that are probably of one person, the one with the higher id first; an adviser settles it."""

    __tablename__ = "duplicate_suspicions"

    participant_id: UUID = Field(primary_key=True, foreign_key="participants.id", ondelete="CASCADE")
    resembles_id: UUID = Field(
        primary_key=True,
        foreign_key="participants.id",
        ondelete="CASCADE",
        index=True,
        sa_column_kwargs={"info": {"person": ROW}},
    )
    noticed_at: datetime = Field(sa_column=moment())
    settled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    settled_by: UUID | None = None
