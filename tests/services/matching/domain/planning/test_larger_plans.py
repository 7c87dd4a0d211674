"""Larger plans against other ways to the same truth: HiGHS, alternating paths, and a spoilt flow."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from services.matching.domain.pair_key import PairKey
from services.matching.domain.planning import Plan, PlanProblem, SparseUtility, plan
from services.matching.domain.planning import network as flows
from services.matching.domain.planning.certificate import possible_gain
from services.matching.domain.planning.planner import _cheapest_flow
from services.matching.domain.planning.problem import canonical


def large(people: int, needs: int, seed: int, *, worthwhile: float = 0.5, levels: int | None = None) -> PlanProblem:
    """A random meetup with scarce seats; ``levels`` makes utilities coarse, so that ties abound."""
    chance = np.random.default_rng(seed)
    utility = chance.beta(3, 3, (people, needs))
    if levels:
        utility = np.round(utility * levels) / levels
    utility[chance.random(utility.shape) < 0.6] = np.nan
    return PlanProblem(
        participants=[f"p{i}" for i in range(people)],
        needs=[f"n{j}" for j in range(needs)],
        utility=utility,
        seats=chance.integers(1, 2 + 4 * people // needs, needs),
        maximum=chance.integers(1, 5, people),
        worthwhile=worthwhile,
        seed=str(seed),
    )


def feasible(problem: PlanProblem) -> SparseUtility:
    """The feasible pairs of a dense problem."""
    assert isinstance(problem.utility, np.ndarray)
    rows, columns = np.nonzero(~np.isnan(problem.utility))
    return SparseUtility(rows, columns, problem.utility[rows, columns])


def highs(gains: NDArray[np.floating], rows: object, limits: NDArray[np.float64]) -> float:
    """The greatest total gain of fractions of the columns within the rows' limits, by HiGHS."""
    found = linprog(-gains, A_ub=rows, b_ub=limits, bounds=(0, 1), method="highs")  # type: ignore[call-overload] # the stubs know no sparse matrices
    assert found.success
    return float(-found.fun)


def incidence(lines: NDArray[np.integer], columns: NDArray[np.integer], shape: tuple[int, int]) -> csr_array:
    """A matrix of ones at the given places."""
    return csr_array((np.ones(len(lines)), (lines, columns)), shape)


def highs_optimum(problem: PlanProblem) -> float:
    """The greatest total utility by HiGHS, with neither floor nor first candidates."""
    pairs = feasible(problem)
    meetings, people = np.arange(len(pairs.values)), len(problem.participants)
    of_people = incidence(pairs.rows, meetings, (people, len(meetings)))
    of_needs = incidence(pairs.columns, meetings, (len(problem.needs), len(meetings)))
    maxima = np.broadcast_to(problem.maximum, people)
    return highs(pairs.values, vstack([of_people, of_needs]), np.concatenate([maxima, problem.seats]))


@pytest.mark.parametrize("seed", range(3))
def test_without_a_floor_the_total_is_that_of_highs(seed: int) -> None:
    """A threshold that nobody reaches leaves total utility; every need has candidates in either optimum."""
    problem = large(150, 20, seed, worthwhile=2.0)
    result = plan(problem)
    assert result.unmet_needs == ()
    assert result.utility == pytest.approx(highs_optimum(problem), abs=1e-4)


def floor_weighted_optimum(problem: PlanProblem) -> float:
    """By HiGHS: the greatest sum, over participants, of 1 + 1/2 + … + 1/c for c worthwhile meetings each."""
    pairs = feasible(problem)
    good = np.flatnonzero(pairs.values >= problem.worthwhile)
    people = len(problem.participants)
    maxima = np.broadcast_to(problem.maximum, people)
    steps = [(person, step) for person in range(people) for step in range(1, maxima[person] + 1)]
    owners, gains = np.array([person for person, _ in steps]), np.array([1 / step for _, step in steps])
    meetings, units = np.arange(len(good)), len(good) + np.arange(len(steps))
    width = len(good) + len(steps)
    counted = incidence(owners, units, (people, width)) - incidence(pairs.rows[good], meetings, (people, width))
    seated = incidence(pairs.columns[good], meetings, (len(problem.needs), width))
    limits = np.concatenate([np.zeros(people), problem.seats])
    return highs(np.concatenate([np.zeros(len(good)), gains]), vstack([counted, seated]), limits)


