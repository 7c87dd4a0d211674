"""What notification refuses: nothing was changed, and the edge says why."""

from __future__ import annotations

from shared.refusals import Refusal


class NoPairingInForce(Refusal):
    """The meetup has no pairing in force, or is cancelled: nobody comes to it yet."""


class NotOnShortlist(Refusal):
    """The person is not, or no longer, on the shortlist."""


class AlreadySettled(Refusal):
    """Nothing is left that somebody has to settle."""


class ObsoleteLetter(Refusal):
    """A letter has nothing to say any more."""


class NotPrinted(Refusal):
    """A letter was not printed as it is now, so that it cannot have been posted."""
