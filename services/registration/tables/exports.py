"""Exports that wait or are made, and their files for a day."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field

from services.registration.tables.base import Base, texts
from services.registration.tables.queueing import QueuedRow
from shared.travel.erasure import NOBODY


class ExportRow(QueuedRow, Base, table=True):
    """An export, by the stems of its lists."""

    __tablename__ = "exports"

    lists: list[str] = Field(sa_column=texts())
    form: str
    rows: int = 0
    size: int | None = None


class ExportPieceRow(Base, table=True):
    """A piece of the file of an export. No file outlives an erasure: who is in it is not searched for."""

    __tablename__ = "export_pieces"

    export_id: UUID = Field(primary_key=True, foreign_key="exports.id", ondelete="CASCADE")
    number: int = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"person": NOBODY}))
