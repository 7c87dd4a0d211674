"""The inbox: each event is applied once, in one transaction with its mark, before its offset is committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Envelope, InvalidEnvelope, read
from shared.database import Sessions, unit_of_work
from shared.sql import among
from shared.travel import dead_letters
from shared.travel.dead_letters import Record
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
class Letter:
    """A message read: its event, or the kind of error that it met."""

    record: Record
    envelope: Envelope | None = None
    error: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: how many were applied, seen before, dead; and how many died in a row at its end."""

    applied: int
    seen: int
    dead: int
    dead_in_a_row: int


class TooManyDeadLetters(Exception):
    """So many messages died in a row that the fault is ours, or the producer's; the topic must not drain into dust."""


async def apply_batch(
    sessions: Sessions, subscription: Subscription, records: Sequence[Record], *, dead_in_a_row: int, limit: int
) -> Outcome:
    """Apply a batch in one transaction: new events through the handler, what cannot be applied to the dead letters.

    ``dead_in_a_row`` counts the dead letters just before this batch. Raises `TooManyDeadLetters`, and keeps nothing of
    the batch, when more than ``limit`` follow each other. Raises what `is_transient` knows when the batch should be
    tried again.
    """
    letters = [open_letter(record, subscription.topic) for record in records]
    try:
        return await _apply(sessions, subscription, letters, apply_together, dead_in_a_row, limit)
    except Exception as error:
        if is_transient(error) or isinstance(error, TooManyDeadLetters):
            raise
    return await _apply(sessions, subscription, letters, apply_apart, dead_in_a_row, limit)


async def retry_dead_letter(sessions: Sessions, subscription: Subscription, letter: UUID, *, now: datetime) -> bool:
    """Apply a dead letter as if it came now, and settle it; False where no open one has this id.

    Raises what the handler or the reader raises; then the letter stays open.
    """
    async with unit_of_work(sessions) as session:
        stored = await dead_letters.open_record(session, letter)
        if stored is None:
            return False
        headers, body = stored.headers, stored.value
        envelope = read(headers, body, subscription.topic.by_type)
        if await mark_seen(session, subscription.topic, [envelope]):
            await apply_together(session, subscription.handler, [envelope])
        await dead_letters.settle(session, [letter], "retried", now=now)
        return True


def open_letter(record: Record, topic: Topic) -> Letter:
    """The event in a message, or why there is none."""
    try:
        return Letter(record, envelope=read(record.headers, record.value or b"", topic.by_type))
    except InvalidEnvelope as error:
        return Letter(record, error=type(error).__name__)


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


async def _apply(
    sessions: Sessions, subscription: Subscription, letters: Sequence[Letter], way: Way, dead_in_a_row: int, limit: int
) -> Outcome:
    topic = subscription.topic
    envelopes = [letter.envelope for letter in letters if letter.envelope is not None]
    async with unit_of_work(sessions) as session:
        fresh = await mark_seen(session, topic, envelopes)
        rejected = await way(session, subscription.handler, fresh) if fresh else {}
        if rejected:
            await forget(session, rejected)
        dead = [(letter.record, error) for letter in letters if (error := _error_of(letter, rejected)) is not None]
        await dead_letters.bury(session, topic, dead)
        return Outcome(
            applied=len(fresh) - len(rejected),
            seen=len(envelopes) - len(fresh),
            dead=len(dead),
            dead_in_a_row=_count_in_a_row(letters, rejected, dead_in_a_row, limit),
        )


def _error_of(letter: Letter, rejected: Dead) -> str | None:
    return letter.error if letter.envelope is None else rejected.get(letter.envelope.id)


def _count_in_a_row(letters: Sequence[Letter], rejected: Dead, before: int, limit: int) -> int:
    in_a_row = before
    for letter in letters:
        in_a_row = 0 if _error_of(letter, rejected) is None else in_a_row + 1
        if in_a_row > limit:
            raise TooManyDeadLetters(f"more than {limit} messages in a row could not be applied")
    return in_a_row


PASSING_STATES = ("08", "40", "53", "55P03", "57P", "58")
"""Beginnings of the SQLSTATE codes that pass: connection, conflict, resources, lock, shutdown, system."""


def is_transient(error: BaseException) -> bool:
    """Whether the same batch may well succeed later: the database was away, full, busy, or in conflict."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _passes(error.orig)
    return isinstance(error, (OSError, TimeoutError, PoolTimeout)) or _passes(error)


def _passes(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None)
    return isinstance(state, str) and state.startswith(PASSING_STATES)
