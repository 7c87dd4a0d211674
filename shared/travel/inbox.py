"""The inbox: each event is applied once, in one transaction with its mark, before its offset is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import (
    Envelope,
    InvalidEnvelope,
    UnknownEventType,
    UnknownWord,
    UnsupportedEventVersion,
    read,
)
from shared.contracts.words import words_in
from shared.database import Sessions, is_transient, unit_of_work
from shared.reference.known import is_known
from shared.sql import among
from shared.travel import dead_letters
from shared.travel.dead_letters import KafkaRecord
from shared.travel.gaps import move_on
from shared.travel.stops import Position, end_skips
from shared.travel.tables import inbox
from shared.travel.topics import Topic
from shared.travel.tracing import continue_trace

Handler = Callable[[AsyncSession, Sequence[Envelope]], Awaitable[None]]
"""Applies new events of one topic, in order per key, through a session that the inbox commits.

It raises to reject; then the inbox finds the events that cannot be applied, and applies the others. It must be
convergent: an event counts only if its revision is higher than what is known.
"""


@dataclass(frozen=True)
class Subscription:
    """One topic that a service listens to, and what it does with its events."""

    topic: Topic
    handler: Handler


@dataclass(frozen=True)
class OpenedMessage:
    """A message read: its event, or the kind of error that it met; newer than this service where it is ``parked``."""

    record: KafkaRecord
    envelope: Envelope | None = None
    error: str | None = None
    parked: bool = False


@dataclass(frozen=True)
class BatchTally:
    """What became of a batch: how many were applied, seen before, dead, parked or passed over.

    ``dead_in_a_row`` counts how many died in a row at its end, ``gaps`` how often messages were missing before it.
    """

    applied: int
    seen: int
    dead: int
    dead_in_a_row: int
    parked: int = 0
    passed_over: int = 0
    gaps: int = 0


class TooManyDeadLetters(Exception):
    """So many messages died in a row that the fault is ours, or the producer's; the topic must not drain into dust.

    ``place`` is where the first of them is that was not kept, ``kind`` the kind of error that it met.
    """

    def __init__(self, limit: int, place: Position, kind: str) -> None:
        super().__init__(f"more than {limit} messages in a row could not be applied")
        self.place = place
        self.kind = kind


async def apply_batch(
    sessions: Sessions,
    subscription: Subscription,
    records: Sequence[KafkaRecord],
    *,
    dead_in_a_row: int,
    limit: int | None,
    skips: frozenset[Position] = frozenset(),
) -> BatchTally:
    """Apply a batch in one transaction: new events through the handler, what cannot be applied to the dead letters.

    ``dead_in_a_row`` counts the dead letters just before this batch. Raises `TooManyDeadLetters`, and keeps nothing of
    the batch, when more than ``limit`` follow each other. Raises what `is_transient` knows when the batch should be
    tried again. What lies at a place of ``skips`` is not even read.
    """
    batch = _Batch(
        letters=await _open_all([one for one in records if place_of(one) not in skips], subscription.topic),
        passed_over=[record for record in records if place_of(record) in skips],
        dead_in_a_row=dead_in_a_row,
        limit=limit,
    )
    try:
        return await _apply(sessions, subscription, batch, apply_together)
    except Exception as error:
        if is_transient(error) or isinstance(error, TooManyDeadLetters):
            raise
    return await _apply(sessions, subscription, batch, apply_apart)


async def retry_dead_letter(sessions: Sessions, subscription: Subscription, letter: UUID, *, now: datetime) -> bool:
    """Apply a dead letter as if it came now, and settle it; False where no open one has this id.

    Raises what the handler or the reader raises; then the letter stays open.
    """
    async with unit_of_work(sessions) as session:
        stored = await dead_letters.open_record(session, letter)
        if stored is None:
            return False
        envelope = read_record(stored, subscription.topic)
        if await mark_seen(session, subscription.topic, [envelope]):
            await apply_together(session, subscription.handler, [envelope])
        await dead_letters.settle(session, [letter], "retried", now=now)
        return True


PARKED_AT_ONCE = 500
"""Parked events that are applied in one transaction."""


async def apply_parked(sessions: Sessions, subscription: Subscription) -> int:
    """Apply what was parked because its type was not known, and is now; how many events there were.

    They are applied in the order in which they came, after what has been applied since: handlers converge. What cannot
    be applied even now is dead.
    """
    count = 0
    while taken := await _apply_some_parked(sessions, subscription):
        count += taken
    return count


async def _apply_some_parked(sessions: Sessions, subscription: Subscription) -> int:
    topic = subscription.topic
    async with unit_of_work(sessions) as session:
        stored = await dead_letters.take_parked(session, topic, topic.by_type, at_most=PARKED_AT_ONCE)
        letters = dict(zip(stored, await _open_all(list(stored.values()), topic), strict=True))
        envelopes = [letter.envelope for letter in letters.values() if letter.envelope is not None]
        fresh = await mark_seen(session, topic, envelopes)
        rejected = await apply_apart(session, subscription.handler, fresh) if fresh else {}
        await forget(session, rejected)
        errors = {name: _error_of(letter, rejected) for name, letter in letters.items()}
        for name, error in errors.items():
            if error is not None:
                await dead_letters.unpark(session, name, error)
        applied = [name for name, error in errors.items() if error is None]
        await dead_letters.settle(session, applied, "applied", now=datetime.now(UTC))
    return len(stored)


def place_of(record: KafkaRecord) -> Position:
    """Where a message lies on its topic."""
    return record.partition, record.offset


def read_record(record: KafkaRecord, topic: Topic) -> Envelope:
    """The event in a message of a topic; raises `InvalidEnvelope`."""
    envelope = read(record.headers, record.value or b"", topic.by_type, key=record.key, source=topic.only_source)
    for word in words_in(envelope.event):
        if not is_known(word):
            raise UnknownWord(f"no {word.table} of this version has that code")
    return envelope


def open_message(record: KafkaRecord, topic: Topic) -> OpenedMessage:
    """The event in a message, or why there is none."""
    try:
        return OpenedMessage(record, envelope=read_record(record, topic))
    except (UnknownEventType, UnsupportedEventVersion, UnknownWord) as error:
        return OpenedMessage(record, error=type(error).__name__, parked=_speaks_for(topic, record))
    except InvalidEnvelope as error:
        return OpenedMessage(record, error=type(error).__name__)


async def _open_all(records: Sequence[KafkaRecord], topic: Topic) -> list[OpenedMessage]:
    """Open letters in a thread: a thousand, or a few with large pairings, take longer than the loop may be silent."""
    return await asyncio.to_thread(lambda: [open_message(record, topic) for record in records])


def _speaks_for(topic: Topic, record: KafkaRecord) -> bool:
    """Whether a message comes from the topic's producer, which may be newer than we are."""
    return dict(record.headers).get("ce_source") == topic.source.encode()


