"""Who is told what: the difference between what a participant knows and what is true now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.notification.domain.deadlines import evening_within, full_hour_before
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.rules import Rules
from services.notification.domain.telling import (
    GONE,
    NO_POST,
    OFF,
    OUT,
    QUESTIONS,
    UNREACHED,
    Concern,
    Delivery,
    Known,
    MessageKind,
    Post,
)

ANSWER_BEFORE_MEETUP = timedelta(hours=24)
"""An answer is needed so long before the meetup, that somebody else can still be invited."""

CALL_BEFORE_MEETUP = timedelta(hours=12)
"""Whom no message reached, an adviser phones at the latest so long before the meetup."""


class Reply(StrEnum):
    """What a participant answered."""

    NONE = "none"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


COUNTS_ON_IT = (Reply.NONE, Reply.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Invitation:
    """One participant's invitation to one meetup.

    ``content`` is the fingerprint of what is true, ``day`` the day that it is about, ``heard`` and ``heard_day`` what
    the participant surely knows. ``edition`` counts the contents, ``question`` how often an answer was asked for,
    ``revision`` the steps that were told to the other services. ``answer_by`` is the time to answer that was given,
    ``deadline`` what the meetup leaves of it; ``accepted_day`` is the day for which they said yes.
    """

    id: UUID
    meetup_id: UUID
    participant_id: UUID
    content: str
    day: date
    answer_by: datetime
    deadline: datetime
    edition: int = 1
    question: int = 1
    revision: int = 0
    is_in_force: bool = True
    reply: Reply = Reply.NONE
    decline_reason: str | None = None
    wants_call: bool = False
    delivery: Delivery = Delivery.WAITING
    is_removed_after_acceptance: bool = False
    heard: str | None = None
    heard_day: date | None = None
    accepted_day: date | None = None

    @property
    def known(self) -> Known | None:
        """What the participant surely knows."""
        return None if self.heard is None or self.heard_day is None else Known(self.heard, self.heard_day)

    @property
    def yes_holds(self) -> bool:
        """Whether a yes was said for this day, and nothing else was heard since."""
        return self.accepted_day == self.day == self.heard_day and self.heard not in GONE


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision depends on beside the invitation itself."""

    now: datetime
    rules: Rules
    meetup: Meetup
    is_contactable: bool
    post: Post = NO_POST
    is_called_off: bool = False


@dataclass(frozen=True, slots=True)
class InvitationDecision:
    """What becomes of an invitation: its new state, the message to write, and whether a waiting one is taken back."""

    invitation: Invitation
    message: MessageKind | None = None
    takes_back: bool = False


def content_of(meetup: Meetup, meetings: Sequence[Meeting]) -> str:
    """A fingerprint of what a participant must know: place, times, tables, needs; never the wording of an account."""
    lines = [f"{meetup.venue}|{meetup.commune}|{meetup.directions}"]
    lines += sorted(
        f"{hours.starts_at.timestamp():.0f}|{hours.ends_at.timestamp():.0f}|{meeting.table}|{meeting.need_id}"
        for meeting, hours in ((meeting, meetup.hours_of(meeting)) for meeting in meetings)
    )
    return fingerprint(lines)


