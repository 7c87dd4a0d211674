"""What may be answered, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from services.notification.domain import replying
from services.notification.domain.deadlines import evening_within
from services.notification.domain.inviting import Invitation, Reply
from services.notification.domain.meetups import Period
from services.notification.domain.replying import (
    Answer,
    Choice,
    EmployerChoice,
    NoLongerPlanned,
    OtherDay,
    TooEarly,
    TooLate,
    answer_for,
    reply_to,
    run_out,
    time_to_answer,
)
from services.notification.domain.rules import Rules
from services.notification.domain.telling import Delivery
from shared.contracts.invitations import DeclineReason, NotNowReason
from tests.services.notification.domain.test_inviting import MEETUP, NOW, told

LATER = NOW + timedelta(days=5)


def replied(choice: Choice, invitation: Invitation | None = None, reason: str | None = None) -> Invitation:
    """The invitation after an answer in time."""
    return reply_to(invitation or told(), choice, reason, now=NOW, until=LATER)


def test_each_button_does_what_it_says() -> None:
    assert replied(Choice.ACCEPT).reply is Reply.ACCEPTED
    declined = replied(Choice.DECLINE, reason="too-far")
    assert (declined.reply, declined.decline_reason) == (Reply.DECLINED, "too-far")
    assert replied(Choice.DECLINE).decline_reason == "unsaid"
    called = replied(Choice.CALL)
    assert (called.wants_call, called.reply) == (True, Reply.NONE)


def test_a_mind_can_be_changed_and_each_change_is_a_new_step() -> None:
    yes = replied(Choice.ACCEPT)
    no = replied(Choice.DECLINE, yes)
    again = replied(Choice.ACCEPT, no)
    assert [each.revision for each in (yes, no, again)] == [2, 3, 4]
    assert again.decline_reason is None


def test_the_same_answer_twice_is_one_answer() -> None:
    yes = replied(Choice.ACCEPT)
    assert replied(Choice.ACCEPT, yes) == yes
    called = replied(Choice.CALL)
    assert replied(Choice.CALL, called) == called


def test_nothing_is_taken_from_the_deadline_on() -> None:
    with pytest.raises(TooLate):
        reply_to(told(), Choice.ACCEPT, None, now=LATER, until=LATER)


def test_a_place_that_was_given_away_cannot_be_accepted_but_a_call_can_be_asked_for() -> None:
    gone = replace(told(Reply.DECLINED), is_in_force=False)
    with pytest.raises(NoLongerPlanned):
        replied(Choice.ACCEPT, gone)
    assert replied(Choice.CALL, gone).wants_call


def test_a_yes_on_a_page_that_showed_another_day_does_not_count() -> None:
    seen = NOW.date()
    with pytest.raises(OtherDay):
        reply_to(told(), Choice.ACCEPT, None, now=NOW, until=LATER, for_day=seen)
    assert reply_to(told(), Choice.DECLINE, None, now=NOW, until=LATER, for_day=seen).reply is Reply.DECLINED
    assert reply_to(told(), Choice.ACCEPT, None, now=NOW, until=LATER, for_day=told().day).reply is Reply.ACCEPTED


def test_whoever_answers_knows_what_is_true() -> None:
    moved = replace(told(), content="another", heard="before")
    assert replied(Choice.ACCEPT, moved).heard == "another"


def after_silence(invitation: Invitation, now: datetime) -> Invitation:
    """The invitation when nobody answered until then."""
    return run_out(invitation, MEETUP, now=now, rules=Rules())


def test_silence_expires_at_the_deadline_and_answers_do_not() -> None:
    deadline = told().deadline
    assert after_silence(told(), deadline).reply is Reply.EXPIRED
    assert after_silence(told(), deadline - timedelta(seconds=1)).reply is Reply.NONE
    yes = told(Reply.ACCEPTED)
    assert after_silence(yes, deadline) is yes
    called = replace(told(), wants_call=True)
    assert after_silence(called, deadline) is called


def test_whom_no_message_reached_an_adviser_may_phone_before_the_place_is_free() -> None:
    waiting = replace(told(), delivery=Delivery.WAITING)
    late = after_silence(waiting, waiting.deadline)
    assert (late.reply, late.delivery) == (Reply.NONE, Delivery.TOO_LATE)
    assert late.deadline == evening_within(waiting.deadline, Rules().call_within)
    assert after_silence(late, late.deadline).reply is Reply.EXPIRED
    hours_before = MEETUP.starts_at - timedelta(hours=6)
    assert after_silence(replace(waiting, deadline=hours_before), hours_before).reply is Reply.EXPIRED


def test_an_employer_may_answer_from_the_beginning_and_otherwise_until_the_last_day() -> None:
    within = time_to_answer(MEETUP, 21)
    assert within == Period(MEETUP.starts_at, MEETUP.ends_at + timedelta(days=21))
    now = MEETUP.starts_at
    hire = Answer(UUID(int=1), UUID(int=2), EmployerChoice.HIRE, "skills")
    with pytest.raises(TooEarly):
        answer_for(None, hire, now=now - timedelta(seconds=1), within=within)
    first = answer_for(None, hire, now=now, within=within)
    assert (first.revision, first.reason) == (1, "unsaid")
    assert answer_for(first, hire, now=now, within=within) is first
    not_now = replace(hire, choice=EmployerChoice.NOT_NOW, reason="hours")
    second = answer_for(first, not_now, now=now, within=within)
    assert (second.revision, second.reason) == (2, "hours")
    with pytest.raises(TooLate):
        answer_for(second, hire, now=within.ends_at, within=within)


def test_the_reasons_are_those_of_the_contract() -> None:
    assert get_args(DeclineReason) == replying.DECLINE_REASONS
    assert get_args(NotNowReason) == replying.NOT_NOW_REASONS
