"""What happens because time passes: invitations expire, reminders and shortlists leave."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import Reply
from services.notification.domain.replying import run_out
from services.notification.domain.rules import Rules
from services.notification.domain.telling import MessageKind
from services.notification.repository import invitations, messages, told
from services.notification.repository.turns import leads
from services.notification.use_cases.shortlisting import remind_employers, request_due_shortlists
from services.notification.use_cases.telling import event_of, tell
from shared.moment import Moment

AT_ONCE = 500
"""How many invitations are read at a time."""


async def keep_deadlines(session: AsyncSession, *, moment: Moment, rules: Rules) -> None:
    """Do all that is due; called again and again, by every worker, and done by one of them at a time."""
    if not await leads(session):
        return
    await expire_invitations(session, moment=moment, rules=rules)
    await remind_participants(session, moment=moment, rules=rules)
    await request_due_shortlists(session, moment=moment, rules=rules)
    await remind_employers(session, moment=moment, rules=rules)


async def expire_invitations(session: AsyncSession, *, moment: Moment, rules: Rules) -> int:
    """Close the invitations whose deadline passed unanswered; say how many.

    Those that never left are taken back and left to an adviser, who has some time to phone.
    """
    count = 0
    while late := await invitations.past_deadline(session, moment.now, AT_ONCE):
        meetups = await told.meetups(session, {invitation.meetup_id for invitation in late})
        run = [run_out(each, meetups[each.meetup_id], now=moment.now, rules=rules) for each in late]
        await invitations.write(session, run)
        await messages.take_back(session, [invitation.id for invitation in late], moment.now)
        expired = [invitation for invitation in run if invitation.reply is Reply.EXPIRED]
        await tell(session, *map(event_of, expired), moment=moment)
        count += len(expired)
    return count


async def remind_participants(session: AsyncSession, *, moment: Moment, rules: Rules) -> int:
    """Remind, once for each question, those who have not answered and whose deadline comes near; say how many."""
    count = 0
    while near := await invitations.to_be_reminded(session, moment.now, moment.now + rules.remind_before, AT_ONCE):
        rows = [messages.to_participant(each, MessageKind.ANSWER_REMINDER, moment) for each in near]
        count += await messages.queue(session, rows)
    return count
