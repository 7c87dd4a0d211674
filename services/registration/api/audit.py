"""The audit: what somebody did, what became of a record, and who looked at a participant."""

from __future__ import annotations

from uuid import UUID

from services.registration.use_cases.participants import check_is_known
from shared.auditing import LinesWanted
from shared.web.auditing import AskedLines, LinesAnswer, ReadingAboutParticipant, audit_router, found_lines
from shared.web.edge import Transaction

router = audit_router()


@router.get("/participants/{participant_id}")
async def who_looked(
    participant_id: UUID, scope: ReadingAboutParticipant, session: Transaction, part: AskedLines
) -> LinesAnswer:
    """Who looked at a participant or changed something about them."""
    await check_is_known(session, scope, participant_id)
    return await found_lines(session, LinesWanted(participant_id=participant_id), part)
