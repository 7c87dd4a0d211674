"""What somebody knows against what is true: the words that participants and employers share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

OUT = "out"
"""What is true for somebody who no longer has a place in a meetup."""

OFF = "off"
"""What is true for everybody when a meetup is called off."""

GONE = (OUT, OFF)


class MessageKind(StrEnum):
    """What a message is for."""

    INVITATION = "invitation"
    OTHER_DAY = "other-day"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    ANSWER_REMINDER = "answer-reminder"
    CALL = "call"
    SHORTLIST = "shortlist"
    EMPLOYER_UPDATE = "employer-update"
    EMPLOYER_CANCELLATION = "employer-cancellation"
    EMPLOYER_REMINDER = "employer-reminder"


QUESTIONS = (MessageKind.INVITATION, MessageKind.OTHER_DAY)
"""The messages that ask a participant to come."""

REMINDERS = (MessageKind.ANSWER_REMINDER, MessageKind.EMPLOYER_REMINDER)
"""The messages that tell nothing new."""


class Delivery(StrEnum):
    """Whether a question, or a shortlist, reached whom it is for. The last four wait for an adviser to phone."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    NOT_CONTACTABLE = "not-contactable"
    TOO_LATE = "too-late"


UNREACHED = (Delivery.FAILED, Delivery.NOT_CONTACTABLE, Delivery.TOO_LATE)
"""The question surely did not arrive."""


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody was told: the fingerprint of it, and the day that it was about."""

    content: str
    day: date


@dataclass(frozen=True, slots=True)
class Post:
    """The messages to one recipient about one meetup, as far as a decision needs them.

    ``waiting`` has not left (a letter has not until it is posted); ``leaving`` is what a message says of which nobody
    knows yet whether it arrived; ``failed_edition`` is the last edition that a mail server refused.
    """

    waiting: MessageKind | None = None
    is_letter: bool = False
    is_leaving: bool = False
    leaving: Known | None = None
    failed_edition: int = 0

    @property
    def is_on_its_way(self) -> bool:
        """Whether a message will tell without anybody's help."""
        return self.is_leaving or (self.waiting is not None and not self.is_letter)


NO_POST = Post()
"""The post of somebody to whom nothing was written yet."""


class Concern(StrEnum):
    """What an adviser has to do for somebody whom no message tells."""

    ASK = "ask"
    POST = "post"
    CALL = "call"
    OTHER_DAY = "other-day"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    NO_LONGER_PLANNED = "no-longer-planned"
    LEFT_WITHOUT_MEETING = "left-without-meeting"
    SHORTLIST = "shortlist"
