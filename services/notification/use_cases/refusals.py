"""What notification refuses: nothing was changed, and the edge says why."""

from __future__ import annotations

from shared.refusals import Refusal


class UnknownMeetup(Refusal):
    """No meetup has this id."""


class NoPairingInForce(Refusal):
    """The meetup has no pairing in force, or is cancelled: nobody comes to it yet."""


class UnknownInvitation(Refusal):
    """No invitation has this link or id."""


class UnknownShortlist(Refusal):
    """No shortlist has this link or id."""


class NotOnShortlist(Refusal):
    """The person is not, or no longer, on the shortlist."""


class UnknownMessage(Refusal):
    """No message has this id."""


class AlreadySettled(Refusal):
    """Nothing is left that somebody has to settle."""


class ObsoleteLetter(Refusal):
    """A letter has nothing to say any more."""


class NotPrinted(Refusal):
    """A letter was not printed as it is now, so that it cannot have been posted."""
