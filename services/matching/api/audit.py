"""The audit: what somebody decided, and who looked at a participant's profile or pairings."""

from __future__ import annotations

from uuid import UUID

from services.matching.edge import check_participant
from shared.auditing import LinesWanted
from shared.web.auditing import AskedLines, LinesAnswer, ReadingAboutParticipant, audit_router, found_lines
from shared.web.edge import Transaction

router = audit_router()


@router.get("/participants/{participant_id}")
async def who_looked(
    participant_id: UUID, scope: ReadingAboutParticipant, session: Transaction, part: AskedLines
) -> LinesAnswer:
    """Who looked at a participant or decided something about them."""
    await check_participant(session, participant_id, scope)
    return await found_lines(session, LinesWanted(participant_id=participant_id), part)
