"""What participants answer, by their link or by phone, and whether they want messages at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import Invitation
from services.notification.domain.links import expires_at
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.replying import Choice, reply_to
from services.notification.domain.rules import Rules
from services.notification.repository import invitations, told
from services.notification.repository.turns import take_turns
from services.notification.use_cases.inviting import catch_up
from services.notification.use_cases.telling import event_of, tell
from shared.moment import Moment
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """What the page behind a link shows."""

    invitation: Invitation
    meetup: Meetup
    meetings: tuple[Meeting, ...]
    occupations: dict[UUID, str]
    is_silent: bool


async def open_invitation(session: AsyncSession, token_hash: bytes, *, now: datetime, rules: Rules) -> OpenInvitation:
    """The invitation behind a link, to look at; raises `Unknown`, also once the link is too old."""
    invitation = await invitations.by_token(session, token_hash)
    meetup = await told.meetup(session, invitation.meetup_id) if invitation else None
    if invitation is None or meetup is None or now >= expires_at(meetup.ends_at, rules):
        raise Unknown("invitation")
    meetings = await told.meetings_of(session, invitation.meetup_id, participant_id=invitation.participant_id)
    return OpenInvitation(
        invitation,
        meetup,
        tuple(meetings),
        await told.occupations_of(session, [meeting.need_id for meeting in meetings]),
        await told.is_silent(session, invitation.participant_id),
    )


async def reply_by_link(
    session: AsyncSession,
    token_hash: bytes,
    choice: Choice,
    reason: str | None,
    *,
    for_day: date | None = None,
    moment: Moment,
) -> None:
    """Take a participant's answer, until their deadline; ``for_day`` is the day that they saw on the page.

    Raises `Unknown`, `TooLate`, `NoLongerPlanned` or `OtherDay`.
    """
    seen = await invitations.by_token(session, token_hash)
    invitation = await invitations.by_id(session, seen.id) if seen else None
    if invitation is None:
        raise Unknown("invitation")
    answered = reply_to(invitation, choice, reason, now=moment.now, until=invitation.deadline, for_day=for_day)
    await _keep(session, invitation, answered, moment)


async def reply_by_phone(
    session: AsyncSession, invitation_id: UUID, choice: Choice, reason: str | None, *, moment: Moment
) -> None:
    """Take an answer that an adviser heard, until the meetup begins.

    Raises `Unknown`, `TooLate` or `NoLongerPlanned`.
    """
    invitation = await invitations.by_id(session, invitation_id)
    meetup = await told.meetup(session, invitation.meetup_id) if invitation else None
    if invitation is None or meetup is None:
        raise Unknown("invitation")
    answered = reply_to(invitation, choice, reason, now=moment.now, until=meetup.starts_at)
    await _keep(session, invitation, answered, moment)


async def stop_messages(session: AsyncSession, recipient_id: UUID, *, moment: Moment, rules: Rules) -> None:
    """A participant wants no more messages: what has not left is taken back."""
    await take_turns(session, [recipient_id])
    await told.write_silence(session, {"recipient_id": recipient_id, "since": moment.now})
    await _follow(session, recipient_id, moment=moment, rules=rules)


async def resume_messages(session: AsyncSession, recipient_id: UUID, *, moment: Moment, rules: Rules) -> None:
    """A participant wants messages again."""
    await take_turns(session, [recipient_id])
    await told.delete_silence(session, recipient_id)
    await _follow(session, recipient_id, moment=moment, rules=rules)


async def _follow(session: AsyncSession, participant_id: UUID, *, moment: Moment, rules: Rules) -> None:
    meetup_ids = await told.meetups_of_participants(session, [participant_id])
    await take_turns(session, meetup_ids)
    await catch_up(session, meetup_ids, moment=moment, rules=rules)


async def _keep(session: AsyncSession, before: Invitation, answered: Invitation, moment: Moment) -> None:
    if answered == before:
        return
    await invitations.write(session, [answered])
    if answered.revision != before.revision:
        await tell(session, event_of(answered), moment=moment)
