"""The base of registration's tables, and the columns that several have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.database import named_metadata


class Base(SQLModel, registry=registry(metadata=named_metadata())):
    """The base of this service's tables, with metadata of its own."""


def texts() -> Column[Any]:
    """A column of texts, none at first."""
    return Column(ARRAY(String), nullable=False, server_default=text("'{}'"))


def revisions() -> Column[Any]:
    """A column that says in which revision each field last changed."""
    return Column(JSONB, nullable=False, server_default=text("'{}'"))


def when_kept() -> Column[Any]:
    """A column that says when the row was last written; a trigger keeps it."""
    return Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))


def listed(table: str, *by: str) -> tuple[Index, ...]:
    """The indexes by which lists of a table are read: by when its rows were kept, and by these columns."""
    return tuple(Index(f"ix_{table}_{column}", column, "id") for column in ("kept_at", *by))


def listed_by_agency(table: str, *by: str) -> tuple[Index, ...]:
    """The same for lists of the whole region, and besides, for lists of one agency: these by ids alone, too."""
    of_one = (
        Index(f"ix_{table}_agency_id_{column}", "agency_id", column, *(["id"] if column != "id" else []))
        for column in ("id", "kept_at", *by)
    )
    return (*listed(table, *by), *of_one)


def of_persons_agency() -> ForeignKeyConstraint:
    """That a row is its person's, and its agency theirs: the database has it follow where they move, and go with them.

    Policies and lists find an agency's rows by the rows themselves.
    """
    return ForeignKeyConstraint(
        ["participant_id", "agency_id"],
        ["participants.id", "participants.agency_id"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    )


def moment(*, nullable: bool = False) -> Column[Any]:
    """A column of moments, each with its time zone."""
    return Column(DateTime(timezone=True), nullable=nullable)
