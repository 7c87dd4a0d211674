"""What a participant or an employer may answer, and until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.notification.domain.inviting import Invitation, Reply
from services.notification.domain.meetups import Meetup

DECLINE_REASONS = ("not-available", "not-interested", "found-work", "too-far", "other", "unsaid")
NOT_NOW_REASONS = ("skills", "hours", "distance", "filled", "other", "unsaid")


class Choice(StrEnum):
    """The three buttons of the reply page."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CALL = "call"


class TooLate(Exception):
    """The deadline is past: only an adviser can still change something."""


class NoLongerPlanned(Exception):
    """The place is no longer this participant's: somebody else was asked."""


def reply_to(
    invitation: Invitation, choice: Choice, reason: str | None, *, now: datetime, until: datetime
) -> Invitation:
    """The invitation after an answer; the same one when the answer says nothing new.

    ``reason`` is one of `DECLINE_REASONS`, or absent. Raises `TooLate` from ``until`` on, and `NoLongerPlanned` when
    somebody accepts a place that is no longer theirs.
    """
    if now >= until:
        raise TooLate
    if choice is Choice.CALL:
        answered = replace(invitation, wants_call=True)
    elif choice is Choice.DECLINE:
        answered = replace(
            invitation,
            reply=Reply.DECLINED,
            decline_reason=reason or "unsaid",
            wants_call=False,
            is_removed_after_acceptance=False,
        )
    elif not invitation.is_in_force:
        raise NoLongerPlanned
    else:
        answered = replace(invitation, reply=Reply.ACCEPTED, decline_reason=None, wants_call=False)
    return invitation if answered == invitation else replace(answered, revision=invitation.revision + 1)


def expire(invitation: Invitation, *, now: datetime) -> Invitation:
    """The invitation once its deadline is past: expired, unless it was answered or a call was asked for."""
    waits = invitation.reply is Reply.NONE and invitation.is_in_force and not invitation.wants_call
    if not waits or now < invitation.deadline:
        return invitation
    return replace(invitation, reply=Reply.EXPIRED, revision=invitation.revision + 1)


class EmployerChoice(StrEnum):
    """The three buttons beside a candidate."""

    MEET_AGAIN = "meet-again"
    HIRE = "hire"
    NOT_NOW = "not-now"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an employer answered for one candidate of one need."""

    need_id: UUID
    participant_id: UUID
    choice: EmployerChoice
    reason: str = "unsaid"
    revision: int = 1


def answer_for(known: Answer | None, answer: Answer, *, now: datetime, until: datetime) -> Answer:
    """The answer that counts from now on; the known one when nothing new was said. Raises `TooLate`."""
    if now >= until:
        raise TooLate
    if answer.choice is not EmployerChoice.NOT_NOW:
        answer = replace(answer, reason="unsaid")
    if known is None:
        return answer
    if (known.choice, known.reason) == (answer.choice, answer.reason):
        return known
    return replace(answer, revision=known.revision + 1)


def answers_until(meetup: Meetup, answer_days: int) -> datetime:
    """Until when an employer may answer, or answer otherwise."""
    return meetup.ends_at + timedelta(days=answer_days)
