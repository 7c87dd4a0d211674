"""What an adviser does for those whom no mail tells: phones them, prints and posts letters, and says so."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.delivery import LETTER_WAITS, Channel, Message, MessageState
from services.notification.domain.hosting import Shortlist, concern_for
from services.notification.domain.inviting import concern_of, told_in_person
from services.notification.domain.rules import Rules
from services.notification.domain.telling import NO_POST, MessageKind
from services.notification.repository import invitations, messages, shortlists, told
from services.notification.use_cases import sending
from services.notification.use_cases.refusals import AlreadySettled, NotPrinted, ObsoleteLetter
from services.notification.use_cases.telling import event_of, kind_of, tell
from shared.moment import Moment
from shared.refusals import Unknown


async def tell_participant(session: AsyncSession, invitation_id: UUID, *, moment: Moment, rules: Rules) -> None:
    """An adviser told a participant what is true now; who did, and when, is kept as a message by phone.

    Raises `Unknown`, and `AlreadySettled` when there was nothing to tell.
    """
    invitation = await invitations.by_id(session, invitation_id)
    meetup = await told.meetup(session, invitation.meetup_id) if invitation else None
    if invitation is None or meetup is None:
        raise Unknown("invitation")
    post = (await messages.post_of_meetup(session, meetup.id)).get(invitation.id, NO_POST)
    if concern_of(invitation, post) is None:
        raise AlreadySettled
    after = told_in_person(invitation, meetup=meetup, now=moment.now, rules=rules)
    is_step = kind_of(after) is not kind_of(invitation)
    after = replace(after, edition=invitation.edition + 1, revision=invitation.revision + is_step)
    await invitations.write(session, [after])
    await messages.take_back(session, [after.id], moment.now)
    row = messages.to_participant(after, MessageKind.CALL, moment)
    await messages.record_call(session, row, content=after.content, day=after.day, moment=moment)
    if is_step:
        await tell(session, event_of(after, "phone"), moment=moment)


async def tell_employer(session: AsyncSession, shortlist_id: UUID, *, moment: Moment) -> None:
    """An adviser told an employer what is true now. Raises `Unknown` or `AlreadySettled`."""
    shortlist = await shortlists.by_id(session, shortlist_id)
    if shortlist is None:
        raise Unknown("shortlist")
    post = (await messages.post_of_meetup(session, shortlist.meetup_id)).get(shortlist.id, NO_POST)
    if concern_for(shortlist, post) is None:
        raise AlreadySettled
    after = _heard(shortlist)
    await shortlists.write(session, [after])
    await messages.take_back(session, [after.id], moment.now)
    row = messages.to_employer(after, MessageKind.CALL, after.edition, moment)
    await messages.record_call(session, row, content=after.content, day=after.day, moment=moment)


async def print_letter(session: AsyncSession, message_id: UUID) -> None:
    """A letter was printed as it is now. Raises `Unknown` or `ObsoleteLetter`."""
    message = await _letter(session, message_id)
    await messages.change(session, message.id, {"state": MessageState.PRINTED})


async def post_letter(session: AsyncSession, message_id: UUID, *, moment: Moment, rules: Rules) -> None:
    """A printed letter was posted: now it has left, and the time to answer begins.

    Raises `Unknown`, `ObsoleteLetter`, or `NotPrinted` when it says no longer what it said on paper.
    """
    message = await _letter(session, message_id)
    if message.state is not MessageState.PRINTED:
        raise NotPrinted
    await sending.record_posting(session, message, moment=moment, rules=rules)


async def _letter(session: AsyncSession, message_id: UUID) -> Message:
    """A letter that waits, locked after what it is about."""
    seen = await messages.seen_by_id(session, message_id)
    if seen is None or seen.channel != Channel.LETTER:
        raise Unknown("message")
    if seen.invitation_id is not None:
        await invitations.by_id(session, seen.invitation_id)
    message = await messages.by_id(session, message_id)
    if message is None or message.state not in LETTER_WAITS or await sending.contents_of(session, message) is None:
        raise ObsoleteLetter
    return message


def _heard(shortlist: Shortlist) -> Shortlist:
    return replace(shortlist, heard=shortlist.content, heard_day=shortlist.day, edition=shortlist.edition + 1)
