"""All that matching holds of somebody: what it was told, what it worked out, and who looked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.tables import Base
from shared.whole_record import looks_of, record_in

UNTOLD: Mapping[str, str] = {
    "profiles": "worked out of the observations; told in words beside them",
    "pairing_runs": "what a pairing was computed from and what came out: both are told where they stand",
    "shortlists_due": "that something is to be worked out anew, for seconds",
    "rematch_requests.note": "words of an adviser about a whole meetup, which may be about others",
    "pairings.outline": "the same as the content, without the reasons",
    "pairings.decision_note": "words of an adviser about a whole pairing, which may be about others",
    "idempotency_keys": "answers with ids alone, for two days",
    "participants.erased_at": "nobody who was erased has a record",
}
"""What a record leaves out, and why."""


async def record_of_participant(session: AsyncSession, participant_id: UUID) -> dict[str, Any]:
    """What is held of somebody, by table; nothing of somebody unknown."""
    record = await record_in(session, Base.metadata, [participant_id], untold=UNTOLD)
    return {"record": record, "looks": await looks_of(session, participant_id)}