@pytest.mark.parametrize("seed", range(3))
def test_the_floor_is_optimal_for_another_strictly_concave_sum(seed: int) -> None:
    """By Frank and Murota, decreasingly minimal counts maximise every such sum, not only the one that was used."""
    problem = large(120, 12, seed, levels=20)
    counts = plan(problem).counts.values()
    reached = sum(1 / step for count in counts for step in range(1, count + 1))
    assert reached == pytest.approx(floor_weighted_optimum(problem), abs=1e-6)


def poorer_neighbours(problem: PlanProblem, result: Plan) -> list[tuple[Hashable, Hashable]]:
    """Pairs of participants where the first could pass a worthwhile meeting along to the second, who has two fewer.

    An alternating path from somebody with room: each takes the seat of another, who takes the next one's.
    """
    pairs = feasible(problem)
    could: dict[Hashable, list[Hashable]] = defaultdict(list)
    for row, column, value in zip(pairs.rows, pairs.columns, pairs.values, strict=True):
        if value >= problem.worthwhile:
            could[problem.participants[row]].append(problem.needs[column])
    holding: dict[Hashable, list[Hashable]] = defaultdict(list)
    has: set[PairKey] = {meeting.pair for meeting in result.meetings if meeting.worthwhile}
    for participant, need in has:
        holding[need].append(participant)
    maxima = dict(zip(problem.participants, np.broadcast_to(problem.maximum, len(problem.participants)), strict=True))
    found = []
    for poor in problem.participants:
        if result.counts[poor] == maxima[poor]:
            continue
        seen, waiting = {poor}, deque([poor])
        while waiting:
            taker = waiting.popleft()
            for need in could[taker]:
                for holder in holding[need] if (taker, need) not in has else ():
                    if holder not in seen:
                        seen.add(holder)
                        waiting.append(holder)
        found += [(rich, poor) for rich in seen if result.counts[rich] >= result.counts[poor] + 2]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_nobody_can_pass_a_meeting_along_to_somebody_with_two_fewer(seed: int) -> None:
    problem = large(200, 15, seed, levels=10)
    assert poorer_neighbours(problem, plan(problem)) == []


def test_the_check_of_alternating_paths_sees_an_unfair_plan() -> None:
    problem = replace(large(200, 15, 0, levels=10), worthwhile=2.0)
    unfair = plan(problem)
    counted = replace(
        unfair,
        meetings=tuple(meeting._replace(worthwhile=meeting.utility >= 0.5) for meeting in unfair.meetings),
    )
    counts = dict.fromkeys(problem.participants, 0)
    for meeting in counted.meetings:
        counts[str(meeting.participant)] += meeting.worthwhile
    assert poorer_neighbours(replace(problem, worthwhile=0.5), replace(counted, counts=counts))


def test_a_spoilt_flow_is_not_called_optimal() -> None:
    """The certificate sees what one exchanged meeting costs, at most."""
    problem = large(60, 8, 1)
    ordered = canonical(problem)
    demanded = flows.demanded_meetings(problem, ordered)
    network = flows.build(problem, ordered, demanded, flows.weights(problem, ordered, demanded))
    best = _cheapest_flow(network)
    assert possible_gain(network, best) == 0
    worse = _cheapest_flow(replace(network, worth=np.where(best > 0, network.worth // 2, network.worth)))
    lost = int((network.costs * (worse - best)).sum())
    assert lost > 0
    assert possible_gain(network, worse) >= lost


@pytest.mark.parametrize(("people", "needs"), [(3, 2), (5_000, 400), (20_000, 4_000), (200_000, 10_000)])
def test_costs_fit_sixty_four_bits_with_a_fine_resolution(people: int, needs: int) -> None:
    problem = PlanProblem(
        participants=range(people),
        needs=range(needs),
        utility=SparseUtility(np.array([0, 0]), np.array([0, 1]), np.array([1.0, 1.0])),
        seats=[people] * needs,
        maximum=4,
    )
    ordered = canonical(problem)
    chosen = flows.weights(problem, ordered, flows.demanded_meetings(problem, ordered))
    largest = 2 * 2 * chosen.candidate
    assert largest * (2 * people + needs + 3) < 2**61
    assert chosen.resolution >= 2**10


def test_a_maximum_beyond_all_needs_costs_nothing() -> None:
    problem = large(30, 5, 2)
    bounded, unbounded = replace(problem, maximum=5), replace(problem, maximum=10**12)
    assert plan(unbounded) == plan(bounded)
