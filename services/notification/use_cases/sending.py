"""The steps of a message that leaves: claimed, begun, finished, each in its own transaction.

SMTP cannot be exactly-once (RFC 1047). What is promised: the decision to write is taken once, and a message leaves by
itself at most once. So `begin` is committed before the mail server may take the text, and what breaks off between
`begin` and `finish` ends as uncertain, for a person to settle.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.contents import Contents
from services.notification.domain.delivery import (
    Channel,
    MailRefused,
    Message,
    MessageState,
    NotNow,
    SendOutcome,
    next_try,
    state_after,
)
from services.notification.domain.hosting import Shortlist
from services.notification.domain.inviting import Invitation, Reply, heard_of, posted, unreached
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.rules import Rules
from services.notification.domain.telling import OUT, QUESTIONS, Delivery, MessageKind
from services.notification.repository import invitations, messages, shortlists, told
from services.notification.use_cases.refusals import AlreadySettled, ObsoleteLetter
from services.notification.use_cases.telling import event_of, shortlist_sent, tell
from shared.contracts.invitations import (
    InvitationEvent,
)
from shared.moment import Moment
from shared.refusals import Unknown


async def contents_of(session: AsyncSession, message: Message) -> Contents | None:
    """What a message has to say now; `None` when its reason is gone."""
    meetup = await told.meetup(session, message.meetup_id)
    if meetup is None:
        return None
    if message.invitation_id is not None:
        return await _for_participant(session, message, meetup, message.invitation_id)
    return await _for_employer(session, message, meetup)


async def begin(
    session: AsyncSession,
    contents: Contents,
    *,
    lease: UUID,
    lasting: timedelta,
    smtp_id: str,
    address_mark: str,
    token_hash: bytes | None,
    now: datetime,
) -> bool:
    """Mark a mail as about to leave, with the link that it holds and what it tells.

    False when it must not leave as it was composed: the lease is lost, it was taken back, or its content changed.
    """
    if not await _is_as_composed(session, contents):
        return False
    begun = await messages.begin_sending(
        session,
        contents.message.id,
        lease=lease,
        lasting=lasting,
        values={
            "channel": Channel.EMAIL,
            "smtp_id": smtp_id,
            "address_mark": address_mark,
            "content": contents.known.content,
            "day": contents.known.day,
        },
    )
    if begun:
        await keep_link(session, contents.message, token_hash, now)
    return begun


async def compose_letter(
    session: AsyncSession, contents: Contents, *, lease: UUID, token_hash: bytes | None, now: datetime
) -> bool:
    """Leave a message to somebody who prints and posts it; false as for `begin`."""
    if not await _is_as_composed(session, contents):
        return False
    values = {"state": MessageState.COMPOSED, "channel": Channel.LETTER, "lease": None, "lease_until": None}
    if not await messages.settle(session, contents.message.id, lease=lease, values=values):
        return False
    await keep_link(session, contents.message, token_hash, now)
    return True


async def _is_as_composed(session: AsyncSession, contents: Contents) -> bool:
    if contents.invitation is not None:
        current = await invitations.by_id(session, contents.invitation.id)
        return current is not None and (current.content, current.edition) == (
            contents.invitation.content,
            contents.invitation.edition,
        )
    held = await shortlists.by_id(session, contents.shortlist.id) if contents.shortlist else None
    return held is not None and held.content == contents.known.content


async def keep_link(session: AsyncSession, message: Message, token_hash: bytes | None, now: datetime) -> None:
    """Keep the hash of a link that is handed out in a message."""
    if token_hash is None:
        raise ValueError("a link has a token")
    row = {
        "token_hash": token_hash,
        "invitation_id": message.invitation_id,
        "shortlist_id": message.shortlist_id,
        "made_at": now,
    }
    await invitations.add_link(session, row)


async def finish(
    session: AsyncSession,
    contents: Contents,
    outcome: SendOutcome,
    *,
    lease: UUID,
    moment: Moment,
    rules: Rules,
) -> MessageState | None:
    """Write how sending ended, and tell it; `None` when somebody else settled the message meanwhile."""
    message = contents.message
    attempts = message.attempts + 1
    owner = await _owner(session, message)
    again = next_try(attempts, written_at=message.written_at, now=moment.now, give_up_after=rules.give_up_after)
    state = state_after(outcome, may_try_again=again is not None)
    values: dict[str, object] = {
        "state": state,
        "attempts": attempts,
        "error": outcome.error if isinstance(outcome, MailRefused | NotNow) else None,
    }
    if state is MessageState.QUEUED:
        values |= {"due_at": again, "lease": None, "lease_until": None}
    else:
        values |= {"settled_at": moment.now}
    if not await messages.settle(session, message.id, lease=lease, values=values):
        return None
    await _record(session, replace(message, told=contents.known), owner, state, "email", moment=moment, rules=rules)
    return state


async def refuse(session: AsyncSession, message: Message, *, lease: UUID, moment: Moment, rules: Rules) -> None:
    """Settle a message whose recipient must not or cannot be written to: an adviser phones."""
    owner = await _owner(session, message)
    values = {"state": MessageState.NOT_CONTACTABLE, "settled_at": moment.now}
    if await messages.settle(session, message.id, lease=lease, values=values):
        await _record(session, message, owner, MessageState.NOT_CONTACTABLE, "email", moment=moment, rules=rules)


async def withdraw(session: AsyncSession, message: Message, *, lease: UUID, now: datetime) -> None:
    """Settle a message whose reason is gone."""
    values = {"state": MessageState.WITHDRAWN, "settled_at": now}
    await messages.settle(session, message.id, lease=lease, values=values)


async def settle_abandoned(session: AsyncSession, *, moment: Moment, rules: Rules) -> int:
    """Mark as uncertain what a dead sender left while it was leaving; say how many.

    The lease stays, so that a sender that was only slow can still say how it ended.
    """
    count = 0
    for message in await messages.abandoned(session):
        owner = await _owner(session, message)
        if await messages.give_up_on(session, message.id, moment.now):
            await _record(session, message, owner, MessageState.UNCERTAIN, "email", moment=moment, rules=rules)
            count += 1
    return count


async def record_posting(session: AsyncSession, message: Message, *, moment: Moment, rules: Rules) -> None:
    """Somebody posted a letter that was printed as it is now."""
    contents = await contents_of(session, message)
    if contents is None:
        raise ObsoleteLetter
    known = contents.known
    done = {
        "state": MessageState.POSTED,
        "content": known.content,
        "day": known.day,
        "settled_at": moment.now,
        "settled_by": moment.by,
    }
    await messages.change(session, message.id, done)
    owner = await _owner(session, message)
    posted_message = replace(message, told=known)
    await _record(session, posted_message, owner, MessageState.POSTED, "letter", moment=moment, rules=rules)


async def settle_by_hand(
    session: AsyncSession, message_id: UUID, *, was_sent: bool, moment: Moment, rules: Rules
) -> None:
    """A person decides about an uncertain or failed message: it arrived, or it is sent again.

    Raises `Unknown` or `AlreadySettled`.
    """
    seen = await messages.seen_by_id(session, message_id)
    owner = await _owner(session, seen) if seen else None
    message = await messages.by_id(session, message_id)
    if message is None:
        raise Unknown("message")
    allowed = {MessageState.UNCERTAIN} if was_sent else {MessageState.UNCERTAIN, MessageState.FAILED}
    if message.state not in allowed:
        raise AlreadySettled
    if was_sent:
        done = {"state": MessageState.SENT, "settled_at": moment.now, "settled_by": moment.by}
        await messages.change(session, message_id, done)
        await _record(session, message, owner, MessageState.SENT, "email", moment=moment, rules=rules)
        return
    again = {
        "state": MessageState.QUEUED,
        "attempts": 0,
        "written_at": moment.now,
        "due_at": moment.now,
        "lease": None,
        "lease_until": None,
        "error": None,
        "settled_at": None,
        "settled_by": moment.by,
    }
    await messages.change(session, message_id, again)
    meetup = await told.meetup(session, message.meetup_id)
    if isinstance(owner, Invitation) and meetup is not None and message.kind in QUESTIONS:
        asked = posted(owner, meetup=meetup, now=moment.now, rules=rules)
        await invitations.write(session, [replace(asked, delivery=Delivery.WAITING)])


async def _for_participant(
    session: AsyncSession, message: Message, meetup: Meetup, invitation_id: UUID
) -> Contents | None:
    invitation = await invitations.seen_by_id(session, invitation_id)
    if invitation is None or not _has_reason(message, invitation):
        return None
    meetings = await told.meetings_of(session, message.meetup_id, participant_id=message.recipient_id)
    reader = (await told.readers(session, [message.recipient_id])).get(message.recipient_id)
    return Contents(
        message,
        meetup,
        tuple(meetings),
        await told.occupations_of(session, [meeting.need_id for meeting in meetings]),
        invitation,
        None,
        is_welcome=reader is not None and reader.is_contactable,
    )


def _has_reason(message: Message, invitation: Invitation) -> bool:
    """Whether a message still says something: what waits is superseded by kind, and a reminder by its question."""
    if message.kind is MessageKind.CANCELLATION:
        return not invitation.is_in_force
    waits = invitation.is_in_force and invitation.reply is Reply.NONE
    if message.kind is MessageKind.ANSWER_REMINDER:
        return waits and not invitation.wants_call and message.edition == invitation.question
    keeps_yes = invitation.is_in_force and invitation.reply is Reply.ACCEPTED
    return waits or (message.kind is MessageKind.UPDATE and keeps_yes)


async def _for_employer(session: AsyncSession, message: Message, meetup: Meetup) -> Contents | None:
    shortlist = await shortlists.seen_by_id(session, message.shortlist_id) if message.shortlist_id else None
    is_off = message.kind is MessageKind.EMPLOYER_CANCELLATION
    if shortlist is None or meetup.is_cancelled is not is_off or shortlist.content == OUT:
        return None
    return Contents(
        message,
        meetup,
        await _met_by(session, meetup, shortlist),
        {},
        None,
        shortlist,
        is_welcome=not await told.is_silent(session, message.recipient_id),
    )


async def _met_by(session: AsyncSession, meetup: Meetup, shortlist: Shortlist) -> tuple[Meeting, ...]:
    """The meetings of an employer's open needs."""
    open_needs = await told.open_needs(session, meetup.id)
    meetings = await told.meetings_of(session, meetup.id, employer_id=shortlist.employer_id)
    return tuple(meeting for meeting in meetings if meeting.need_id in open_needs)


