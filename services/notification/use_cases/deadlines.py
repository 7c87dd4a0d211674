"""What happens because time passes: invitations expire, reminders and shortlists leave."""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import MessageKind
from services.notification.domain.replying import expire
from services.notification.domain.rules import Rules
from services.notification.repository import invitations, messages, told
from services.notification.use_cases.shortlisting import remind_employers, request_due_shortlists
from services.notification.use_cases.telling import step_of, tell
from shared.contracts.invitations import InvitationExpired
from shared.ids import NewId


async def keep_deadlines(session: AsyncSession, *, now: datetime, new_id: NewId, rules: Rules) -> None:
    """Do all that is due; called again and again."""
    await expire_invitations(session, now=now, new_id=new_id)
    await remind_participants(session, now=now, new_id=new_id, rules=rules)
    await request_due_shortlists(session, now=now, new_id=new_id, rules=rules)
    await remind_employers(session, now=now, new_id=new_id, rules=rules)


async def expire_invitations(session: AsyncSession, *, now: datetime, new_id: NewId, limit: int = 500) -> int:
    """Close the invitations whose deadline passed unanswered; say how many."""
    expired = [expire(invitation, now=now) for invitation in await invitations.past_deadline(session, now, limit)]
    await invitations.write(session, expired)
    await tell(session, *(InvitationExpired(**step_of(invitation)) for invitation in expired), now=now, new_id=new_id)
    return len(expired)


async def remind_participants(session: AsyncSession, *, now: datetime, new_id: NewId, rules: Rules) -> int:
    """Remind, once, those who have not answered and whose deadline comes near; say how many."""
    near = await invitations.near_deadline(session, now, now + rules.remind_before, limit=500)
    readers = await told.readers(session, {invitation.participant_id for invitation in near})
    return await messages.queue(
        session,
        [
            {
                "id": new_id(),
                "kind": MessageKind.ANSWER_REMINDER,
                "meetup_id": invitation.meetup_id,
                "recipient_id": invitation.participant_id,
                "invitation_id": invitation.id,
                "shortlist_id": None,
                "edition": 1,
                "written_at": now,
            }
            for invitation in near
            if (reader := readers.get(invitation.participant_id)) is not None and reader.is_contactable
        ],
    )
