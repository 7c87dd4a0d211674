"""What registration asks with a token of its own: all that is held of somebody, for the record handed over to them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.matching.api.answers import ProfileAnswer
from services.matching.edge import RequestPolicy
from services.matching.repository import facts
from services.matching.use_cases.profiles import read_profile
from services.matching.use_cases.record import record_of_participant
from shared.auditing import note_looks
from shared.reference.skills import DEFAULT_FRAMEWORK
from shared.rights import Scope
from shared.web.edge import May, Transaction
from shared.web.telling_records import RecordOfService

router = APIRouter(prefix="/internal", tags=["internal"])


class RecordOfMatching(RecordOfService):
    """What matching holds of somebody, with their profile; null where nobody told of them yet."""

    profile: ProfileAnswer | None


@router.get("/participants/{participant_id}/record")
async def record(
    participant_id: UUID, session: Transaction, policy: RequestPolicy, _scope: Annotated[Scope, May("tell records")]
) -> RecordOfMatching:
    """All that is held of somebody, with their profile; empty where nobody told of them yet."""
    told = await record_of_participant(session, participant_id)
    await note_looks(session, "records", [participant_id])
    if await facts.find_participant(session, participant_id) is None:
        return RecordOfMatching(**told, profile=None)
    profile = await read_profile(session, participant_id, DEFAULT_FRAMEWORK)
    return RecordOfMatching(**told, profile=ProfileAnswer.of(profile, policy.coverage))
