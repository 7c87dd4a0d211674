"""Gaps: what a topic lost before its consumer had read it, because it was kept too short or was made anew.

Kafka's clients pass over it in silence. So each batch notes, in its own transaction, how far its partitions have been
applied. The next one should go on from there: a later message means that some are gone, and an event that nobody knows
at an offset that was passed long ago means that the topic began anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, text, update
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.sql import run
from shared.travel.stops import Position
from shared.travel.tables import consumer_gaps, consumer_places
from shared.travel.topics import Topic

# The first part of the statement still sees what the second overwrites.
MOVE_ON = text(
    "WITH known AS (SELECT partition, next_offset FROM consumer_places WHERE topic = :topic), moved AS ("
    " INSERT INTO consumer_places (topic, partition, next_offset)"
    " SELECT :topic, * FROM unnest(CAST(:partitions AS bigint[]), CAST(:next_offsets AS bigint[]))"
    " ON CONFLICT (topic, partition)"
    " DO UPDATE SET next_offset = greatest(consumer_places.next_offset, excluded.next_offset)"
    ") SELECT partition, next_offset FROM known"
)


@dataclass(frozen=True)
class Gap:
    """Where a topic (by its short name) went on at another offset than the one that was to come.

    At a later one, messages are lost; at an earlier one, the topic was made anew, and how much is lost cannot be told.
    """

    topic: str
    partition: int
    expected: int
    found: int
    noticed_at: datetime


def gaps_in_words(service: str, places: Iterable[tuple[str, int]]) -> list[str]:
    """One sentence for each topic of which these topics and partitions have gaps: one command closes them all."""
    partitions: dict[str, set[int]] = {}
    for topic, partition in places:
        partitions.setdefault(topic, set()).add(partition)
    return [
        f"{topic} does not go on where {service} had read to, in {len(found)} "
        f"partition{'s' if len(found) > 1 else ''}: “vernissage rebuild {service}” has everything told anew."
        for topic, found in partitions.items()
    ]


async def move_on(session: AsyncSession, topic: Topic, places: Sequence[Position], fresh: Collection[Position]) -> int:
    """Note how far a batch reached; how many gaps there are before it.

    ``places`` are those of its messages, ``fresh`` those of the events that were new to the inbox and applied.
    """
    spans = _spans(places)
    ordered = sorted(spans)
    reached = {
        "topic": topic.name,
        "partitions": ordered,
        "next_offsets": [spans[partition].stop for partition in ordered],
    }
    known = {row.partition: row.next_offset for row in await run(session, MOVE_ON, reached)}
    gaps = 0
    for partition in ordered:
        expected, span = known.get(partition), spans[partition]
        if expected is None or topic.is_open:
            continue
        if any(offset < expected for at, offset in fresh if at == partition):
            await _set_place(session, topic, partition, span.stop)
        elif span.start <= expected:
            continue
        gaps += 1
        row = {"topic": topic.name, "partition": partition, "expected": expected, "found": span.start}
        await run(session, insert(consumer_gaps).values(row))
    return gaps


async def list_gaps(session: AsyncSession) -> list[Gap]:
    """The gaps that nobody has settled, the oldest first; ``vernissage rebuild SERVICE`` closes them."""
    columns = [consumer_gaps.c[name] for name in Gap.__dataclass_fields__]
    rows = await run(session, select(*columns).order_by(consumer_gaps.c.id))
    return [Gap(**row) for row in rows.mappings()]


async def settle_gaps(session: AsyncSession, *, noticed_before: datetime) -> int:
    """Note that everything was told anew, so that older gaps matter no more; how many there were."""
    return (await run(session, delete(consumer_gaps).where(consumer_gaps.c.noticed_at < noticed_before))).rowcount


async def forget_places(session: AsyncSession) -> None:
    """Forget how far the topics were applied: for a Kafka that forgets them too."""
    await run(session, delete(consumer_places))


async def _set_place(session: AsyncSession, topic: Topic, partition: int, next_offset: int) -> None:
    place = consumer_places.c
    here = update(consumer_places).where(place.topic == topic.name, place.partition == partition)
    await run(session, here.values(next_offset=next_offset))


def _spans(places: Iterable[Position]) -> Mapping[int, range]:
    """By partition, from the first offset to the one behind the last."""
    spans: dict[int, range] = {}
    for partition, offset in places:
        span = spans.get(partition, range(offset, offset + 1))
        spans[partition] = range(min(span.start, offset), max(span.stop, offset + 1))
    return spans
