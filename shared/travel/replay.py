"""Replay: send again what the outbox keeps; inboxes drop what they know and apply what they missed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.sql import among, run, wake
from shared.travel.outbox import WAKE_CHANNEL
from shared.travel.tables import outbox
from shared.travel.topics import Topic


async def replay(session: AsyncSession, topics: Sequence[Topic]) -> int:
    """Mark the kept events of these topics as unpublished, so that the relay sends them again; how many there are."""
    again = (
        update(outbox)
        .where(among(outbox.c.topic, [topic.name for topic in topics]), outbox.c.published_at.is_not(None))
        .values(published_at=None)
    )
    sent_again = (await run(session, again)).rowcount
    await wake(session, WAKE_CHANNEL)
    return sent_again
