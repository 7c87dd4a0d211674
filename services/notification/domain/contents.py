"""What a message says, as it is known now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.notification.domain.delivery import Message
from services.notification.domain.hosting import Shortlist
from services.notification.domain.inviting import Invitation
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.telling import Known


@dataclass(frozen=True, slots=True)
class Contents:
    """What a message says, as it is known now; ``invitation`` or ``shortlist`` says to whom."""

    message: Message
    meetup: Meetup
    meetings: tuple[Meeting, ...]
    occupations: dict[UUID, str]
    invitation: Invitation | None
    shortlist: Shortlist | None
    is_welcome: bool
    """False when the recipient must not be written to."""

    @property
    def known(self) -> Known:
        """What its recipient knows once it arrived."""
        about = self.invitation or self.shortlist
        if about is None:
            raise ValueError("a message is about an invitation or a shortlist")
        return Known(about.content, about.day)

    @property
    def known_day(self) -> date:
        """The day by which its recipient knows the meetup, if they were told of one."""
        about = self.invitation or self.shortlist
        return self.meetup.day if about is None or about.heard_day is None else about.heard_day

    @property
    def former_day(self) -> date | None:
        """The other day on which its recipient believes the meetup to be."""
        return None if self.known_day == self.meetup.day else self.known_day

    @property
    def said_yes(self) -> bool:
        """Whether its recipient said yes for another day."""
        return self.invitation is not None and self.invitation.accepted_day not in (None, self.meetup.day)