async def mark_seen(session: AsyncSession, topic: Topic, envelopes: Sequence[Envelope]) -> list[Envelope]:
    """Write events into the inbox; those that were not there yet, in their order, each once."""
    if not envelopes:
        return []
    # Sorted, so that two workers that hold the same events wait for each other instead of both dying of a deadlock.
    ids = sorted({envelope.id for envelope in envelopes}, key=attrgetter("int"))
    rows = select(func.unnest(bindparam("ids", ids, ARRAY(Uuid))), literal(topic.name))
    statement = insert(inbox).from_select(["event_id", "topic"], rows).on_conflict_do_nothing()
    connection = await session.connection()
    new = set((await connection.execute(statement.returning(inbox.c.event_id))).scalars())
    fresh = []
    for envelope in envelopes:
        if envelope.id in new:
            new.discard(envelope.id)
            fresh.append(envelope)
    return fresh


async def forget(session: AsyncSession, events: Collection[UUID]) -> None:
    """Take events out of the inbox, so that they are tried again when they come again."""
    connection = await session.connection()
    await connection.execute(delete(inbox).where(among(inbox.c.event_id, events)))


Dead = dict[UUID, str]
"""The events that a handler rejected, with the kind of error."""


async def apply_together(session: AsyncSession, handler: Handler, envelopes: Sequence[Envelope]) -> Dead:
    """Apply all events at once; raises when one of them is rejected."""
    with continue_trace(envelopes):
        await handler(session, envelopes)
    await session.flush()
    return {}