async def _owner(session: AsyncSession, message: Message) -> Invitation | Shortlist | None:
    """The message's invitation or shortlist, locked before the message itself: one order for everybody."""
    if message.invitation_id is not None:
        return await invitations.by_id(session, message.invitation_id)
    return await shortlists.by_id(session, message.shortlist_id) if message.shortlist_id else None


_DELIVERIES = {
    MessageState.SENT: Delivery.SENT,
    MessageState.POSTED: Delivery.SENT,
    MessageState.FAILED: Delivery.FAILED,
    MessageState.UNCERTAIN: Delivery.UNCERTAIN,
    MessageState.NOT_CONTACTABLE: Delivery.NOT_CONTACTABLE,
}


async def _record(
    session: AsyncSession,
    message: Message,
    owner: Invitation | Shortlist | None,
    state: MessageState,
    channel: Literal["email", "letter"],
    *,
    moment: Moment,
    rules: Rules,
) -> None:
    """Keep what a message's end means for whom it is about."""
    delivery = _DELIVERIES.get(state)
    if delivery is None:
        return
    if isinstance(owner, Invitation):
        await _record_invitation(session, message, owner, delivery, channel, moment=moment, rules=rules)
    elif owner is not None:
        await _record_shortlist(session, message, owner, delivery, moment)


