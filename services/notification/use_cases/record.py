"""All that notification holds of somebody: what was said to them and answered, and who looked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.repository.invitations import links_made_for
from services.notification.tables import Base
from shared.whole_record import looks_of, record_in

UNTOLD: Mapping[str, str] = {
    "messages.lease": "which process holds a message while it leaves",
    "messages.lease_until": "which process holds a message while it leaves",
    "messages.address_mark": "a keyed digest, for nobody to read",
    "idempotency_keys": "answers with ids alone, for two days",
    "participants.erased_at": "nobody who was erased has a record",
}
"""What a record leaves out, and why."""


async def record_of_participant(session: AsyncSession, participant_id: UUID) -> dict[str, Any]:
    """What is held of somebody, by table; nothing of somebody unknown."""
    record = await record_in(session, Base.metadata, [participant_id], untold=UNTOLD)
    record["links"] = [{"made_at": made_at} for made_at in await links_made_for(session, participant_id)]
    return {"record": record, "looks": await looks_of(session, participant_id)}
