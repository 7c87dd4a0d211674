"""Sign-ins begun at a provider and not ended yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.accounts import Attempt
from services.registration.tables import SignInAttemptRow
from shared.sql import add_row, run, table_of

ATTEMPTS = table_of(SignInAttemptRow)


async def add_attempt(session: AsyncSession, attempt: Attempt, state_digest: str) -> None:
    """Keep an attempt."""
    await add_row(
        session,
        SignInAttemptRow(
            state_digest=state_digest,
            visitor_digest=attempt.visitor_digest,
            nonce=attempt.nonce,
            verifier=attempt.verifier,
            goes_on_to=attempt.goes_on_to,
            ends_at=attempt.ends_at,
        ),
    )


async def take_attempt(session: AsyncSession, state_digest: str) -> Attempt | None:
    """The attempt of this state, which cannot come back again."""
    taken = delete(ATTEMPTS).where(ATTEMPTS.c.state_digest == state_digest).returning(ATTEMPTS)
    row = (await run(session, taken)).one_or_none()
    if row is None:
        return None
    return Attempt(row.visitor_digest, row.nonce, row.verifier, row.goes_on_to, row.ends_at)


async def forget_attempts(session: AsyncSession, ended_before: datetime) -> None:
    """Forget the attempts that have ended."""
    await run(session, delete(ATTEMPTS).where(ATTEMPTS.c.ends_at < ended_before))
