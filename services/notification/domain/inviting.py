"""Who is told what: the difference between what a participant was told and what the pairing in force says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.notification.domain.meetups import Meeting, Meetup

ANSWER_BEFORE_MEETUP = timedelta(hours=24)
"""An answer is needed so long before the meetup, that somebody else can still be invited."""


class Reply(StrEnum):
    """What a participant answered."""

    NONE = "none"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class Delivery(StrEnum):
    """Whether an invitation reached its participant. The last two wait for an adviser to phone."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    NOT_CONTACTABLE = "not-contactable"
    TOO_LATE = "too-late"


class MessageKind(StrEnum):
    """What a message is for."""

    INVITATION = "invitation"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    ANSWER_REMINDER = "answer-reminder"
    SHORTLIST = "shortlist"
    EMPLOYER_REMINDER = "employer-reminder"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One participant's invitation to one meetup.

    ``edition`` counts the contents that were worth telling; ``content`` is the fingerprint of the last one;
    ``revision`` counts the steps that were told to the other services.
    """

    id: UUID
    meetup_id: UUID
    participant_id: UUID
    deadline: datetime
    content: str
    edition: int = 1
    revision: int = 0
    is_in_force: bool = True
    reply: Reply = Reply.NONE
    decline_reason: str | None = None
    wants_call: bool = False
    delivery: Delivery = Delivery.WAITING
    is_removed_after_acceptance: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision depends on beside the invitation itself.

    ``was_told``: a message may have reached the participant; ``has_queued``: a message still waits to be sent.
    """

    now: datetime
    reply_days: int
    meetup: Meetup
    is_contactable: bool
    was_told: bool = False
    has_queued: bool = False
    is_called_off: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an invitation: its new state, the message to write, and whether waiting ones are taken back."""

    invitation: Invitation
    message: MessageKind | None = None
    takes_back_queued: bool = False


def content_of(meetup: Meetup, meetings: Sequence[Meeting]) -> str:
    """A fingerprint of what a participant must know: place, times, tables, needs; never the wording of an account."""
    lines = [f"{meetup.venue}|{meetup.commune}|{meetup.directions}"]
    lines += sorted(
        f"{hours.starts_at.timestamp():.0f}|{hours.ends_at.timestamp():.0f}|{meeting.table}|{meeting.need_id}"
        for meeting, hours in ((meeting, meetup.hours_of(meeting)) for meeting in meetings)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def deadline_of(now: datetime, reply_days: int, meetup: Meetup) -> datetime:
    """Until when an answer counts: some days from now, never later than 24 hours before the meetup."""
    return min(now + timedelta(days=reply_days), meetup.starts_at - ANSWER_BEFORE_MEETUP)


def decide(
    invitation: Invitation | None,
    meetings: Sequence[Meeting],
    given: Circumstances,
    *,
    new_id: UUID,
    participant_id: UUID,
) -> Decision | None:
    """What has to happen so that a participant knows what the pairing in force says; `None` when nothing has.

    ``meetings`` are the participant's in the pairing in force; ``new_id`` names a new invitation.
    """
    if meetings and not given.is_called_off:
        content = content_of(given.meetup, meetings)
        if invitation is None:
            return _invite(_blank(new_id, participant_id, content, given), given)
        if not invitation.is_in_force:
            return _invite_again(invitation, content, given)
        return _keep(invitation, content, given)
    if invitation is None:
        return None
    if given.is_called_off:
        return _call_off(invitation, given)
    return _remove(invitation, given) if invitation.is_in_force else None


def _blank(new_id: UUID, participant_id: UUID, content: str, given: Circumstances) -> Invitation:
    deadline = deadline_of(given.now, given.reply_days, given.meetup)
    return Invitation(new_id, given.meetup.id, participant_id, deadline, content)


def _invite(invitation: Invitation, given: Circumstances) -> Decision:
    if invitation.deadline <= given.now:
        return Decision(replace(invitation, delivery=Delivery.TOO_LATE), takes_back_queued=given.has_queued)
    if not given.is_contactable:
        return Decision(replace(invitation, delivery=Delivery.NOT_CONTACTABLE), takes_back_queued=given.has_queued)
    waiting = replace(invitation, delivery=Delivery.WAITING)
    return Decision(waiting, None if given.has_queued else MessageKind.INVITATION)


def _invite_again(invitation: Invitation, content: str, given: Circumstances) -> Decision:
    """Somebody who was out of the pairing is back in it: a new question, unless they had said yes."""
    back = replace(
        invitation,
        content=content,
        edition=invitation.edition + 1,
        is_in_force=True,
        is_removed_after_acceptance=False,
    )
    if invitation.reply is Reply.ACCEPTED:
        changed = content != invitation.content and given.is_contactable
        return Decision(back, MessageKind.UPDATE if changed else None)
    asked = replace(
        back,
        reply=Reply.NONE,
        decline_reason=None,
        wants_call=False,
        deadline=deadline_of(given.now, given.reply_days, given.meetup),
    )
    return _invite(asked, given)


def _keep(invitation: Invitation, content: str, given: Circumstances) -> Decision | None:
    if not given.is_contactable:
        return _keep_silent(invitation, content, given)
    if invitation.delivery is Delivery.NOT_CONTACTABLE and invitation.reply is Reply.NONE and not given.was_told:
        deadline = deadline_of(given.now, given.reply_days, given.meetup)
        # A new edition, since a message of the last one may have been taken back.
        asked = replace(invitation, content=content, deadline=deadline, edition=invitation.edition + 1)
        return _invite(asked, given)
    if content == invitation.content:
        return None
    changed = replace(invitation, content=content, edition=invitation.edition + 1)
    tells = given.was_told and not given.has_queued and invitation.reply in (Reply.NONE, Reply.ACCEPTED)
    return Decision(changed, MessageKind.UPDATE if tells else None)


def _keep_silent(invitation: Invitation, content: str, given: Circumstances) -> Decision | None:
    """Whoever must not be written to: waiting messages are taken back, changes are for the adviser to tell."""
    unheard = invitation.delivery is Delivery.WAITING and not given.was_told
    silent = replace(
        invitation,
        content=content,
        edition=invitation.edition + (content != invitation.content),
        delivery=Delivery.NOT_CONTACTABLE if unheard else invitation.delivery,
    )
    if silent == invitation and not given.has_queued:
        return None
    return Decision(silent, takes_back_queued=given.has_queued)


def _remove(invitation: Invitation, given: Circumstances) -> Decision:
    """The pairing no longer holds a meeting for this participant. Somebody who accepted is never un-invited by mail."""
    out = replace(invitation, is_in_force=False)
    if invitation.reply is Reply.ACCEPTED:
        return Decision(replace(out, is_removed_after_acceptance=True), takes_back_queued=given.has_queued)
    tells = given.was_told and given.is_contactable and invitation.reply is Reply.NONE
    if not tells:
        return Decision(out, takes_back_queued=given.has_queued)
    return Decision(replace(out, edition=out.edition + 1), MessageKind.CANCELLATION, takes_back_queued=given.has_queued)


def _call_off(invitation: Invitation, given: Circumstances) -> Decision | None:
    """The whole meetup is off: everybody who may still count on it is told, also those who accepted."""
    counts_on_it = invitation.is_in_force or invitation.is_removed_after_acceptance
    if not counts_on_it:
        return None
    out = replace(invitation, is_in_force=False, is_removed_after_acceptance=False)
    tells = given.was_told and given.is_contactable and invitation.reply in (Reply.NONE, Reply.ACCEPTED)
    if not tells:
        return Decision(out, takes_back_queued=given.has_queued)
    return Decision(replace(out, edition=out.edition + 1), MessageKind.CANCELLATION, takes_back_queued=given.has_queued)
