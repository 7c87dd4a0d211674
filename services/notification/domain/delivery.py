"""The life of a message: at most one automatic send, and never a guess about what a mail server did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.notification.domain.telling import Known, MessageKind

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)


class MessageState(StrEnum):
    """Where a message stands.

    ``SENDING`` is committed before the mail server may take the text; whoever finds it abandoned knows only that it is
    ``UNCERTAIN``. ``WITHDRAWN`` messages lost their reason before they were sent. A letter is ``COMPOSED`` for
    somebody to print, then ``PRINTED``, and has left only when somebody says that it was ``POSTED``.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"
    NOT_CONTACTABLE = "not-contactable"
    COMPOSED = "composed"
    PRINTED = "printed"
    POSTED = "posted"


LETTER_WAITS = (MessageState.COMPOSED, MessageState.PRINTED)
"""A letter that somebody has to print or to post."""


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    LETTER = "letter"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the sender holds."""

    id: UUID
    kind: MessageKind
    meetup_id: UUID
    recipient_id: UUID
    invitation_id: UUID | None
    shortlist_id: UUID | None
    edition: int
    state: MessageState
    attempts: int
    written_at: datetime
    channel: str | None
    told: Known | None
    """What it told as it left."""


@dataclass(frozen=True, slots=True)
class MailTaken:
    """The mail server said that it took the message."""


@dataclass(frozen=True, slots=True)
class MailRefused:
    """The mail server refused for good; ``error`` is its three-digit code or a word of ours, never its text."""

    error: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """The message surely did not leave: a temporary refusal, or nobody answered before the text was sent."""

    error: str


@dataclass(frozen=True, slots=True)
class MailUncertain:
    """The connection broke while the text was being handed over: nobody knows whether it was taken."""


SendOutcome = MailTaken | MailRefused | NotNow | MailUncertain


def next_try(attempts: int, *, written_at: datetime, now: datetime, give_up_after: timedelta) -> datetime | None:
    """When to try again after ``attempts`` attempts; `None` when it is time to give up."""
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    return now + wait if now + wait < written_at + give_up_after else None


def state_after(outcome: SendOutcome, *, may_try_again: bool) -> MessageState:
    """The state that an outcome leaves a message in."""
    match outcome:
        case MailTaken():
            return MessageState.SENT
        case MailRefused():
            return MessageState.FAILED
        case MailUncertain():
            return MessageState.UNCERTAIN
        case NotNow():
            return MessageState.QUEUED if may_try_again else MessageState.FAILED
