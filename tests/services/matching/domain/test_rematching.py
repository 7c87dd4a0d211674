"""A rematch changes as little as it can, says why, and a refusal is filled without disturbing others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.matching.domain.planning import ImpossiblePlan, Pair, PlanProblem, plan
from services.matching.domain.rematching import Cause, Changes, Difference, difference, fill_from_reserve
from services.matching.domain.timetabling import Placement, TimetableProblem, timetable
from tests.services.matching.domain.planning.strategies import problems
from tests.services.matching.domain.timetabling.checking import broken_rules

A_X, A_Y, B_X, B_Y, C_X = ("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"), ("c", "x")


def pairs(*chosen: Pair) -> dict[Pair, Placement | None]:
    """A plan without a timetable."""
    return dict.fromkeys(chosen)


def causes(found: Difference) -> dict[Pair, tuple[Cause, Pair | None]]:
    """Each changed pair with its cause."""
    return {change.pair: (change.cause, change.because) for change in (*found.added, *found.removed, *found.moved)}


def test_nothing_changed_gives_an_empty_difference() -> None:
    found = difference(pairs(A_X, B_Y), pairs(B_Y, A_X), Changes())
    assert found.empty
    assert set(found.kept) == {A_X, B_Y}


def test_a_refusal_and_the_one_who_comes_instead() -> None:
    found = difference(pairs(A_X, A_Y), pairs(B_X, A_Y), Changes(refusals=frozenset({A_X})))
    assert causes(found) == {A_X: (Cause.REFUSAL, None), B_X: (Cause.FOLLOWS, A_X)}
    assert found.kept == (A_Y,)


def test_a_chain_of_changes_leads_back_to_its_first_cause() -> None:
    found = difference(pairs(A_X, B_Y), pairs(B_X, ("c", "y")), Changes(withdrawals=frozenset({"a"})))
    assert causes(found) == {
        A_X: (Cause.WITHDRAWAL, None),
        B_X: (Cause.FOLLOWS, A_X),
        B_Y: (Cause.FOLLOWS, B_X),
        ("c", "y"): (Cause.FOLLOWS, B_Y),
    }


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        (Changes(forbids=frozenset({A_X})), Cause.FORBID),
        (Changes(refusals=frozenset({A_X})), Cause.REFUSAL),
        (Changes(withdrawals=frozenset({"a"})), Cause.WITHDRAWAL),
        (Changes(closed_needs=frozenset({"x"})), Cause.CLOSED_NEED),
        (Changes(changed_needs=frozenset({"x"})), Cause.CHANGED_NEED),
        (Changes(capacity=frozenset({"x"})), Cause.CAPACITY),
        (Changes(capacity=frozenset({"a"})), Cause.CAPACITY),
        (Changes(changed_participants=frozenset({"a"})), Cause.CHANGED_PARTICIPANT),
        (Changes(observations=frozenset({"a"})), Cause.OBSERVATIONS),
        (Changes(policy=True), Cause.POLICY),
        (Changes(pins=frozenset({A_X}), arrivals=frozenset({"a"})), Cause.UNEXPLAINED),
    ],
)
def test_each_cause_of_a_removal(changes: Changes, cause: Cause) -> None:
    assert causes(difference(pairs(A_X), pairs(), changes)) == {A_X: (cause, None)}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        (Changes(pins=frozenset({A_X}), observations=frozenset({"a"})), Cause.PIN),
        (Changes(arrivals=frozenset({"a"})), Cause.ARRIVAL),
        (Changes(changed_needs=frozenset({"x"})), Cause.CHANGED_NEED),
        (Changes(observations=frozenset({"a"})), Cause.OBSERVATIONS),
        (Changes(forbids=frozenset({A_X}), refusals=frozenset({A_X})), Cause.UNEXPLAINED),
    ],
)
def test_each_cause_of_an_addition(changes: Changes, cause: Cause) -> None:
    assert causes(difference(pairs(), pairs(A_X), changes)) == {A_X: (cause, None)}


def test_a_moved_meeting_follows_from_the_one_that_takes_its_place() -> None:
    before: dict[Pair, Placement | None] = {A_X: Placement(0, "t")}
    after: dict[Pair, Placement | None] = {A_X: Placement(1, "t"), B_Y: Placement(0, "t")}
    found = difference(before, after, Changes(pins=frozenset({B_Y})))
    assert causes(found) == {B_Y: (Cause.PIN, None), A_X: (Cause.FOLLOWS, B_Y)}
    assert (found.moved[0].before, found.moved[0].after) == (Placement(0, "t"), Placement(1, "t"))


@given(problems(demands=False), st.data())
@settings(max_examples=120, deadline=None)
def test_every_change_of_a_real_rematch_has_a_cause(problem: PlanProblem, data: st.DataObject) -> None:
    """Plan, then forbid or pin something or observe somebody anew, plan again: no change is left unexplained."""
    first = plan(replace(problem, current=frozenset()))
    everybody, every_need = st.sampled_from(problem.participants), st.sampled_from(problem.needs)
    some = st.frozensets(st.tuples(everybody, every_need), max_size=1)
    pins, forbids = data.draw(some), data.draw(some)
    observed = data.draw(st.frozensets(everybody, max_size=1))
    assert isinstance(problem.utility, np.ndarray)
    utility = problem.utility.copy()
    utility[[problem.participants.index(one) for one in observed]] *= 0.5
    try:
        again = plan(replace(problem, current=first.pairs, pins=pins, forbids=forbids, utility=utility))
    except ImpossiblePlan:
        assume(False)
        raise
    changes = Changes(pins=pins, forbids=forbids, observations=observed)
    found = difference(pairs(*first.pairs), pairs(*again.pairs), changes)
    assert Cause.UNEXPLAINED not in {cause for cause, _ in causes(found).values()}


MEETUP = TimetableProblem(meetings=[A_X, A_Y, B_X, B_Y], slots=4, effort=1.0)
ALL_MAY = {"c": 3, "d": 3, "b": 3}


def test_the_first_of_the_reserve_takes_the_very_place_that_was_freed() -> None:
    current = timetable(MEETUP)
    filling = fill_from_reserve(current, MEETUP, refused=A_X, reserve=["c", "d"], maximum=ALL_MAY)
    assert (filling.pair, filling.moved) == (C_X, ())
    assert filling.timetable.placements[C_X] == current.placements[A_X]
    others = {pair: place for pair, place in current.placements.items() if pair != A_X}
    assert {pair: filling.timetable.placements[pair] for pair in others} == others


def test_who_cannot_come_in_the_freed_slot_comes_in_another_free_one() -> None:
    current = timetable(MEETUP)
    late = replace(MEETUP, windows={"c": (3, 3)})
    filling = fill_from_reserve(current, late, refused=A_X, reserve=["c"], maximum=ALL_MAY)
    assert (filling.pair, filling.moved) == (C_X, ())
    assert filling.timetable.placements[C_X].slot == 3
    assert broken_rules(replace(late, meetings=[A_Y, B_X, B_Y, C_X]), filling.timetable) == []


def test_the_reserve_is_passed_over_where_somebody_cannot_or_may_not_come() -> None:
    """b is at this need already, c has no meeting left, e never had room, d is ruled out since: nobody comes."""
    current = timetable(MEETUP)
    filling = fill_from_reserve(
        current,
        MEETUP,
        refused=A_X,
        reserve=["a", "b", "c", "e", "d"],
        maximum={"a": 3, "b": 3, "c": 0, "d": 1},
        impossible=frozenset({("d", "x")}),
    )
    assert (filling.pair, filling.moved) == (None, ())
    assert set(filling.timetable.placements) == {A_Y, B_X, B_Y}


def test_others_move_only_when_nobody_fits_otherwise_and_then_as_few_as_possible() -> None:
    """Only slot 1 is possible for the one in reserve, where the need sees b: b moves, the others stay."""
    problem = TimetableProblem(meetings=[A_X, B_X, B_Y], slots=3, windows={"c": (1, 1)}, effort=1.0)
    current = timetable(
        replace(
            problem,
            announced={A_X: Placement(0, ("x", 1)), B_X: Placement(1, ("x", 1)), B_Y: Placement(2, ("y", 1))},
        )
    )
    filling = fill_from_reserve(current, problem, refused=A_X, reserve=["c"], maximum={"c": 1})
    assert (filling.pair, filling.moved) == (C_X, (B_X,))
    assert filling.timetable.placements[B_Y] == current.placements[B_Y]


def test_somebody_later_in_the_reserve_comes_before_anybody_has_to_move() -> None:
    problem = TimetableProblem(meetings=[A_X, B_X], slots=2, windows={"c": (1, 1)}, effort=1.0)
    current = timetable(
        replace(problem, announced={A_X: Placement(0, ("x", 1)), B_X: Placement(1, ("x", 1))}),
    )
    filling = fill_from_reserve(current, problem, refused=A_X, reserve=["c", "d"], maximum={"c": 1, "d": 1})
    assert (filling.pair, filling.moved) == (("d", "x"), ())


def test_a_refusal_of_somebody_who_does_not_meet_is_an_error() -> None:
    with pytest.raises(ValueError, match="refused: "):
        fill_from_reserve(timetable(MEETUP), MEETUP, refused=C_X, reserve=["d"], maximum={})
