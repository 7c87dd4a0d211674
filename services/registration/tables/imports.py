"""Imports that wait or are worked at, their files until they end, and what was found in them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registration.tables.base import Base
from services.registration.tables.queueing import QueuedRow
from shared.travel.erasure import NOBODY


class ImportRow(QueuedRow, Base, table=True):
    """An import, and how far it is: counts by the names of its files."""

    __tablename__ = "imports"

    is_dry: bool
    progress: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, info={"person": NOBODY}))


class ImportPieceRow(Base, table=True):
    """A piece of a file that was handed in; it goes when the import ends.

    Whoever is erased meanwhile is not searched for in it: an import brings nobody back.
    """

    __tablename__ = "import_pieces"

    import_id: UUID = Field(primary_key=True, foreign_key="imports.id", ondelete="CASCADE")
    file: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    name: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"person": NOBODY}))


class ImportPartRow(Base, table=True):
    """A part of an import that was kept: the verdict of each of its rows, a byte each, and what was found in it."""

    __tablename__ = "import_parts"

    import_id: UUID = Field(primary_key=True, foreign_key="imports.id", ondelete="CASCADE")
    number: int = Field(primary_key=True)
    file: str
    verdicts: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"person": NOBODY}))
    findings: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
