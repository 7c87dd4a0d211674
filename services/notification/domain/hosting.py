"""What employers are told of a meetup: the difference between what they know and what is true now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.notification.domain.inviting import fingerprint
from services.notification.domain.meetups import Meetup
from services.notification.domain.telling import GONE, OFF, OUT, Concern, Delivery, Known, MessageKind, Post


@dataclass(frozen=True, slots=True)
class Shortlist:
    """One employer's shortlist of one meetup; it leaves once it was asked for (``asked_at``).

    ``content``, ``day``, ``edition``, ``heard`` and ``heard_day`` are those of an invitation: an employer who came to
    a meetup is taken to know its day and place, and hears of what changes.
    """

    id: UUID
    meetup_id: UUID
    employer_id: UUID
    content: str
    day: date
    heard: str
    heard_day: date
    edition: int = 1
    revision: int = 0
    delivery: Delivery = Delivery.WAITING
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HostDecision:
    """What becomes of a shortlist: its new state, the message to write, and the kinds that are taken back."""

    shortlist: Shortlist
    message: MessageKind | None = None
    takes_back: bool = False


def occasion_mark(meetup: Meetup) -> str:
    """A fingerprint of what an employer must know of a meetup: where it is, and from when to when."""
    return fingerprint(
        [
            f"{meetup.venue}|{meetup.commune}|{meetup.directions}|{meetup.starts_at.timestamp():.0f}|{meetup.ends_at.timestamp():.0f}"
        ]
    )


def new_shortlist(new_id: UUID, meetup: Meetup, employer_id: UUID) -> Shortlist:
    """The shortlist of an employer who came to a meetup."""
    mark = occasion_mark(meetup)
    return Shortlist(new_id, meetup.id, employer_id, mark, meetup.day, mark, meetup.day)


def decide_for_host(
    shortlist: Shortlist, meetup: Meetup, post: Post, *, has_open_need: bool, is_contactable: bool
) -> HostDecision | None:
    """What has to happen so that an employer knows what is true now; `None` when nothing has.

    An employer without an open need at the meetup withdrew it themselves: they are told nothing, and get no list.
    """
    content = OFF if meetup.is_cancelled else occasion_mark(meetup) if has_open_need else OUT
    now_true = replace(shortlist, content=content, day=shortlist.day if content in GONE else meetup.day)
    owed = _owed(now_true, post) if is_contactable else None
    is_new = content != shortlist.content
    if not is_new and post.failed_edition >= shortlist.edition:
        owed = None
    keeps_list = post.waiting is MessageKind.SHORTLIST and content not in GONE
    message = owed if owed != post.waiting and not keeps_list else None
    takes_back = post.waiting not in (None, owed) and not keeps_list
    if is_new or message is not None:
        now_true = replace(now_true, edition=shortlist.edition + 1)
    if now_true == shortlist and message is None and not takes_back:
        return None
    return HostDecision(now_true, message, takes_back)


def concern_for(shortlist: Shortlist, post: Post) -> Concern | None:
    """What an adviser has to do for an employer whom no message tells; `None` when nothing."""
    if post.is_on_its_way or shortlist.content == OUT:
        return None
    if shortlist.heard != shortlist.content and shortlist.heard not in GONE:
        if shortlist.content == OFF:
            return Concern.CANCELLED
        return Concern.OTHER_DAY if shortlist.heard_day != shortlist.day else Concern.CHANGED
    is_missed = shortlist.asked_at is not None and shortlist.delivery not in (Delivery.SENT, Delivery.WAITING)
    if shortlist.content != OFF and (is_missed or (shortlist.asked_at is not None and post.is_letter)):
        return Concern.SHORTLIST
    return None


def _owed(shortlist: Shortlist, post: Post) -> MessageKind | None:
    believes = post.leaving or Known(shortlist.heard, shortlist.heard_day)
    if shortlist.content in (believes.content, shortlist.heard) or believes.content in GONE or shortlist.content == OUT:
        return None
    return MessageKind.EMPLOYER_CANCELLATION if shortlist.content == OFF else MessageKind.EMPLOYER_UPDATE
