"""A rematch changes as little as it can, says why, and a refusal is filled without disturbing others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.matching.domain.planning import ImpossiblePlan, Pair, PlanProblem, plan
from services.matching.domain.rematching import Cause, Changes, Difference, difference
from services.matching.domain.timetabling import Placement
from tests.services.matching.domain.planning.strategies import problems

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
