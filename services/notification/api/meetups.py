"""What was said and answered for one meetup, and whom an adviser has to see to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.notification.adapters.presenting import words_of_concern
from services.notification.domain.hosting import Shortlist, concern_for
from services.notification.domain.inviting import Invitation, concern_of
from services.notification.domain.meetups import Meetup
from services.notification.domain.telling import NO_POST, Concern, Post
from services.notification.edge import OurSettings, visible_meetup
from services.notification.repository import invitations, messages, shortlists
from services.notification.use_cases import shortlisting
from shared.auditing import note_looks
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.once import OnceOfRequest

router = APIRouter(prefix="/api/v1/meetups", tags=["meetups"])

_Reading = Annotated[Scope, May("read messages")]
_Sending = Annotated[Scope, May("send shortlists")]


class InvitationShown(BaseModel):
    """One participant's invitation as an adviser sees it."""

    invitation_id: UUID
    participant_id: UUID
    delivery: str
    reply: str
    decline_reason: str | None
    wants_call: bool
    deadline: datetime
    is_in_force: bool
    is_removed_after_acceptance: bool
    needs_adviser: bool
    """No message tells them what is true now: somebody should."""
    concern: Concern | None
    say: str | None
    """What to do or say, in a French sentence."""
    revision: int


class MessageShown(BaseModel):
    """One message and where it stands."""

    message_id: UUID
    kind: str
    recipient_id: UUID
    invitation_id: UUID | None
    shortlist_id: UUID | None
    state: str
    channel: str | None
    attempts: int
    error: str | None
    smtp_id: str | None
    written_at: datetime
    settled_at: datetime | None
    settled_by: UUID | None


class ShortlistShown(BaseModel):
    """One employer's shortlist and its answers so far; it has left, or will, once it was asked for."""

    shortlist_id: UUID
    employer_id: UUID
    asked_at: datetime | None
    delivery: str
    answers: int
    needs_adviser: bool
    concern: Concern | None
    say: str | None


class MessagesOfMeetup(BaseModel):
    """All that was said and answered for one meetup."""

    meetup_id: UUID
    invitations: list[InvitationShown]
    messages: list[MessageShown]
    shortlists: list[ShortlistShown]


class ShortlistsAsked(BaseModel):
    """How many shortlists leave now, and how many had been asked for before."""

    new: int
    already: int


@router.get("/{meetup_id}/messages")
async def list_messages(meetup_id: UUID, scope: _Reading, session: Transaction) -> MessagesOfMeetup:
    """Invitations with their replies, messages with their state, shortlists with their answers."""
    meetup = await visible_meetup(session, meetup_id, scope)
    post = await messages.post_of_meetup(session, meetup_id)
    answers = await shortlists.answers_counted(session, meetup_id)
    invited = await invitations.seen_of_meetup(session, meetup_id)
    await note_looks(session, "invitations", [each.participant_id for each in invited], meetup_id)
    return MessagesOfMeetup(
        meetup_id=meetup_id,
        invitations=[_shown(each, meetup, post.get(each.id, NO_POST)) for each in invited],
        messages=[_message_shown(row) for row in await messages.of_meetup(session, meetup_id)],
        shortlists=[
            _shortlist_shown(each, meetup, post.get(each.id, NO_POST), answers.get(each.id, 0))
            for each in await shortlists.seen_of_meetup(session, meetup_id)
        ],
    )


@router.post("/{meetup_id}/shortlists", status_code=202)
async def request_shortlists(
    meetup_id: UUID,
    scope: _Sending,
    session: Transaction,
    moment: RequestMoment,
    settings: OurSettings,
    once: OnceOfRequest,
) -> ShortlistsAsked:
    """Send the shortlists of a meetup to its employers; those who have theirs get no second one."""
    await visible_meetup(session, meetup_id, scope)

    async def act() -> ShortlistsAsked:
        new, already = await shortlisting.request_shortlists(session, meetup_id, moment=moment, rules=settings.rules)
        return ShortlistsAsked(new=new, already=already)

    return await once(ShortlistsAsked, act)


def _shown(invitation: Invitation, meetup: Meetup, post: Post) -> InvitationShown:
    concern = concern_of(invitation, post)
    return InvitationShown(
        invitation_id=invitation.id,
        participant_id=invitation.participant_id,
        delivery=invitation.delivery,
        reply=invitation.reply,
        decline_reason=invitation.decline_reason,
        wants_call=invitation.wants_call,
        deadline=invitation.deadline,
        is_in_force=invitation.is_in_force,
        is_removed_after_acceptance=invitation.is_removed_after_acceptance,
        needs_adviser=concern is not None,
        concern=concern,
        say=words_of_concern(concern, meetup, invitation.deadline) if concern else None,
        revision=invitation.revision,
    )


def _message_shown(row: Any) -> MessageShown:
    return MessageShown(
        message_id=row.id,
        kind=row.kind,
        recipient_id=row.recipient_id,
        invitation_id=row.invitation_id,
        shortlist_id=row.shortlist_id,
        state=row.state,
        channel=row.channel,
        attempts=row.attempts,
        error=row.error,
        smtp_id=row.smtp_id,
        written_at=row.written_at,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )


def _shortlist_shown(shortlist: Shortlist, meetup: Meetup, post: Post, answers: int) -> ShortlistShown:
    concern = concern_for(shortlist, post)
    return ShortlistShown(
        shortlist_id=shortlist.id,
        employer_id=shortlist.employer_id,
        asked_at=shortlist.asked_at,
        delivery=shortlist.delivery,
        answers=answers,
        needs_adviser=concern is not None,
        concern=concern,
        say=words_of_concern(concern, meetup, meetup.starts_at) if concern else None,
    )
