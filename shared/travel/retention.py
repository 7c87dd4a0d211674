"""Retention: what travelled is forgotten when its topic's time is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, MetaData, Table, delete, select

from shared.database import Patience, Sessions, allow, unit_of_work
from shared.sql import leads, run
from shared.travel.erasure import let_tombstones_go, sweep_dead_letters
from shared.travel.tables import dead_letters, inbox, outbox
from shared.travel.topics import TOPICS

INBOX_MARGIN = timedelta(days=2)
"""How much longer an inbox remembers an event than it could still come: a day each for Kafka's open segment and for a
pruning that comes late."""

TOMBSTONES_STAY = 2 * max(topic.retention for topic in TOPICS) + INBOX_MARGIN
"""How long after an erasure something about the person can still come.

Whoever speaks of them does so until they hear of it, which they do while it stands on Kafka; what they told last stands
there as long once more. The copy of a message that could not be applied is made while that message stands, and gone by
then, too."""

PRUNER_LOCK = 7_236_003
"""The advisory lock of whoever prunes; each service has its own database, so one number serves all."""

ROWS_AT_ONCE = 5_000
PRUNING = Patience(lock=5, statement=600)


async def prune(sessions: Sessions, metadata: MetaData, *, now: datetime) -> int:
    """Delete published events, marks of applied ones, and settled dead letters that are older than their topic's time.

    An event may be sent again on its outbox's last day and then stands on Kafka as long once more, so an inbox
    remembers it twice as long. What is unpublished or open stays, however old. Whoever was erased goes from the letters
    that died since, and in the end their bare id from the service's tables, whose `metadata` this is. In short
    transactions, by one worker at a time. Returns how many rows went or changed.
    """
    gone = 0
    for table, outlived in _outlived(now):
        while (count := await _prune_some(sessions, table, outlived)) > 0:
            gone += count
    return gone + await _prune_the_erased(sessions, metadata, now)


def _outlived(now: datetime) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    for topic in TOPICS:
        oldest = now - topic.retention
        oldest_mark = now - 2 * topic.retention - INBOX_MARGIN
        yield (
            outbox,
            (outbox.c.written_at < oldest) & (outbox.c.topic == topic.name) & outbox.c.published_at.is_not(None),
        )
        yield inbox, (inbox.c.applied_at < oldest_mark) & (inbox.c.topic == topic.name)
        yield dead_letters, (dead_letters.c.settled_at < oldest) & (dead_letters.c.topic == topic.name)


async def _prune_some(sessions: Sessions, table: Table, outlived: ColumnElement[bool]) -> int:
    """Delete some rows in a transaction of their own; none where another worker prunes."""
    (key,) = table.primary_key
    async with unit_of_work(sessions) as session:
        if not await leads(session, PRUNER_LOCK):
            return 0
        await allow(session, PRUNING)
        some = select(key).where(outlived).limit(ROWS_AT_ONCE)
        return (await run(session, delete(table).where(key.in_(some)))).rowcount


async def _prune_the_erased(sessions: Sessions, metadata: MetaData, now: datetime) -> int:
    async with unit_of_work(sessions) as session:
        if not await leads(session, PRUNER_LOCK):
            return 0
        swept = await sweep_dead_letters(session, metadata, now=now)
        return swept + await let_tombstones_go(session, metadata, erased_before=now - TOMBSTONES_STAY)
