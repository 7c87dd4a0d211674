"""The audit's tables. No erasure goes through them: lines hold ids and codes alone, and stay."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, LargeBinary, MetaData, String, Table, Uuid

AUDIT = MetaData(schema="audit")

LINES = Table(
    "lines",
    AUDIT,
    Column("position", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("person_id", Uuid),
    Column("role", String, nullable=False),
    Column("agency_id", Uuid),
    Column("route", String, nullable=False),
    Column("what", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("record_id", Uuid),
    Column("participant_id", Uuid),
    Column("why", String),
)
"""Who did what, with which record, where they came in, by which code for a reason.

PostgreSQL itself writes who, when and where. A participant's own record has no id but theirs.
"""

SEALS = Table(
    "seals",
    AUDIT,
    Column("number", BigInteger, primary_key=True),
    Column("up_to", BigInteger, nullable=False, unique=True),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("lines_gone", Boolean, nullable=False),
)
"""The chain: each hash covers the hash before it and all lines after that one's, up to a position.

Where lines outlived their time, they went with all seals before the last one over them, which stays: the chain goes on
from its hash.
"""
