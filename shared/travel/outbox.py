"""The outbox: an event is written in the same transaction as the change that it tells of."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Envelope, Event, attributes_of, body_of
from shared.ending import end
from shared.moment import Moment
from shared.sql import insert_into, wake
from shared.travel.tables import outbox
from shared.travel.topics import TOPIC_OF_EVENT
from shared.travel.tracing import current_traceparent

WAKE_CHANNEL = "vernissage_outbox"
"""The PostgreSQL channel on which a commit wakes the relay."""


LARGEST_BODY = 12 * 1024 * 1024
"""Bytes of the largest event; Kafka takes a little more."""


class EventTooLarge(Exception):
    """An event is larger than Kafka would take; said in the transaction that would add it, not in the relay."""


async def add(session: AsyncSession, *envelopes: Envelope) -> None:
    """Write events to the outbox through the caller's session; the caller's commit sends them on their way.

    An event without a trace of its own carries the current one. Raises `EventTooLarge`.
    """
    await _write(session, _rows(envelopes, current_traceparent()))


async def tell(session: AsyncSession, *events: Event, source: str, moment: Moment) -> None:
    """Write what a service has to tell to the outbox; `source` is the CloudEvents source, such as ``/matching``."""
    await add(session, *(Envelope(moment.new_id(), source, moment.now, event) for event in events))


async def tell_after(
    writing: Coroutine[Any, Any, None], session: AsyncSession, events: Iterable[Event], *, source: str, moment: Moment
) -> None:
    """Write what a service has to tell once ``writing`` has kept what it tells of, through the same session.

    It is laid out in a thread while PostgreSQL writes; ``events`` may be made there, as they are asked for.
    """
    traceparent = current_traceparent()

    def laid_out() -> list[dict[str, object]]:
        return _rows([Envelope(moment.new_id(), source, moment.now, event) for event in events], traceparent)

    meanwhile = asyncio.create_task(asyncio.to_thread(laid_out))
    try:
        await writing
        await _write(session, await meanwhile)
    finally:
        await end(meanwhile)


async def _write(session: AsyncSession, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        await insert_into(session, outbox, rows)
        await wake(session, WAKE_CHANNEL)


def _rows(envelopes: Sequence[Envelope], traceparent: str | None) -> list[dict[str, object]]:
    return [_row(_traced(envelope, traceparent)) for envelope in envelopes]


def _traced(envelope: Envelope, traceparent: str | None) -> Envelope:
    if traceparent is None or envelope.traceparent is not None:
        return envelope
    return replace(envelope, traceparent=traceparent)


def _row(envelope: Envelope) -> dict[str, object]:
    body = body_of(envelope.event)
    if len(body) > LARGEST_BODY:
        raise EventTooLarge(f"{envelope.event.type} has {len(body)} bytes; {LARGEST_BODY} fit")
    return {
        "event_id": envelope.id,
        "topic": TOPIC_OF_EVENT[type(envelope.event)].name,
        "key": envelope.event.aggregate_id,
        "type": envelope.event.type,
        "headers": attributes_of(envelope),
        "body": body,
    }
