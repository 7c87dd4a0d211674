"""The steps of a message that leaves: claimed, begun, finished, each in its own transaction.

SMTP cannot be exactly-once (RFC 1047). What is promised: the decision to write is taken once, and a message leaves by
itself at most once. So `begin` is committed before the mail server may take the text, and what breaks off between
`begin` and `finish` ends as uncertain, for a person to settle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.delivery import (
    Channel,
    MessageState,
    NotNow,
    Outcome,
    Refused,
    next_try,
    state_after,
)
from services.notification.domain.inviting import Delivery, Invitation, MessageKind, Reply
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.rules import Rules
from services.notification.repository import invitations, messages, shortlists, told
from services.notification.repository.messages import Message
from services.notification.repository.shortlists import Shortlist
from services.notification.use_cases.telling import step_of, tell
from shared.contracts.invitations import (
    InvitationEvent,
    InvitationFailed,
    InvitationSent,
    InvitationUncertain,
    ShortlistSent,
)
from shared.ids import NewId


@dataclass(frozen=True, slots=True)
class Contents:
    """What a message says, as it is known now; ``invitation`` or ``shortlist`` says to whom."""

    message: Message
    meetup: Meetup
    meetings: tuple[Meeting, ...]
    occupations: dict[UUID, str]
    language: str
    invitation: Invitation | None
    shortlist: Shortlist | None
    is_welcome: bool
    """False when the recipient must not be written to."""


class AlreadySettled(Exception):
    """A message is not in a state that somebody has to settle."""


class UnknownMessage(Exception):
    """No message has this id."""


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
    channel: Channel,
    smtp_id: str | None,
    address_mark: str | None,
    token_hash: bytes | None,
    now: datetime,
) -> bool:
    """Mark a message as about to leave, with the link that it holds.

    False when it must not leave as it was composed: the lease is lost, it was taken back, or its content changed.
    """
    if contents.invitation is not None:
        current = await invitations.by_id(session, contents.invitation.id)
        if current is None or (current.content, current.edition) != (
            contents.invitation.content,
            contents.invitation.edition,
        ):
            return False
    begun = await messages.begin_sending(
        session,
        contents.message.id,
        lease=lease,
        lasting=lasting,
        values={"channel": channel, "smtp_id": smtp_id, "address_mark": address_mark},
    )
    if begun and token_hash is not None:
        await keep_link(session, contents.message, token_hash, now)
    return begun


async def keep_link(session: AsyncSession, message: Message, token_hash: bytes, now: datetime) -> None:
    """Keep the hash of a link that is handed out in a message."""
    row = {
        "token_hash": token_hash,
        "invitation_id": message.invitation_id,
        "shortlist_id": message.shortlist_id,
        "made_at": now,
    }
    await invitations.add_links(session, [row])


async def finish(
    session: AsyncSession,
    message: Message,
    outcome: Outcome,
    *,
    lease: UUID,
    channel: Channel,
    attempts: int,
    now: datetime,
    new_id: NewId,
    rules: Rules,
) -> MessageState | None:
    """Write how sending ended, and tell it; `None` when somebody else settled the message meanwhile.

    ``attempts`` counts this one too.
    """
    invitation = await _locked(session, message)
    again = next_try(attempts, written_at=message.written_at, now=now, give_up_after=rules.give_up_after)
    state = state_after(outcome, may_try_again=again is not None)
    values: dict[str, object] = {
        "state": state,
        "attempts": attempts,
        "error": outcome.error if isinstance(outcome, Refused | NotNow) else None,
    }
    if state is MessageState.QUEUED:
        values |= {"due_at": again, "lease": None, "lease_until": None}
    else:
        values |= {"settled_at": now}
    if not await messages.settle(session, message.id, lease=lease, values=values):
        return None
    await _record(session, message, invitation, state, channel, now=now, new_id=new_id)
    return state


async def refuse(session: AsyncSession, message: Message, *, lease: UUID, now: datetime) -> None:
    """Settle a message whose recipient must not or cannot be written to: an adviser phones."""
    invitation = await _locked(session, message)
    values = {"state": MessageState.NOT_CONTACTABLE, "settled_at": now}
    if not await messages.settle(session, message.id, lease=lease, values=values):
        return
    if invitation is not None and message.kind is MessageKind.INVITATION:
        await invitations.write(session, [replace(invitation, delivery=Delivery.NOT_CONTACTABLE)])
    if message.shortlist_id is not None and message.kind is MessageKind.SHORTLIST:
        await shortlists.mark(session, message.shortlist_id, revision=0, delivery=Delivery.NOT_CONTACTABLE)


async def withdraw(session: AsyncSession, message: Message, *, lease: UUID, now: datetime) -> None:
    """Settle a message whose reason is gone."""
    values = {"state": MessageState.WITHDRAWN, "settled_at": now}
    await messages.settle(session, message.id, lease=lease, values=values)


async def settle_abandoned(session: AsyncSession, *, now: datetime, new_id: NewId) -> int:
    """Mark as uncertain what a dead sender left while it was leaving; say how many.

    The lease stays, so that a sender that was only slow can still say how it ended.
    """
    count = 0
    for message in await messages.abandoned(session):
        invitation = await _locked(session, message)
        if await messages.give_up_on(session, message.id, now):
            await _record(session, message, invitation, MessageState.UNCERTAIN, None, now=now, new_id=new_id)
            count += 1
    return count


async def settle_by_hand(
    session: AsyncSession, message_id: UUID, *, was_sent: bool, by: UUID, now: datetime, new_id: NewId
) -> None:
    """A person decides about an uncertain or failed message: it arrived, or it is sent again.

    Raises `UnknownMessage` or `AlreadySettled`.
    """
    seen = await messages.seen_by_id(session, message_id)
    invitation = await _locked(session, seen) if seen else None
    message = await messages.by_id(session, message_id)
    if message is None:
        raise UnknownMessage
    allowed = {MessageState.UNCERTAIN} if was_sent else {MessageState.UNCERTAIN, MessageState.FAILED}
    if message.state not in allowed:
        raise AlreadySettled
    if was_sent:
        await messages.change(session, message_id, {"state": MessageState.SENT, "settled_at": now, "settled_by": by})
        await _record(session, message, invitation, MessageState.SENT, Channel.EMAIL, now=now, new_id=new_id)
        return
    again = {
        "state": MessageState.QUEUED,
        "attempts": 0,
        "written_at": now,
        "due_at": now,
        "lease": None,
        "lease_until": None,
        "error": None,
        "settled_at": None,
        "settled_by": by,
    }
    await messages.change(session, message_id, again)
    if invitation is not None and message.kind is MessageKind.INVITATION:
        await invitations.write(session, [replace(invitation, delivery=Delivery.WAITING)])


async def _for_participant(
    session: AsyncSession, message: Message, meetup: Meetup, invitation_id: UUID
) -> Contents | None:
    invitation = await invitations.seen_by_id(session, invitation_id)
    if invitation is None:
        return None
    if not _has_reason(message.kind, invitation):
        return None
    meetings = await told.meetings_of(session, message.meetup_id, participant_id=message.recipient_id)
    reader = (await told.readers(session, [message.recipient_id])).get(message.recipient_id)
    return Contents(
        message,
        meetup,
        tuple(meetings),
        await told.occupations_of(session, [meeting.need_id for meeting in meetings]),
        reader.language if reader else "fr",
        invitation,
        None,
        is_welcome=reader is not None and reader.is_contactable,
    )


def _has_reason(kind: MessageKind, invitation: Invitation) -> bool:
    if kind is MessageKind.CANCELLATION:
        return not invitation.is_in_force
    waits = invitation.is_in_force and invitation.reply is Reply.NONE
    return waits or (kind is MessageKind.UPDATE and invitation.is_in_force and invitation.reply is Reply.ACCEPTED)


async def _for_employer(session: AsyncSession, message: Message, meetup: Meetup) -> Contents | None:
    shortlist = await shortlists.seen_by_id(session, message.shortlist_id) if message.shortlist_id else None
    if shortlist is None or meetup.is_cancelled:
        return None
    return Contents(
        message,
        meetup,
        tuple(await told.meetings_of(session, message.meetup_id, employer_id=message.recipient_id)),
        {},
        "fr",
        None,
        shortlist,
        is_welcome=not await told.is_silent(session, message.recipient_id),
    )


async def _locked(session: AsyncSession, message: Message) -> Invitation | None:
    """The message's invitation, locked before the message itself: one order for everybody."""
    return await invitations.by_id(session, message.invitation_id) if message.invitation_id else None


