"""Everybody free: exactly as many slots as König's theorem says."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.domain.timetabling import (
    ImpossibleTimetable,
    TimetableConflict,
    TimetableConflictKind,
    TimetableProblem,
    timetable,
)
from services.matching.domain.timetabling.free import colour
from services.matching.domain.timetabling.problem import layout
from tests.services.matching.domain.timetabling.checking import broken_rules, largest_degree, waiting

MEETINGS = st.lists(
    st.tuples(st.sampled_from([f"p{i}" for i in range(9)]), st.sampled_from([f"n{j}" for j in range(5)])),
    unique=True,
    max_size=30,
)
INTERVIEWERS = st.dictionaries(st.sampled_from([f"n{j}" for j in range(5)]), st.integers(1, 3))


@given(MEETINGS, INTERVIEWERS)
@settings(max_examples=150, deadline=None)
def test_the_colouring_takes_as_many_slots_as_the_largest_degree(
    meetings: list[tuple[str, str]], interviewers: dict[str, int]
) -> None:
    problem = TimetableProblem(meetings=meetings, slots=9, interviewers=interviewers)
    plain = layout(problem)
    slots, tables, used = colour(plain)
    assert used == largest_degree(problem) == len(set(slots))
    seated = [(slot, table) for slot, table in zip(slots, tables, strict=True)]
    assert len(set(seated)) == len(seated)
    there = [(pair[0], slot) for pair, slot in zip(plain.meetings, slots, strict=True)]
    assert len(set(there)) == len(there)


@given(MEETINGS, INTERVIEWERS)
@settings(max_examples=40, deadline=None)
def test_the_timetable_keeps_every_rule_and_proves_its_slots(
    meetings: list[tuple[str, str]], interviewers: dict[str, int]
) -> None:
    problem = TimetableProblem(meetings=meetings, slots=9, interviewers=interviewers, effort=0.2)
    result = timetable(problem)
    assert broken_rules(problem, result) == []
    assert result.slots_used == result.bound == largest_degree(problem)
    assert result.status == "optimal"


@given(MEETINGS, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_meetings_decides_nothing(meetings: list[tuple[str, str]], chance: Random) -> None:
    problem = TimetableProblem(meetings=meetings, slots=9, effort=0.2)
    shuffled = list(meetings)
    chance.shuffle(shuffled)
    assert timetable(replace(problem, meetings=shuffled)) == timetable(problem)


def test_two_thousand_meetings_take_no_slot_too_many() -> None:
    chance = np.random.default_rng(7)
    codes = chance.choice(1000 * 100, 2000, replace=False)
    meetings = [(f"p{code // 100}", f"n{code % 100}") for code in codes.tolist()]
    problem = TimetableProblem(meetings=meetings, slots=60)
    result = timetable(problem)
    assert broken_rules(problem, result) == []
    assert result.slots_used == largest_degree(problem)
    assert result.idle.value == waiting(problem, {pair: place.slot for pair, place in result.placements.items()})


def test_the_search_shortens_the_waiting_of_a_usual_meetup() -> None:
    """Fifteen people and eight needs, sixty meetings: what the colouring leaves of waiting can go."""
    codes = np.random.default_rng(0).choice(15 * 8, 60, replace=False)
    problem = TimetableProblem(meetings=[(f"p{code // 8}", f"n{code % 8}") for code in codes.tolist()], slots=12)
    plain = layout(problem)
    coloured = dict(zip(plain.meetings, colour(plain)[0], strict=True))
    result = timetable(problem)
    waited = waiting(problem, {pair: place.slot for pair, place in result.placements.items()})
    assert result.idle.value == waited < waiting(problem, coloured)
    assert result.slots_used == largest_degree(problem)


def test_breaks_are_skipped_and_do_not_count() -> None:
    problem = TimetableProblem(
        meetings=[("a", "x"), ("a", "y"), ("b", "x")], slots=4, breaks=frozenset({0, 2}), effort=0.2
    )
    result = timetable(problem)
    assert {meeting.slot for meeting in result.meetings} == {1, 3}
    assert (result.slots_used, result.idle.value) == (2, 0)


def test_no_meetings_no_slots() -> None:
    result = timetable(TimetableProblem(meetings=[], slots=3))
    assert (result.meetings, result.slots_used, result.status) == ((), 0, "optimal")


def test_who_has_more_meetings_than_slots_is_named() -> None:
    meetings = [("a", need) for need in "wxyz"]
    with pytest.raises(ImpossibleTimetable, match="Participant a needs 4 slots and can use 3") as refusal:
        timetable(TimetableProblem(meetings=meetings, slots=3))
    (conflict,) = refusal.value.conflicts
    assert conflict == TimetableConflict(
        TimetableConflictKind.PARTICIPANT_OVERFULL, conflict.meetings, taken=4, available=3
    )
    assert set(conflict.meetings) == set(meetings)


def test_a_need_with_more_meetings_than_its_interviewers_can_hold_is_named() -> None:
    meetings = [(participant, "x") for participant in "abcde"]
    with pytest.raises(ImpossibleTimetable, match="Need x needs 5 slots and can use 4"):
        timetable(TimetableProblem(meetings=meetings, slots=2, interviewers={"x": 2}))


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"slots": -1}, "slots"),
        ({"meetings": [("a", "x"), ("a", "x")]}, "meetings"),
        ({"lengths": {("a", "x"): 0}}, "lengths"),
        ({"interviewers": {"x": 0}}, "interviewers"),
    ],
)
def test_malformed_input_names_the_argument(wrong: dict[str, object], argument: str) -> None:
    good = TimetableProblem(meetings=[("a", "x")], slots=2)
    with pytest.raises(ValueError, match=f"^{argument}: "):
        replace(good, **wrong)  # type: ignore[arg-type] # wrong on purpose
