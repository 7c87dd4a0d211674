"""Stops: a consumer that cannot get past a message stands still, says where, and waits for an operator's word.

There are two ways on. `bury` gives everything that stands in the way to the dead letters; `skip` passes one message
over, unread, which helps where reading it is what does the harm. Neither loses anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.sql import run
from shared.travel.tables import consumer_skips, consumer_stops
from shared.travel.topics import Topic

Position = tuple[int, int]
"""Partition and offset of a message on its topic."""


@dataclass(frozen=True)
class Stop:
    """Where the consumer of a topic (by its short name) stands still, and the kind of error it met there."""

    topic: str
    partition: int
    offset: int
    error: str
    stopped_at: datetime
    bury_asked_at: datetime | None


@dataclass(frozen=True)
class OperatorWord:
    """What operators said about a consumer: what to pass over, and whether to bury what stands in its way."""

    skips: frozenset[Position]
    stop: Stop | None

    @property
    def buries(self) -> bool:
        """Whether what stands in the way goes to the dead letters, however much it is."""
        return self.stop is not None and self.stop.bury_asked_at is not None

    def moves_on_from(self, place: Position) -> bool:
        """Whether a consumer that stands still at a place may go on."""
        return self.stop is None or self.buries or place in self.skips


async def note_stop(session: AsyncSession, topic: Topic, place: Position, error: str) -> None:
    """Note where the consumer of a topic stands still; what was said about an earlier stop no longer holds."""
    partition, offset = place
    values = {"partition": partition, "offset": offset, "error": error, "bury_asked_at": None}
    statement = insert(consumer_stops).values(topic=topic.name, **values)
    again = {**values, "stopped_at": func.clock_timestamp()}
    await run(session, statement.on_conflict_do_update(index_elements=["topic"], set_=again))


async def end_stop(session: AsyncSession, topic: Topic) -> None:
    """Note that the consumer of a topic goes on."""
    await run(session, delete(consumer_stops).where(consumer_stops.c.topic == topic.name))


async def list_stops(session: AsyncSession) -> list[Stop]:
    """The consumers of a service that stand still."""
    rows = await run(session, select(consumer_stops).order_by(consumer_stops.c.topic))
    return [Stop(**row) for row in rows.mappings()]


async def bury(session: AsyncSession, topic: Topic) -> bool:
    """Let a consumer go on: all that stands in its way, up to the next good event, goes to the dead letters.

    Returns False where it does not stand still.
    """
    asked = update(consumer_stops).where(consumer_stops.c.topic == topic.name).values(bury_asked_at=func.now())
    return (await run(session, asked)).rowcount > 0


async def skip(session: AsyncSession, topic: Topic, partition: int, offset: int) -> None:
    """Let a consumer pass one message over; it is kept as a dead letter that was dropped.

    May be said before the consumer comes there, or while it tries again and again.
    """
    row = {"topic": topic.name, "partition": partition, "offset": offset}
    await run(session, insert(consumer_skips).values(row).on_conflict_do_nothing())


async def word_on(session: AsyncSession, topic: Topic) -> OperatorWord:
    """What operators said about the consumer of a topic."""
    query = select(consumer_skips.c.partition, consumer_skips.c.offset).where(consumer_skips.c.topic == topic.name)
    skips = frozenset((row.partition, row.offset) for row in await run(session, query))
    stop = next((each for each in await list_stops(session) if each.topic == topic.name), None)
    return OperatorWord(skips, stop)


async def end_skips(session: AsyncSession, topic: Topic, places: frozenset[Position]) -> None:
    """Forget what was to be passed over, and was."""
    for partition, offset in sorted(places):
        row = consumer_skips.c
        await run(
            session,
            delete(consumer_skips).where(row.topic == topic.name, row.partition == partition, row.offset == offset),
        )
