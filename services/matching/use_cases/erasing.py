"""Forgetting somebody: after plans have let go of them, everything that speaks of them goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.repository import facts
from services.matching.repository.runs import RunRecord
from services.matching.tables import Base
from shared.contracts.envelope import Event
from shared.contracts.participants import ParticipantErased
from shared.travel.erasure import forget
from shared.travel.redaction import GONE, bytes_without


async def forget_erased(session: AsyncSession, events: Sequence[Event], *, now: datetime) -> None:
    """Forget those of whom these events tell that they were erased; their tombstones stay."""
    people = {event.participant_id for event in events if isinstance(event, ParticipantErased)}
    await forget(session, Base.metadata, people, now=now)


async def record_without_erased(
    session: AsyncSession, record: RunRecord, people: Collection[UUID], *, now: datetime
) -> RunRecord:
    """The record of a run without those of its people who were erased while it was computed.

    None is erased beside it until the transaction ends.
    """
    erased = await facts.erased_among(session, people)
    if not erased:
        return record
    inputs, outcome = bytes_without(record.inputs, erased), bytes_without(record.outcome, erased)
    if inputs is GONE or outcome is GONE:
        raise ValueError("a run is about more than one person")
    return replace(record, inputs=inputs, outcome=outcome, redacted_at=now)
