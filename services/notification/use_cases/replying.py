"""What participants answer, by their link or by phone, and whether they want messages at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import Invitation, Reply
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.replying import Choice, reply_to
from services.notification.domain.rules import Rules
from services.notification.repository import invitations, told
from services.notification.repository.statements import take_the_floor
from services.notification.use_cases.inviting import catch_up
from services.notification.use_cases.telling import step_of, tell
from shared.contracts.invitations import (
    CallRequested,
    DeclineReason,
    InvitationAccepted,
    InvitationDeclined,
    InvitationEvent,
)
from shared.ids import NewId


class UnknownInvitation(Exception):
    """No invitation has this link or id."""


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """What the page behind a link shows."""

    invitation: Invitation
    meetup: Meetup
    meetings: tuple[Meeting, ...]
    occupations: dict[UUID, str]
    language: str
    is_silent: bool


async def open_invitation(session: AsyncSession, token_hash: bytes) -> OpenInvitation:
    """The invitation behind a link, to look at; raises `UnknownInvitation`."""
    invitation = await invitations.by_token(session, token_hash)
    meetup = await told.meetup(session, invitation.meetup_id) if invitation else None
    if invitation is None or meetup is None:
        raise UnknownInvitation
    meetings = await told.meetings_of(session, invitation.meetup_id, participant_id=invitation.participant_id)
    readers = await told.readers(session, [invitation.participant_id])
    reader = readers.get(invitation.participant_id)
    return OpenInvitation(
        invitation,
        meetup,
        tuple(meetings),
        await told.occupations_of(session, [meeting.need_id for meeting in meetings]),
        reader.language if reader else "fr",
        await told.is_silent(session, invitation.participant_id),
    )


async def reply_by_link(
    session: AsyncSession, token_hash: bytes, choice: Choice, reason: str | None, *, now: datetime, new_id: NewId
) -> None:
    """Take a participant's answer, until their deadline.

    Raises `UnknownInvitation`, `TooLate` or `NoLongerPlanned`.
    """
    seen = await invitations.by_token(session, token_hash)
    if seen is None:
        raise UnknownInvitation
    await _reply(session, seen.id, choice, reason, now=now, until=seen.deadline, new_id=new_id)


async def reply_by_phone(
    session: AsyncSession, invitation_id: UUID, choice: Choice, reason: str | None, *, now: datetime, new_id: NewId
) -> None:
    """Take an answer that an adviser heard, until the meetup begins.

    Raises `UnknownInvitation`, `TooLate` or `NoLongerPlanned`.
    """
    invitation = await invitations.by_id(session, invitation_id)
    meetup = await told.meetup(session, invitation.meetup_id) if invitation else None
    if meetup is None:
        raise UnknownInvitation
    await _reply(session, invitation_id, choice, reason, now=now, until=meetup.starts_at, new_id=new_id)


async def stop_messages(
    session: AsyncSession, recipient_id: UUID, *, now: datetime, new_id: NewId, rules: Rules
) -> None:
    """Somebody wants no more messages: what has not left is taken back."""
    await take_the_floor(session)
    await told.write_silence(session, {"recipient_id": recipient_id, "since": now})
    meetup_ids = await told.meetups_of_participants(session, [recipient_id])
    await catch_up(session, meetup_ids, now=now, new_id=new_id, rules=rules)


async def resume_messages(
    session: AsyncSession, recipient_id: UUID, *, now: datetime, new_id: NewId, rules: Rules
) -> None:
    """Somebody wants messages again."""
    await take_the_floor(session)
    await told.delete_silence(session, recipient_id)
    meetup_ids = await told.meetups_of_participants(session, [recipient_id])
    await catch_up(session, meetup_ids, now=now, new_id=new_id, rules=rules)


async def _reply(
    session: AsyncSession,
    invitation_id: UUID,
    choice: Choice,
    reason: str | None,
    *,
    now: datetime,
    until: datetime,
    new_id: NewId,
) -> None:
    invitation = await invitations.by_id(session, invitation_id)
    if invitation is None:
        raise UnknownInvitation
    answered = reply_to(invitation, choice, reason, now=now, until=until)
    if answered is invitation:
        return
    await invitations.write(session, [answered])
    await tell(session, _event_of(answered, choice), now=now, new_id=new_id)


def _event_of(answered: Invitation, choice: Choice) -> InvitationEvent:
    if choice is Choice.CALL:
        return CallRequested(**step_of(answered))
    if answered.reply is Reply.ACCEPTED:
        return InvitationAccepted(**step_of(answered))
    return InvitationDeclined(**step_of(answered), reason=cast("DeclineReason", answered.decline_reason))
