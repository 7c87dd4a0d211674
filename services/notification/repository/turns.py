"""Whose turn it is: one transaction at a time decides about a person or a meetup, one worker keeps the deadlines."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared import sql

LEADER = 7_236_302
"""The advisory lock of the worker that looks at the clock."""


async def take_turns(session: AsyncSession, things: Iterable[UUID]) -> None:
    """Let one transaction at a time learn and decide about each of these participants or meetups, until it ends.

    Two that learn at once, one a consent and one a pairing, would each miss what the other is about to commit, and
    nobody would be invited. Whoever needs both takes participants before meetups: one order for everybody.
    """
    await sql.hold(session, things)


async def leads(session: AsyncSession) -> bool:
    """Whether this transaction is the one that keeps the deadlines now; another one goes without."""
    return await sql.leads(session, LEADER)