async def _record_invitation(
    session: AsyncSession,
    message: Message,
    invitation: Invitation,
    delivery: Delivery,
    channel: Literal["email", "letter"],
    *,
    moment: Moment,
    rules: Rules,
) -> None:
    step = invitation
    if delivery is Delivery.SENT and message.told is not None and message.kind is not MessageKind.ANSWER_REMINDER:
        step = heard_of(step, message.told)
    event = None
    if message.kind in QUESTIONS and step.is_in_force and step.reply is Reply.NONE:
        meetup = await told.meetup(session, invitation.meetup_id)
        step, event = _question_step(step, delivery, channel, meetup, moment=moment, rules=rules)
    if step != invitation:
        await invitations.write(session, [step])
    if event is not None:
        await tell(session, event, moment=moment)


def _question_step(
    invitation: Invitation,
    delivery: Delivery,
    channel: Literal["email", "letter"],
    meetup: Meetup | None,
    *,
    moment: Moment,
    rules: Rules,
) -> tuple[Invitation, InvitationEvent | None]:
    """An invitation whose question was put, or could not be, and the event that tells it."""
    if meetup is None:
        return invitation, None
    if delivery is Delivery.NOT_CONTACTABLE:
        return unreached(invitation, delivery, meetup=meetup, now=moment.now, rules=rules), None
    step = replace(invitation, revision=invitation.revision + 1)
    if delivery is Delivery.FAILED:
        step = unreached(step, delivery, meetup=meetup, now=moment.now, rules=rules)
    elif delivery is Delivery.SENT and channel == "letter":
        step = posted(step, meetup=meetup, now=moment.now, rules=rules)
    else:
        step = replace(step, delivery=delivery)
    return step, event_of(step, channel)


async def _record_shortlist(
    session: AsyncSession, message: Message, shortlist: Shortlist, delivery: Delivery, moment: Moment
) -> None:
    step = shortlist
    if delivery is Delivery.SENT and message.told is not None and message.kind is not MessageKind.EMPLOYER_REMINDER:
        step = replace(step, heard=message.told.content, heard_day=message.told.day)
    if message.kind is MessageKind.SHORTLIST:
        is_sent = delivery is Delivery.SENT
        step = replace(step, delivery=delivery, revision=shortlist.revision + is_sent)
        if is_sent:
            await tell(session, shortlist_sent(step), moment=moment)
    if step != shortlist:
        await shortlists.write(session, [step])