async def _record(
    session: AsyncSession,
    message: Message,
    invitation: Invitation | None,
    state: MessageState,
    channel: Channel | None,
    *,
    now: datetime,
    new_id: NewId,
) -> None:
    if invitation is not None and message.kind is MessageKind.INVITATION:
        await _record_invitation(session, invitation, state, channel, now=now, new_id=new_id)
    if message.shortlist_id is not None and message.kind is MessageKind.SHORTLIST:
        await _record_shortlist(session, message.shortlist_id, state, now=now, new_id=new_id)


async def _record_invitation(
    session: AsyncSession,
    invitation: Invitation,
    state: MessageState,
    channel: Channel | None,
    *,
    now: datetime,
    new_id: NewId,
) -> None:
    if state not in (MessageState.SENT, MessageState.FAILED, MessageState.UNCERTAIN):
        return
    step = replace(invitation, delivery=Delivery(state.value), revision=invitation.revision + 1)
    await invitations.write(session, [step])
    fields = step_of(step)
    event: InvitationEvent
    if state is MessageState.SENT:
        event = InvitationSent(**fields, channel="letter" if channel is Channel.LETTER else "email")
    elif state is MessageState.FAILED:
        event = InvitationFailed(**fields)
    else:
        event = InvitationUncertain(**fields)
    await tell(session, event, now=now, new_id=new_id)


async def _record_shortlist(
    session: AsyncSession, shortlist_id: UUID, state: MessageState, *, now: datetime, new_id: NewId
) -> None:
    shortlist = await shortlists.by_id(session, shortlist_id)
    if shortlist is None or state not in (MessageState.SENT, MessageState.FAILED, MessageState.UNCERTAIN):
        return
    revision = shortlist.revision + (state is MessageState.SENT)
    await shortlists.mark(session, shortlist_id, revision=revision, delivery=Delivery(state.value))
    if state is MessageState.SENT:
        event = ShortlistSent(
            meetup_id=shortlist.meetup_id,
            employer_id=shortlist.employer_id,
            shortlist_id=shortlist.id,
            revision=revision,
        )
        await tell(session, event, now=now, new_id=new_id)
