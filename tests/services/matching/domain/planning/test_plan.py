"""What a plan promises, judged by trying every plan of small problems."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.matching.domain.pair_key import PairKey
from services.matching.domain.planning import ImpossiblePlan, Plan, PlanProblem, SparseUtility, plan
from tests.services.matching.domain.planning.brute_force import every_plan, fits, rank, utilities
from tests.services.matching.domain.planning.strategies import problems


def planned(problem: PlanProblem) -> Plan:
    """The plan of a problem whose demands do not contradict each other; others are passed over."""
    try:
        return plan(problem)
    except ImpossiblePlan:
        assume(False)
        raise


@given(problems())
@settings(max_examples=200, deadline=None)
def test_no_plan_is_better_in_the_order_of_the_priorities(problem: PlanProblem) -> None:
    result = planned(problem)
    best = max(rank(problem, meetings) for meetings in every_plan(problem))
    assert rank(problem, result.pairs) == best
    assert result.status == "optimal"
    assert result.objective == result.bound == pytest.approx(best[3], abs=1e-6)


@given(problems())
@settings(max_examples=100, deadline=None)
def test_demands_stay_and_forbidden_or_infeasible_pairs_never_appear(problem: PlanProblem) -> None:
    result = planned(problem)
    assert problem.kept | problem.pins <= result.pairs
    assert not result.pairs & problem.forbids
    assert result.pairs <= set(utilities(problem))
    assert fits(problem, result.pairs)


@given(problems())
@settings(max_examples=100, deadline=None)
def test_demands_are_refused_exactly_when_no_plan_can_hold_them(problem: PlanProblem) -> None:
    demanded = problem.kept | problem.pins
    possible = demanded <= set(utilities(problem)) - problem.forbids and fits(problem, demanded)
    if possible:
        assert demanded <= plan(problem).pairs
    else:
        with pytest.raises(ImpossiblePlan) as refusal:
            plan(problem)
        assert refusal.value.conflicts
        assert all(pair in demanded for conflict in refusal.value.conflicts for pair in conflict.pairs)


@given(problems())
@settings(max_examples=150, deadline=None)
def test_planning_again_with_nothing_changed_changes_nothing(problem: PlanProblem) -> None:
    first = planned(problem)
    again = plan(replace(problem, current=first.pairs))
    assert again.pairs == first.pairs


@given(problems(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_input_decides_nothing(problem: PlanProblem, chance: Random) -> None:
    people, needs = list(range(len(problem.participants))), list(range(len(problem.needs)))
    chance.shuffle(people)
    chance.shuffle(needs)
    assert isinstance(problem.utility, np.ndarray)
    shuffled = replace(
        problem,
        participants=[problem.participants[i] for i in people],
        needs=[problem.needs[j] for j in needs],
        utility=problem.utility[np.ix_(people, needs)],
        seats=[problem.seats[j] for j in needs],
        maximum=np.broadcast_to(problem.maximum, len(people))[people],
    )
    assert planned(shuffled) == plan(problem)


@given(problems(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_names_decide_neither_how_many_meetings_people_have_nor_the_total(problem: PlanProblem, chance: Random) -> None:
    names = list(problem.participants)
    chance.shuffle(names)
    named = dict(zip(problem.participants, names, strict=True))

    def renamed(pairs: frozenset[PairKey]) -> frozenset[PairKey]:
        return frozenset((named[participant], need) for participant, need in pairs)

    result = planned(problem)
    again = plan(
        replace(
            problem,
            participants=names,
            kept=renamed(problem.kept),
            pins=renamed(problem.pins),
            forbids=renamed(problem.forbids),
            current=renamed(problem.current),
        )
    )
    for counts, others in (
        (result.counts, again.counts),
        (result.counts_of_any_kind, again.counts_of_any_kind),
    ):
        assert sorted(counts.values()) == sorted(others.values())
    assert len(result.unmet_needs) == len(again.unmet_needs)
    assert again.objective == pytest.approx(result.objective, abs=1e-6)


@given(problems())
@settings(max_examples=100, deadline=None)
def test_sparse_and_dense_utilities_give_the_same_plan(problem: PlanProblem) -> None:
    assert isinstance(problem.utility, np.ndarray)
    rows, columns = np.nonzero(~np.isnan(problem.utility))
    sparse = SparseUtility(rows[::-1], columns[::-1], problem.utility[rows, columns][::-1])
    assert planned(replace(problem, utility=sparse)) == plan(problem)


def test_nobody_has_one_while_somebody_could_give_them_theirs() -> None:
    """Without the fair floor the best total would give both seats to the first two participants."""
    utility = np.array([[0.9, 0.9], [0.9, 0.9], [0.5, np.nan]])
    problem = PlanProblem(
        participants=["a", "b", "c"], needs=["x", "y"], utility=utility, seats=[1, 2], maximum=2, worthwhile=0.5
    )
    result = plan(problem)
    assert result.counts == {"a": 1, "b": 1, "c": 1}
    assert ("c", "x") in result.pairs


def test_below_the_threshold_nobody_has_two_while_somebody_who_could_take_one_has_none() -> None:
    """The best total would give both seats to the first participant."""
    problem = PlanProblem(
        participants=["a", "b"],
        needs=["x", "y"],
        utility=np.array([[0.34, 0.34], [0.33, 0.33]]),
        seats=[1, 1],
        maximum=4,
        worthwhile=0.35,
    )
    result = plan(problem)
    assert result.counts == {"a": 0, "b": 0}
    assert result.counts_of_any_kind == {"a": 1, "b": 1}


def test_a_worthwhile_meeting_comes_before_one_of_somebody_who_has_none() -> None:
    """The floor of worthwhile meetings comes first: what is worthwhile for nobody else stays with whom it is for."""
    problem = PlanProblem(
        participants=["a", "b"],
        needs=["x", "y"],
        utility=np.array([[0.6, 0.6], [0.3, np.nan]]),
        seats=[1, 1],
        maximum=2,
        worthwhile=0.5,
    )
    assert plan(problem).counts_of_any_kind == {"a": 2, "b": 0}


def test_whoever_is_demanded_to_have_one_counts_as_having_one() -> None:
    problem = PlanProblem(
        participants=["a", "b"],
        needs=["x", "y"],
        utility=np.array([[0.3, 0.4], [np.nan, 0.2]]),
        seats=[1, 1],
        maximum=2,
        worthwhile=0.5,
        pins=frozenset({("a", "x")}),
    )
    assert plan(problem).pairs == {("a", "x"), ("b", "y")}


def test_a_meeting_below_the_threshold_may_fill_a_seat_but_is_not_worthwhile() -> None:
    problem = PlanProblem(
        participants=["a", "b"], needs=["x"], utility=np.array([[0.3], [0.8]]), seats=[2], maximum=1, worthwhile=0.5
    )
    result = plan(problem)
    assert result.pairs == {("a", "x"), ("b", "x")}
    assert result.counts == {"a": 0, "b": 1}
    assert result.counts_of_any_kind == {"a": 1, "b": 1}


def test_a_need_gets_a_candidate_before_the_total_counts() -> None:
    utility = np.array([[0.9, 0.1], [0.8, 0.1]])
    problem = PlanProblem(
        participants=["a", "b"], needs=["x", "y"], utility=utility, seats=[2, 1], maximum=1, worthwhile=0.05
    )
    result = plan(problem)
    assert result.unmet_needs == ()
    assert result.objective == pytest.approx(1.0, abs=1e-6)


def test_somebody_who_has_none_gets_even_one_without_utility() -> None:
    problem = PlanProblem(
        participants=["a", "b"], needs=["x"], utility=np.array([[0.6], [0.0]]), seats=[2], maximum=1, worthwhile=0.5
    )
    assert plan(problem).pairs == {("a", "x"), ("b", "x")}


def test_the_current_plan_stays_where_a_change_would_gain_less_than_stability() -> None:
    problem = PlanProblem(
        participants=["a", "b"],
        needs=["x"],
        utility=np.array([[0.70], [0.75]]),
        seats=[1],
        maximum=1,
        current=frozenset({("a", "x")}),
        stability=0.1,
    )
    assert plan(problem).pairs == {("a", "x")}
    assert plan(replace(problem, stability=0.01)).pairs == {("b", "x")}


@pytest.mark.parametrize("present", ["a", "b"])
def test_among_equals_the_current_plan_stays_even_without_stability(present: str) -> None:
    problem = PlanProblem(
        participants=["a", "b"], needs=["x"], utility=np.full((2, 1), 0.6), seats=[1], maximum=1, stability=0.0
    )
    assert plan(replace(problem, current=frozenset({(present, "x")}))).pairs == {(present, "x")}


def test_ties_are_settled_by_the_run_and_not_by_names_or_places() -> None:
    """Over many runs each of four equal participants gets the one seat about as often."""
    wins = dict.fromkeys("abcd", 0)
    for run in range(200):
        problem = PlanProblem(
            participants=list("abcd"), needs=["x"], utility=np.full((4, 1), 0.6), seats=[1], maximum=1, seed=str(run)
        )
        (meeting,) = plan(problem).meetings
        wins[str(meeting.participant)] += 1
    assert min(wins.values()) > 25  # fair: 50 expected; below 26 has a chance under one in 20,000


def test_an_empty_meetup_has_an_empty_plan() -> None:
    result = plan(PlanProblem(participants=[], needs=[], utility=np.empty((0, 0)), seats=[], maximum=3))
    assert (result.meetings, result.status, result.objective) == ((), "optimal", 0.0)


def test_needs_without_feasible_candidates_are_named() -> None:
    problem = PlanProblem(participants=["a"], needs=["x"], utility=np.array([[np.nan]]), seats=[2], maximum=3)
    assert plan(problem).unmet_needs == ("x",)


def test_the_mask_rules_pairs_out() -> None:
    problem = PlanProblem(
        participants=["a"],
        needs=["x", "y"],
        utility=np.array([[0.9, 0.8]]),
        seats=[1, 1],
        maximum=2,
        feasible=np.array([[False, True]]),
    )
    assert plan(problem).pairs == {("a", "y")}


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"participants": ["a", "a"]}, "participants"),
        ({"needs": ["x", "x"]}, "needs"),
        ({"utility": np.array([[0.5, 0.5]])}, "utility"),
        ({"utility": np.array([[-0.5, 0.5], [0.5, 0.5]])}, "utility"),
        ({"utility": np.array([[np.inf, 0.5], [0.5, 0.5]])}, "utility"),
        ({"utility": SparseUtility(np.array([0, 0]), np.array([1, 1]), np.array([0.5, 0.5]))}, "utility"),
        ({"utility": SparseUtility(np.array([2]), np.array([1]), np.array([0.5]))}, "utility"),
        ({"seats": [1]}, "seats"),
        ({"seats": [1, -1]}, "seats"),
        ({"maximum": [1.5, 2.0]}, "maximum"),
        ({"feasible": np.ones((1, 2), dtype=bool)}, "feasible"),
    ],
)
def test_malformed_input_names_the_argument(change: dict[str, object], argument: str) -> None:
    good = PlanProblem(participants=["a", "b"], needs=["x", "y"], utility=np.full((2, 2), 0.5), seats=[1, 1], maximum=1)
    with pytest.raises(ValueError, match=f"^{argument}: "):
        plan(replace(good, **change))  # type: ignore[arg-type] # wrong on purpose
