"""Answers once given under an ``Idempotency-Key``, kept for some days, so that the same request again gets the same.

Each service has a table of its own: ``class IdempotencyRow(Base, AnswerColumns, table=True)``. An answer holds ids and
codes alone, no name and no secret; one that speaks of somebody who is erased goes with them (`shared.travel.erasure`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Table, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.retention import Lasting, rows_kept
from shared.sql import hold, run


class AnswerColumns(SQLModel):
    """The columns of a service's table of answers; of one person, a key is there once (a unique constraint)."""

    __tablename__ = "idempotency_keys"

    id: UUID = Field(primary_key=True)
    person_id: UUID
    key: str
    digest: str
    """Of what was asked: the same key with another request is refused."""
    status: int
    answer: dict[str, Any] = Field(sa_type=JSONB)
    given_at: datetime = Field(sa_type=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered, and the digest of what was asked."""

    digest: str
    status: int
    answer: Mapping[str, Any]


async def given_answer(session: AsyncSession, table: Table, person_id: UUID, key: str) -> GivenAnswer | None:
    """The answer once given to this person under this key.

    Holds a lock until the transaction ends, so that of two equal requests at once the second waits for the first.
    """
    await hold(session, [f"{person_id}:{key}"])
    found = select(table).where(table.c.person_id == person_id, table.c.key == key)
    row = (await run(session, found)).one_or_none()
    return GivenAnswer(row.digest, row.status, row.answer) if row else None


async def keep_answer(
    session: AsyncSession, table: Table, row_id: UUID, person_id: UUID, key: str, given: GivenAnswer, now: datetime
) -> None:
    """Keep an answer in the transaction of what it answers."""
    row = {
        "id": row_id,
        "person_id": person_id,
        "key": key,
        "digest": given.digest,
        "status": given.status,
        "answer": dict(given.answer),
        "given_at": now,
    }
    await run(session, insert(table).values(row))


def answers_kept(table: Table, days: int) -> Lasting:
    """A service's answers: each goes some days after it was given."""
    return rows_kept("answers under idempotency keys", table, lambda now: table.c.given_at < now - timedelta(days=days))
