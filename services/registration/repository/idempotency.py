"""Answers once given under an ``Idempotency-Key``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.tables import IdempotencyRow
from shared.sql import add_row, hold, one_row, table_of

KEYS = table_of(IdempotencyRow)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered, and the digest of what was asked."""

    digest: str
    status: int
    answer: Mapping[str, Any]


async def given_answer(session: AsyncSession, person_id: UUID, key: str) -> GivenAnswer | None:
    """The answer once given to this person under this key.

    Holds a lock until the transaction ends, so that of two equal requests at once the second waits for the first.
    """
    await hold(session, [f"{person_id}:{key}"])
    row = await one_row(session, IdempotencyRow, KEYS.c.person_id == person_id, KEYS.c.key == key)
    return GivenAnswer(row.digest, row.status, row.answer) if row else None


async def keep_answer(
    session: AsyncSession, row_id: UUID, person_id: UUID, key: str, given: GivenAnswer, now: datetime
) -> None:
    """Keep an answer in the transaction of what it answers."""
    await add_row(
        session,
        IdempotencyRow(
            id=row_id,
            person_id=person_id,
            key=key,
            digest=given.digest,
            status=given.status,
            answer=dict(given.answer),
            given_at=now,
        ),
    )
