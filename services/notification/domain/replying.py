"""What a participant or an employer may answer, and until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.notification.domain.inviting import Invitation, Reply, unreached
from services.notification.domain.meetups import Meetup, Period
from services.notification.domain.rules import Rules
from services.notification.domain.telling import Delivery
from shared.refusals import Refusal

DECLINE_REASONS = ("not-available", "not-interested", "found-work", "too-far", "other", "unsaid")
NOT_NOW_REASONS = ("skills", "hours", "distance", "filled", "other", "unsaid")


class Choice(StrEnum):
    """The three buttons of the reply page."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CALL = "call"


class TooLate(Refusal):
    """The deadline is past: only an adviser can still change something."""


class TooEarly(Refusal):
    """The meetup has not begun: nobody has met anybody yet."""


class NoLongerPlanned(Refusal):
    """The place is no longer this participant's: somebody else was asked."""


class OtherDay(Refusal):
    """The meetup was moved to another day since the answer's page was shown."""


def reply_to(
    invitation: Invitation,
    choice: Choice,
    reason: str | None,
    *,
    now: datetime,
    until: datetime,
    for_day: date | None = None,
) -> Invitation:
    """The invitation after an answer, a revision further unless it says nothing new.

    Whoever answers knows what is true now. ``reason`` is one of `DECLINE_REASONS`, or absent; ``for_day`` is the day
    that the page showed. Raises `TooLate` from ``until`` on (a call may be asked for later too), `NoLongerPlanned`
    when somebody accepts a place that is no longer theirs, and `OtherDay` when they accept it for a day on which the
    meetup no longer is.
    """
    if now >= until and choice is not Choice.CALL:
        raise TooLate
    known = replace(invitation, heard=invitation.content, heard_day=invitation.day)
    answered = _answered(known, choice, reason, for_day)
    says_anew = answered != known
    return replace(answered, revision=invitation.revision + says_anew)


def _answered(invitation: Invitation, choice: Choice, reason: str | None, for_day: date | None) -> Invitation:
    if choice is Choice.CALL:
        return replace(invitation, wants_call=True)
    if choice is Choice.DECLINE:
        return replace(
            invitation,
            reply=Reply.DECLINED,
            decline_reason=reason or "unsaid",
            wants_call=False,
            is_removed_after_acceptance=False,
            accepted_day=None,
        )
    if not invitation.is_in_force:
        raise NoLongerPlanned
    if for_day not in (None, invitation.day):
        raise OtherDay
    return replace(invitation, reply=Reply.ACCEPTED, decline_reason=None, wants_call=False, accepted_day=invitation.day)


def run_out(invitation: Invitation, meetup: Meetup, *, now: datetime, rules: Rules) -> Invitation:
    """The invitation once its deadline is past: expired, unless it was answered or a call was asked for.

    Whom no message reached in time is left to an adviser first, as long as rules and meetup leave time to phone.
    """
    waits = invitation.reply is Reply.NONE and invitation.is_in_force and not invitation.wants_call
    if not waits or now < invitation.deadline:
        return invitation
    if invitation.delivery is Delivery.WAITING:
        invitation = unreached(invitation, Delivery.TOO_LATE, meetup=meetup, now=now, rules=rules)
    if now < invitation.deadline:
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


def answer_for(known: Answer | None, answer: Answer, *, now: datetime, within: Period) -> Answer:
    """The answer that counts from now on; the known one when nothing new was said. Raises `TooEarly` or `TooLate`."""
    if now < within.starts_at:
        raise TooEarly
    if now >= within.ends_at:
        raise TooLate
    if answer.choice is not EmployerChoice.NOT_NOW:
        answer = replace(answer, reason="unsaid")
    if known is None:
        return answer
    if (known.choice, known.reason) == (answer.choice, answer.reason):
        return known
    return replace(answer, revision=known.revision + 1)


def time_to_answer(meetup: Meetup, answer_days: int) -> Period:
    """From when to when an employer may answer, or answer otherwise: from the meetup's beginning on."""
    return Period(meetup.starts_at, meetup.ends_at + timedelta(days=answer_days))