def fingerprint(lines: Sequence[str]) -> str:
    """A short mark of some facts: the same facts have the same mark."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def decide(
    invitation: Invitation | None,
    meetings: Sequence[Meeting],
    given: Circumstances,
    *,
    new_id: UUID,
    participant_id: UUID,
) -> InvitationDecision | None:
    """What has to happen so that a participant knows what is true now; `None` when nothing has.

    ``meetings`` are the participant's in the pairing in force; ``new_id`` names a new invitation.
    """
    if given.is_called_off or not meetings:
        if invitation is None:
            return None
        followed = _leave(invitation, OFF if given.is_called_off else OUT)
    else:
        content = content_of(given.meetup, meetings)
        followed = _follow(invitation or _blank(new_id, participant_id, content, given), content, given)
    return _tell(invitation, followed, given)


def unreached(invitation: Invitation, delivery: Delivery, *, meetup: Meetup, now: datetime, rules: Rules) -> Invitation:
    """The invitation once it is known that the question did not arrive: an adviser has some time to phone."""
    if invitation.delivery in UNREACHED:
        return invitation
    return with_deadline(
        replace(invitation, delivery=delivery, answer_by=evening_within(now, rules.call_within)), meetup
    )


def with_deadline(invitation: Invitation, meetup: Meetup) -> Invitation:
    """The invitation with what the meetup, as it is now, leaves of the time to answer."""
    before = CALL_BEFORE_MEETUP if invitation.delivery in UNREACHED else ANSWER_BEFORE_MEETUP
    return replace(invitation, deadline=min(invitation.answer_by, full_hour_before(meetup, before)))


def heard_of(invitation: Invitation, known: Known) -> Invitation:
    """The invitation once its participant surely knows something."""
    return replace(invitation, heard=known.content, heard_day=known.day)


def posted(invitation: Invitation, *, meetup: Meetup, now: datetime, rules: Rules) -> Invitation:
    """The invitation once its question left by letter or was put by phone: the time to answer begins now."""
    asked = replace(invitation, delivery=Delivery.SENT, answer_by=_answer_by(now, rules))
    return with_deadline(asked, meetup)


def told_in_person(invitation: Invitation, *, meetup: Meetup, now: datetime, rules: Rules) -> Invitation:
    """The invitation once an adviser told its participant, on the phone or face to face, what is true now."""
    told = heard_of(replace(invitation, wants_call=False), Known(invitation.content, invitation.day))
    is_question = told.is_in_force and told.reply is Reply.NONE and told.delivery is not Delivery.SENT
    return posted(told, meetup=meetup, now=now, rules=rules) if is_question else told


def concern_of(invitation: Invitation, post: Post) -> Concern | None:
    """What an adviser has to do for a participant whom no message tells; `None` when nothing."""
    if invitation.wants_call:
        return Concern.CALL
    if post.is_on_its_way:
        return None
    if not invitation.is_in_force:
        return _concern_of_somebody_out(invitation, post)
    if invitation.reply not in COUNTS_ON_IT:
        return None
    is_asked = invitation.delivery is Delivery.SENT or invitation.reply is Reply.ACCEPTED
    if is_asked and invitation.heard == invitation.content:
        return None
    if invitation.heard_day not in (None, invitation.day):
        return Concern.OTHER_DAY
    if is_asked:
        return Concern.CHANGED
    return Concern.POST if post.is_letter else Concern.ASK


def _concern_of_somebody_out(invitation: Invitation, post: Post) -> Concern | None:
    believes = invitation.known or post.leaving
    if believes is None or invitation.heard in GONE:
        return None
    if invitation.is_removed_after_acceptance:
        return Concern.LEFT_WITHOUT_MEETING
    if invitation.content == OFF and invitation.reply in COUNTS_ON_IT:
        return Concern.CANCELLED
    return Concern.NO_LONGER_PLANNED if invitation.reply is Reply.NONE else None


def _blank(new_id: UUID, participant_id: UUID, content: str, given: Circumstances) -> Invitation:
    answer_by = _answer_by(given.now, given.rules)
    return Invitation(new_id, given.meetup.id, participant_id, content, given.meetup.day, answer_by, answer_by)


def _answer_by(now: datetime, rules: Rules) -> datetime:
    return evening_within(now, timedelta(days=rules.reply_days))


def _follow(invitation: Invitation, content: str, given: Circumstances) -> Invitation:
    """The invitation of somebody who has meetings, as it must be now."""
    is_another_day = invitation.is_in_force and invitation.day != given.meetup.day
    here = replace(
        invitation, content=content, day=given.meetup.day, is_in_force=True, is_removed_after_acceptance=False
    )
    is_reachable_again = given.is_contactable and here.delivery is Delivery.NOT_CONTACTABLE and here.reply is Reply.NONE
    if not invitation.is_in_force or is_reachable_again or (is_another_day and here.reply in COUNTS_ON_IT):
        here = _answered_before(here) if here.yes_holds else _asked_anew(here, given)
    return with_deadline(here, given.meetup)


def _answered_before(invitation: Invitation) -> Invitation:
    """A yes for this very day, never heard to be void, counts."""
    return replace(invitation, reply=Reply.ACCEPTED, delivery=Delivery.SENT)


def _asked_anew(invitation: Invitation, given: Circumstances) -> Invitation:
    return replace(
        invitation,
        reply=Reply.NONE,
        decline_reason=None,
        wants_call=invitation.wants_call and invitation.reply is Reply.NONE,
        delivery=Delivery.WAITING,
        question=invitation.question + 1,
        answer_by=_answer_by(given.now, given.rules),
    )


def _leave(invitation: Invitation, content: str) -> Invitation:
    """The invitation of somebody without a meeting. Who said yes is never un-invited by mail, unless all is off."""
    if content == OUT and not invitation.is_in_force:
        return invitation
    return replace(
        invitation,
        content=content,
        is_in_force=False,
        is_removed_after_acceptance=content == OUT and invitation.reply is Reply.ACCEPTED,
    )


def _tell(before: Invitation | None, now_true: Invitation, given: Circumstances) -> InvitationDecision | None:
    """Compare what waits to be sent with what should be told."""
    owed = _owed(now_true, given.post)
    if owed in QUESTIONS and now_true.reply is Reply.NONE:
        now_true = _put_off(now_true, given)
        owed = owed if now_true.delivery is Delivery.WAITING else None
    elif owed is not None and (not given.is_contactable or _is_past_answering(now_true, owed, given.now)):
        owed = None
    is_new = before is None or before.content != now_true.content
    if not is_new and before is not None and given.post.failed_edition >= before.edition and owed not in QUESTIONS:
        owed = None
    message = owed if owed != given.post.waiting else None
    takes_back = given.post.waiting is not None and given.post.waiting != owed
    if before is not None and (is_new or message is not None):
        now_true = replace(now_true, edition=before.edition + 1)
    if now_true == before and message is None and not takes_back:
        return None
    return InvitationDecision(now_true, message, takes_back)


def _is_past_answering(invitation: Invitation, owed: MessageKind, now: datetime) -> bool:
    """Whether an update would ask for an answer that can no longer be given."""
    return owed is MessageKind.UPDATE and invitation.reply is Reply.NONE and invitation.deadline <= now


def _owed(invitation: Invitation, post: Post) -> MessageKind | None:
    """The message that would tell what is true, to somebody who believes what they were told last."""
    believes = post.leaving or invitation.known
    counts_on_it = believes is not None and believes.content not in GONE
    if not invitation.is_in_force:
        may_hear = COUNTS_ON_IT if invitation.content == OFF else (Reply.NONE,)
        return MessageKind.CANCELLATION if counts_on_it and invitation.reply in may_hear else None
    if invitation.reply not in COUNTS_ON_IT:
        return None
    is_told = invitation.content in (invitation.heard, believes.content if believes else None)
    is_another_day = believes is not None and counts_on_it and believes.day != invitation.day
    if invitation.reply is Reply.NONE and invitation.delivery in (Delivery.WAITING, *UNREACHED):
        if invitation.delivery in UNREACHED or (post.is_leaving and is_told):
            return None
        return MessageKind.OTHER_DAY if is_another_day else MessageKind.INVITATION
    if is_told or not counts_on_it:
        return None
    return MessageKind.OTHER_DAY if is_another_day else MessageKind.UPDATE


def _put_off(invitation: Invitation, given: Circumstances) -> Invitation:
    """The invitation of somebody to be asked: as it is, or left to an adviser who phones."""
    if not given.is_contactable:
        reason = Delivery.NOT_CONTACTABLE
    elif invitation.deadline <= given.now:
        reason = Delivery.TOO_LATE
    else:
        return invitation
    return unreached(invitation, reason, meetup=given.meetup, now=given.now, rules=given.rules)
