"""A rematch changes as little as it can, says why, and a refusal is filled without disturbing others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.matching.domain.pair_key import PairKey
from services.matching.domain.pairing import Cause
from services.matching.domain.plan_difference import Changes, PlanDifference, difference
from services.matching.domain.planning import ImpossiblePlan, PlanProblem, plan
from services.matching.domain.timetabling import Placement
from tests.services.matching.domain.planning.strategies import problems

A_X, A_Y, B_X, B_Y, C_X = ("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"), ("c", "x")


def pairs(*chosen: PairKey) -> dict[PairKey, Placement | None]:
    """A plan without a timetable."""
    return dict.fromkeys(chosen)


def causes(found: PlanDifference) -> dict[PairKey, tuple[Cause, PairKey | None]]:
    """Each changed pair with its cause."""
    return {change.pair: (change.cause, change.because) for change in (*found.added, *found.removed, *found.moved)}


def test_nothing_changed_gives_an_empty_difference() -> None:
    found = difference(pairs(A_X, B_Y), pairs(B_Y, A_X), Changes())
    assert found.empty
    assert set(found.kept) == {A_X, B_Y}


def test_a_refusal_and_the_one_who_comes_instead() -> None:
    found = difference(pairs(A_X, A_Y), pairs(B_X, A_Y), Changes(refusals=frozenset({A_X})))
    assert causes(found) == {A_X: ("refusal", None), B_X: ("follows", A_X)}
    assert found.kept == (A_Y,)


def test_a_chain_of_changes_leads_back_to_its_first_cause() -> None:
    found = difference(pairs(A_X, B_Y), pairs(B_X, ("c", "y")), Changes(withdrawals=frozenset({"a"})))
    assert causes(found) == {
        A_X: ("withdrawal", None),
        B_X: ("follows", A_X),
        B_Y: ("follows", B_X),
        ("c", "y"): ("follows", B_Y),
    }


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        (Changes(forbids=frozenset({A_X})), "forbid"),
        (Changes(refusals=frozenset({A_X})), "refusal"),
        (Changes(withdrawals=frozenset({"a"})), "withdrawal"),
        (Changes(closed_needs=frozenset({"x"})), "closed-need"),
        (Changes(changed_needs=frozenset({"x"})), "changed-need"),
        (Changes(capacity=frozenset({"x"})), "capacity"),
        (Changes(capacity=frozenset({"a"})), "capacity"),
        (Changes(changed_participants=frozenset({"a"})), "changed-participant"),
        (Changes(observations=frozenset({"a"})), "observations"),
        (Changes(policy=True), "policy"),
        (Changes(pins=frozenset({A_X}), arrivals=frozenset({"a"})), "unexplained"),
    ],
)
def test_each_cause_of_a_removal(changes: Changes, cause: Cause) -> None:
    assert causes(difference(pairs(A_X), pairs(), changes)) == {A_X: (cause, None)}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        (Changes(pins=frozenset({A_X}), observations=frozenset({"a"})), "pin"),
        (Changes(arrivals=frozenset({"a"})), "arrival"),
        (Changes(changed_needs=frozenset({"x"})), "changed-need"),
        (Changes(observations=frozenset({"a"})), "observations"),
        (Changes(forbids=frozenset({A_X}), refusals=frozenset({A_X})), "unexplained"),
    ],
)
def test_each_cause_of_an_addition(changes: Changes, cause: Cause) -> None:
    assert causes(difference(pairs(), pairs(A_X), changes)) == {A_X: (cause, None)}


def test_a_moved_meeting_follows_from_the_one_that_takes_its_place() -> None:
    before: dict[PairKey, Placement | None] = {A_X: Placement(0, "t")}
    after: dict[PairKey, Placement | None] = {A_X: Placement(1, "t"), B_Y: Placement(0, "t")}
    found = difference(before, after, Changes(pins=frozenset({B_Y})))
    assert causes(found) == {B_Y: ("pin", None), A_X: ("follows", B_Y)}
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
    assert "unexplained" not in {cause for cause, _ in causes(found).values()}
