"""What may be answered, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import get_args
from uuid import UUID

import pytest

from services.notification.domain import replying
from services.notification.domain.inviting import Invitation, Reply
from services.notification.domain.replying import (
    Answer,
    Choice,
    EmployerChoice,
    NoLongerPlanned,
    TooLate,
    answer_for,
    answers_until,
    expire,
    reply_to,
)
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
    assert replied(Choice.ACCEPT, yes) is yes
    called = replied(Choice.CALL)
    assert replied(Choice.CALL, called) is called


def test_nothing_is_taken_from_the_deadline_on() -> None:
    with pytest.raises(TooLate):
        reply_to(told(), Choice.ACCEPT, None, now=LATER, until=LATER)


def test_a_place_that_was_given_away_cannot_be_accepted_but_a_call_can_be_asked_for() -> None:
    gone = replace(told(Reply.DECLINED), is_in_force=False)
    with pytest.raises(NoLongerPlanned):
        replied(Choice.ACCEPT, gone)
    assert replied(Choice.CALL, gone).wants_call


def test_silence_expires_at_the_deadline_and_answers_do_not() -> None:
    deadline = told().deadline
    assert expire(told(), now=deadline).reply is Reply.EXPIRED
    assert expire(told(), now=deadline - timedelta(seconds=1)).reply is Reply.NONE
    yes = told(Reply.ACCEPTED)
    assert expire(yes, now=deadline) is yes
    called = replace(told(), wants_call=True)
    assert expire(called, now=deadline) is called


def test_an_employer_may_answer_otherwise_until_the_last_day() -> None:
    until = answers_until(MEETUP, 21)
    hire = Answer(UUID(int=1), UUID(int=2), EmployerChoice.HIRE, "skills")
    first = answer_for(None, hire, now=NOW, until=until)
    assert (first.revision, first.reason) == (1, "unsaid")
    assert answer_for(first, hire, now=NOW, until=until) is first
    not_now = replace(hire, choice=EmployerChoice.NOT_NOW, reason="hours")
    second = answer_for(first, not_now, now=NOW, until=until)
    assert (second.revision, second.reason) == (2, "hours")
    with pytest.raises(TooLate):
        answer_for(second, hire, now=until, until=until)


def test_the_reasons_are_those_of_the_contract() -> None:
    assert get_args(DeclineReason) == replying.DECLINE_REASONS
    assert get_args(NotNowReason) == replying.NOT_NOW_REASONS
