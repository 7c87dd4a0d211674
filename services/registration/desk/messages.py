"""What was said and answered for a meetup, as notification tells it, and what advisers settle about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.registration.desk.asking import Desk, Narrow


class InvitationSeen(Narrow):
    """One participant's invitation: its reply, and what is to be done or said where no message tells them."""

    invitation_id: UUID
    participant_id: UUID
    delivery: str
    reply: str
    wants_call: bool
    is_in_force: bool
    needs_adviser: bool
    concern: str | None
    say: str | None

    @property
    def waits_for_call(self) -> bool:
        """Whether somebody has to phone; a letter to print or to post stands among the letters."""
        return self.wants_call or (self.needs_adviser and self.concern != "post")


class MessageSeen(Narrow):
    """One message: what it is for, to whom, by which way, and where it stands."""

    message_id: UUID
    kind: str
    recipient_id: UUID
    invitation_id: UUID | None
    state: str
    channel: str | None

    @property
    def is_letter_to_do(self) -> bool:
        """Whether it is a letter that somebody has to print or to post."""
        return self.channel == "letter" and self.state in ("composed", "printed")


class ShortlistSeen(Narrow):
    """One employer's shortlist, and how many answers it has."""

    shortlist_id: UUID
    employer_id: UUID
    delivery: str
    answers: int
    needs_adviser: bool
    say: str | None


class SaidAtMeetup(Narrow):
    """All that was said and answered for one meetup."""

    invitations: tuple[InvitationSeen, ...]
    messages: tuple[MessageSeen, ...]
    shortlists: tuple[ShortlistSeen, ...]

    @property
    def calls(self) -> list[InvitationSeen]:
        """Whom somebody has to phone."""
        return [each for each in self.invitations if each.waits_for_call]

    @property
    def letters(self) -> list[MessageSeen]:
        """Letters that somebody has to print or to post."""
        return [each for each in self.messages if each.is_letter_to_do]


class ShortlistsLeft(Narrow):
    """How many shortlists leave now, and how many had been asked for before."""

    new: int
    already: int


async def said_at(desk: Desk, meetup_id: UUID) -> SaidAtMeetup | None:
    """What was said for a meetup; `None` where notification has not heard of it. Raises `Away` or `NotDone`."""
    return await desk.get("notification", f"/api/v1/meetups/{meetup_id}/messages", SaidAtMeetup)


async def send_shortlists(desk: Desk, meetup_id: UUID) -> ShortlistsLeft | None:
    """Send a meetup's shortlists to its employers. Raises `Away` or `NotDone`."""
    return await desk.do("notification", "POST", f"/api/v1/meetups/{meetup_id}/shortlists", ShortlistsLeft)


async def reply_by_phone(desk: Desk, invitation_id: UUID, choice: str) -> None:
    """Note what somebody said on the phone: ``accept`` or ``decline``. Raises `Away` or `NotDone`."""
    await _do(desk, f"invitations/{invitation_id}/replies", {"choice": choice})


async def note_told(desk: Desk, invitation_id: UUID) -> None:
    """Note that somebody was told what is true now. Raises `Away` or `NotDone`."""
    await _do(desk, f"invitations/{invitation_id}/told")


async def note_letter(desk: Desk, message_id: UUID, done: str) -> None:
    """Note that a letter was ``printed`` or ``posted``. Raises `Away` or `NotDone`."""
    await _do(desk, f"letters/{message_id}/{done}")


async def _do(desk: Desk, path: str, body: Mapping[str, Any] | None = None) -> None:
    await desk.do("notification", "POST", f"/api/v1/{path}", body=body)
