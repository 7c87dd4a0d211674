"""Retention: what travelled is forgotten when its topic's time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.travel.tables import dead_letters, inbox, outbox
from shared.travel.topics import TOPICS

INBOX_MARGIN = timedelta(days=30)
"""How much longer an inbox remembers an event than any outbox could send it again."""


async def prune(session: AsyncSession, *, now: datetime) -> int:
    """Delete published events, marks of applied ones, and settled dead letters that are older than their topic's time.

    Returns how many rows went. What is unpublished or open stays, however old.
    """
    gone = 0
    connection = await session.connection()
    for topic in TOPICS:
        oldest = now - topic.retention
        for rows in (
            delete(outbox).where(outbox.c.topic == topic.name, outbox.c.published_at < oldest),
            delete(inbox).where(inbox.c.topic == topic.name, inbox.c.applied_at < oldest - INBOX_MARGIN),
            delete(dead_letters).where(dead_letters.c.topic == topic.name, dead_letters.c.settled_at < oldest),
        ):
            gone += (await connection.execute(rows)).rowcount
    return gone
