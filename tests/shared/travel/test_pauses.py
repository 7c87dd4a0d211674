"""Pauses double, have an end, and bear an outage of any length."""

from hypothesis import given
from hypothesis import strategies as st

from shared.travel.pauses import pause_after


def test_pauses_double_up_to_the_longest() -> None:
    assert [pause_after(failures, longest=1.0) for failures in range(6)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


@given(st.integers(0, 10**9))
def test_an_outage_of_any_length_is_borne(failures: int) -> None:
    assert 0 < pause_after(failures, longest=5.0) <= 5.0
