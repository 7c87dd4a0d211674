"""Until when somebody answers: a time that people keep in mind, and never later than the rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain.deadlines import EVENING, evening_within, full_hour_before
from shared.moment import PARIS
from tests.services.notification.domain.test_inviting import MEETUP

MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
A_DAY = timedelta(hours=24)


@given(MOMENTS, st.integers(1, 60))
def test_days_end_at_an_evening_and_take_no_more_than_one_of_them(now: datetime, days: int) -> None:
    end = evening_within(now, timedelta(days=days))
    rule = now + timedelta(days=days)
    assert now + timedelta(days=days) / 2 <= end <= rule
    if days > 1:
        assert end.astimezone(PARIS).time() == EVENING
        assert rule - end < A_DAY + timedelta(hours=1), "the day on which the clocks change has 25 hours"


@given(MOMENTS, st.integers(1, 720))
def test_hours_end_at_a_full_hour_that_is_still_to_come(now: datetime, hours: int) -> None:
    end = evening_within(now, timedelta(hours=hours))
    assert now < end <= now + timedelta(hours=hours)
    assert end.astimezone(PARIS).minute == end.second == end.microsecond == 0


@given(MOMENTS, st.sampled_from((timedelta(hours=12), A_DAY)))
def test_a_meetup_leaves_at_least_its_time_and_at_most_an_hour_more(starts_at: datetime, before: timedelta) -> None:
    end = full_hour_before(replace(MEETUP, starts_at=starts_at), before)
    assert before <= starts_at - end < before + timedelta(hours=1)
    assert end.astimezone(PARIS).time().replace(hour=0) == time(0)