async def apply_apart(session: AsyncSession, handler: Handler, envelopes: Sequence[Envelope]) -> Dead:
    """Apply what can be applied: halve what is rejected, in savepoints, until the rejected events stand alone."""
    try:
        async with session.begin_nested():
            return await apply_together(session, handler, envelopes)
    except Exception as error:
        if is_transient(error):
            raise
        if len(envelopes) == 1:
            return {envelopes[0].id: type(error).__name__}
    middle = len(envelopes) // 2
    first = await apply_apart(session, handler, envelopes[:middle])
    return first | await apply_apart(session, handler, envelopes[middle:])


Way = Callable[[AsyncSession, Handler, Sequence[Envelope]], Awaitable[Dead]]


@dataclass(frozen=True)
class _Batch:
    letters: Sequence[OpenedMessage]
    passed_over: Sequence[KafkaRecord]
    dead_in_a_row: int
    limit: int | None


async def _apply(sessions: Sessions, subscription: Subscription, batch: _Batch, way: Way) -> BatchTally:
    topic, letters = subscription.topic, batch.letters
    envelopes = [letter.envelope for letter in letters if letter.envelope is not None]
    async with unit_of_work(sessions) as session:
        fresh = await mark_seen(session, topic, envelopes)
        rejected = await way(session, subscription.handler, fresh) if fresh else {}
        if rejected:
            await forget(session, rejected)
        parked = [(letter.record, letter.error) for letter in letters if letter.parked and letter.error]
        dead = [(letter.record, error) for letter in letters if (error := _fault_of(letter, rejected)) is not None]
        await dead_letters.park(session, topic, parked)
        await dead_letters.bury(session, topic, dead)
        await dead_letters.pass_over(session, topic, batch.passed_over)
        await end_skips(session, topic, frozenset(map(place_of, batch.passed_over)))
        places = [place_of(letter.record) for letter in letters] + [place_of(record) for record in batch.passed_over]
        new = {envelope.id for envelope in fresh} - rejected.keys()
        newly_applied = {place_of(one.record) for one in letters if one.envelope is not None and one.envelope.id in new}
        gaps = await move_on(session, topic, places, newly_applied)
        return BatchTally(
            applied=len(fresh) - len(rejected),
            seen=len(envelopes) - len(fresh),
            dead=len(dead),
            dead_in_a_row=_count_in_a_row(batch, rejected),
            parked=len(parked),
            passed_over=len(batch.passed_over),
            gaps=gaps,
        )


def _error_of(letter: OpenedMessage, rejected: Dead) -> str | None:
    return letter.error if letter.envelope is None else rejected.get(letter.envelope.id)


def _fault_of(letter: OpenedMessage, rejected: Dead) -> str | None:
    """The error of a message that somebody is to blame for: a newer producer is not."""
    return None if letter.parked else _error_of(letter, rejected)


def _count_in_a_row(batch: _Batch, rejected: Dead) -> int:
    in_a_row = batch.dead_in_a_row
    first: tuple[Position, str] | None = None
    for letter in batch.letters:
        error = _fault_of(letter, rejected)
        if error is not None:
            in_a_row += 1
            first = first or (place_of(letter.record), error)
        elif not letter.parked:
            in_a_row, first = 0, None
        if first is not None and batch.limit is not None and in_a_row > batch.limit:
            raise TooManyDeadLetters(batch.limit, *first)
    return in_a_row
