"""The life of a message and of a link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain.delivery import (
    LONGEST_WAIT,
    MailRefused,
    MailTaken,
    MailUncertain,
    MessageState,
    NotNow,
    SendOutcome,
    next_try,
    state_after,
)
from services.notification.domain.links import ALPHABET, TOKEN_LENGTH, hash_of, new_token

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (MailTaken(), MessageState.SENT),
        (MailRefused("550"), MessageState.FAILED),
        (MailUncertain(), MessageState.UNCERTAIN),
        (NotNow("451"), MessageState.QUEUED),
    ],
)
def test_only_what_surely_did_not_leave_is_tried_again(outcome: SendOutcome, state: MessageState) -> None:
    assert state_after(outcome, may_try_again=True) is state


def test_a_message_that_cannot_leave_for_a_day_has_failed() -> None:
    assert state_after(NotNow("unreachable"), may_try_again=False) is MessageState.FAILED
    assert next_try(3, written_at=NOW - DAY, now=NOW, give_up_after=DAY) is None


@given(st.integers(1, 1000))
def test_waits_grow_and_stay_below_an_hour(attempts: int) -> None:
    soon = next_try(attempts, written_at=NOW, now=NOW, give_up_after=DAY)
    later = next_try(attempts + 1, written_at=NOW, now=NOW, give_up_after=DAY)
    assert soon is not None
    assert later is not None
    assert NOW < soon <= later <= NOW + LONGEST_WAIT


def test_tokens_are_random_and_found_as_people_type_them() -> None:
    token = new_token()
    assert token != new_token()
    assert len(ALPHABET) ** TOKEN_LENGTH > 2**128
    typed = "-".join((token[:9], token[9:18], token[18:])).upper()
    assert hash_of(f" {typed}\n") == hash_of(token) is not None


@pytest.mark.parametrize("text", ["", "abc", "é" * TOKEN_LENGTH, "0" * TOKEN_LENGTH, "a" * 10_000, "../../etc/passwd"])
def test_what_cannot_be_a_token_has_no_hash(text: str) -> None:
    assert hash_of(text) is None


def test_a_truncated_token_is_no_token() -> None:
    assert hash_of(new_token()[:-1]) is None
