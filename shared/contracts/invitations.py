"""Topic `invitations`: what was sent, and what was answered. Key: the meetup."""

from __future__ import annotations

from typing import ClassVar, Literal

from shared.contracts.envelope import Event
from shared.contracts.vocabulary import Id, Revision

DeclineReason = Literal["not-available", "not-interested", "found-work", "too-far", "other", "unsaid"]
Channel = Literal["email", "letter", "phone"]
NotNowReason = Literal["skills", "hours", "distance", "filled", "other", "unsaid"]


class InvitationEvent(Event):
    """Something happened to one participant's invitation to one meetup. ``revision`` counts its steps."""

    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    participant_id: Id
    invitation_id: Id
    revision: Revision


class InvitationSent(InvitationEvent):
    """The invitation left: by e-mail, as a letter that somebody posted, or told by an adviser on the phone.

    ``channel`` is absent where it is told anew.
    """

    type: ClassVar[str] = "vernissage.invitation.sent.v1"
    channel: Channel | None = None


class InvitationAccepted(InvitationEvent):
    """The participant will come."""

    type: ClassVar[str] = "vernissage.invitation.accepted.v1"


class InvitationDeclined(InvitationEvent):
    """The participant will not come."""

    type: ClassVar[str] = "vernissage.invitation.declined.v1"
    reason: DeclineReason


class CallRequested(InvitationEvent):
    """The participant would rather be called."""

    type: ClassVar[str] = "vernissage.invitation.call-requested.v1"


class AskedAgain(InvitationEvent):
    """An earlier reply no longer counts, such as one for another day: the participant is asked anew."""

    type: ClassVar[str] = "vernissage.invitation.asked-again.v1"


class InvitationExpired(InvitationEvent):
    """No answer before the deadline."""

    type: ClassVar[str] = "vernissage.invitation.expired.v1"


class InvitationFailed(InvitationEvent):
    """The invitation could not be delivered, for good."""

    type: ClassVar[str] = "vernissage.invitation.failed.v1"


class InvitationUncertain(InvitationEvent):
    """The mail server may or may not have taken the invitation; a person decides."""

    type: ClassVar[str] = "vernissage.invitation.uncertain.v1"


class ShortlistSent(Event):
    """An employer received the link to their shortlist."""

    type: ClassVar[str] = "vernissage.shortlist.sent.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    employer_id: Id
    shortlist_id: Id
    revision: Revision


class EmployerReplied(Event):
    """An employer answered for one candidate of one need."""

    type: ClassVar[str] = "vernissage.employer.replied.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    employer_id: Id
    need_id: Id
    participant_id: Id
    revision: Revision
    answer: Literal["meet-again", "hire", "not-now"]
    reason: NotNowReason = "unsaid"


EVENTS: tuple[type[Event], ...] = (
    InvitationSent,
    InvitationAccepted,
    InvitationDeclined,
    CallRequested,
    AskedAgain,
    InvitationExpired,
    InvitationFailed,
    InvitationUncertain,
    ShortlistSent,
    EmployerReplied,
)
