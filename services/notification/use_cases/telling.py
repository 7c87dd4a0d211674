"""Notification's events: what happened, told to the other services through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.hosting import Shortlist
from services.notification.domain.inviting import Invitation, Reply
from services.notification.domain.replying import Answer
from services.notification.domain.telling import Delivery
from shared.contracts.envelope import Event
from shared.contracts.invitations import (
    AskedAgain,
    CallRequested,
    Channel,
    EmployerReplied,
    InvitationAccepted,
    InvitationDeclined,
    InvitationEvent,
    InvitationExpired,
    InvitationFailed,
    InvitationSent,
    InvitationUncertain,
    NotNowReason,
    ShortlistSent,
)
from shared.moment import Moment
from shared.travel import outbox

SOURCE = "/notification"


async def tell(session: AsyncSession, *events: Event, moment: Moment) -> None:
    """Put events into the outbox."""
    await outbox.tell(session, *events, source=SOURCE, moment=moment)


def event_of(invitation: Invitation, channel: Channel | None = None) -> InvitationEvent:
    """How an invitation stands, as the other services are told when it happens, and anew.

    ``channel`` is the way by which it left just now.
    """
    kind = kind_of(invitation)
    said: dict[str, object] = {
        "meetup_id": invitation.meetup_id,
        "participant_id": invitation.participant_id,
        "invitation_id": invitation.id,
        "revision": invitation.revision,
    }
    if kind is InvitationDeclined:
        said["reason"] = invitation.decline_reason or "unsaid"
    if kind is InvitationSent:
        said["channel"] = channel
    return kind.model_validate(said)


def shortlist_sent(shortlist: Shortlist) -> ShortlistSent:
    """An employer has the link to their shortlist."""
    return ShortlistSent(
        meetup_id=shortlist.meetup_id,
        employer_id=shortlist.employer_id,
        shortlist_id=shortlist.id,
        revision=shortlist.revision,
    )


def employer_replied(shortlist: Shortlist, answer: Answer) -> EmployerReplied:
    """What an employer answered for one candidate."""
    return EmployerReplied(
        meetup_id=shortlist.meetup_id,
        employer_id=shortlist.employer_id,
        need_id=answer.need_id,
        participant_id=answer.participant_id,
        revision=answer.revision,
        answer=answer.choice.value,
        reason=cast("NotNowReason", answer.reason),
    )


def kind_of(invitation: Invitation) -> type[InvitationEvent]:
    """Which event tells how an invitation stands: it is told whenever another one does.

    Whoever said yes and asks for a call still comes. Whoever is to be asked and could not be yet is asked again.
    """
    if invitation.reply is not Reply.NONE:
        return _REPLIES[invitation.reply]
    if invitation.wants_call:
        return CallRequested
    return _DELIVERIES.get(invitation.delivery, AskedAgain)


_REPLIES: Mapping[Reply, type[InvitationEvent]] = {
    Reply.ACCEPTED: InvitationAccepted,
    Reply.DECLINED: InvitationDeclined,
    Reply.EXPIRED: InvitationExpired,
}
_DELIVERIES: Mapping[Delivery, type[InvitationEvent]] = {
    Delivery.SENT: InvitationSent,
    Delivery.FAILED: InvitationFailed,
    Delivery.UNCERTAIN: InvitationUncertain,
}
