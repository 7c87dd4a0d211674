"""The outbox: an event is written in the same transaction as the change that it tells of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Envelope, body_of, headers_of
from shared.topics import TOPIC_OF_EVENT
from shared.travel_tables import outbox

WAKE_CHANNEL = "vernissage_outbox"
"""The PostgreSQL channel on which a commit wakes the relay."""


async def add(session: AsyncSession, *envelopes: Envelope) -> None:
    """Write events to the outbox through the caller's session; the caller's commit sends them on their way."""
    if not envelopes:
        return
    await session.execute(insert(outbox), _rows(envelopes))
    await session.execute(select(func.pg_notify(WAKE_CHANNEL, "")))


def _rows(envelopes: Sequence[Envelope]) -> list[dict[str, object]]:
    return [
        {
            "event_id": envelope.id,
            "topic": TOPIC_OF_EVENT[type(envelope.event)].name,
            "key": envelope.event.aggregate_id,
            "type": envelope.event.type,
            "headers": {name: value.decode() for name, value in headers_of(envelope)},
            "body": body_of(envelope.event),
        }
        for envelope in envelopes
    ]
