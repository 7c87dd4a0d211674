"""What a service's subscribers are written with: how they are subscribed, and what they can ask to be given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypedDict

from faststream import AckPolicy, Context, Depends
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import ids
from shared.contracts.envelope import Envelope, Event
from shared.identity import Clock, wall_clock
from shared.ids import NewId
from shared.moment import Moment

BATCH = 1000
"""Messages taken at once."""

POLL_MS = 20
"""Milliseconds for which FastStream waits for messages, and then again after it found none."""


class _InBatches(TypedDict):
    batch: Literal[True]
    max_records: int
    batch_timeout_ms: int
    ack_policy: AckPolicy
    auto_offset_reset: Literal["earliest"]


IN_BATCHES: _InBatches = {
    "batch": True,
    "max_records": BATCH,
    "batch_timeout_ms": POLL_MS,
    "ack_policy": AckPolicy.MANUAL,
    "auto_offset_reset": "earliest",
}
"""How every topic is subscribed to: ``@router.subscriber(PARTICIPANTS.full_name(), **IN_BATCHES)``.

Nothing is acknowledged before the inbox has committed, and nothing that was there before the service is passed over.
Partitions are dealt round robin, as FastStream does. The group is named after service and topic by `Hearing`.
"""

Session = Annotated[AsyncSession, Context("session")]
"""The transaction of the inbox, which commits it together with the marks of its events."""

Envelopes = Annotated[Sequence[Envelope], Context("envelopes")]
"""What is new of a topic, in order per key."""


async def _events(envelopes: Envelopes) -> list[Event]:
    return [envelope.event for envelope in envelopes]


async def _moment(
    clock: Annotated[Clock, Context("clock", default=wall_clock)],
    new_id: Annotated[NewId, Context("new_id", default=ids.new_id)],
) -> Moment:
    return Moment(clock(), new_id)


Events = Annotated[list[Event], Depends(_events, cast=False)]
"""The events of these envelopes."""

ThisMoment = Annotated[Moment, Depends(_moment, cast=False)]
"""The moment at which they are applied."""
