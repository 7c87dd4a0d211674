"""How long lines of the audit are kept: the oldest go with their seals, and the chain goes on from there."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import DateTime, func, literal, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.auditing.tables import LINES, SEALS
from shared.retention import Lasting
from shared.sql import run

LONGEST_YEAR = timedelta(days=366)
SEALS_GONE_AT_ONCE = 100


def lines_kept(years: int) -> Lasting:
    """The lines of a service's audit: each goes some years after it was sealed, together with those of its seal."""

    async def count(session: AsyncSession, now: datetime) -> int:
        outlived = (SEALS.c.sealed_at < now - years * LONGEST_YEAR, SEALS.c.lines_gone.is_(False))
        last = func.coalesce(select(func.max(SEALS.c.up_to)).where(*outlived).scalar_subquery(), 0)
        return int((await run(session, select(func.count()).where(LINES.c.position <= last))).scalar_one())

    async def let_go(session: AsyncSession, now: datetime) -> int:
        sealed_before = literal(now - years * LONGEST_YEAR, DateTime(timezone=True))
        asked = func.audit.let_go(sealed_before, SEALS_GONE_AT_ONCE)
        return int((await run(session, select(asked))).scalar_one())

    return Lasting("lines of the audit", count, let_go)
