"""Larger plans against other ways to the same truth: HiGHS, alternating paths, and a spoilt flow."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Mapping
from dataclasses import replace
from typing import NamedTuple

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


def incidence(lines: NDArray[np.integer], columns: NDArray[np.integer], shape: tuple[int, int]) -> csr_array:
    """A matrix of ones at the given places."""
    return csr_array((np.ones(len(lines)), (lines, columns)), shape)


class Reached(NamedTuple):
    """What a plan reaches of each priority; the floors as the sum over people of 1 + 1/2 + … + 1/c for c meetings.

    By Frank and Murota, decreasingly minimal counts maximise every strictly concave sum, not only the one used.
    """

    worthwhile: float
    of_any_kind: float
    needs_met: float
    utility: float


def highs_reaches(problem: PlanProblem) -> Reached:
    """By HiGHS: the most of each priority, one after the other, with all that was reached before held.

    Columns: pairs, steps of worthwhile meetings, steps of meetings of any kind, and needs met.
    """
    pairs, people, needs = feasible(problem), len(problem.participants), len(problem.needs)
    maxima = np.broadcast_to(problem.maximum, people)
    steps = np.array([(person, step) for person in range(people) for step in range(1, maxima[person] + 1)])
    good, every = np.flatnonzero(pairs.values >= problem.worthwhile), np.arange(len(pairs.values))
    worthwhile = len(every) + np.arange(len(steps))
    of_any_kind = worthwhile + len(steps)
    met = len(every) + 2 * len(steps) + np.arange(needs)
    of_people, of_needs = (people, met[-1] + 1), (needs, met[-1] + 1)
    lines = vstack(
        [
            incidence(steps[:, 0], worthwhile, of_people) - incidence(pairs.rows[good], good, of_people),
            incidence(steps[:, 0], of_any_kind, of_people) - incidence(pairs.rows, every, of_people),
            incidence(np.arange(needs), met, of_needs) - incidence(pairs.columns, every, of_needs),
            incidence(pairs.rows, every, of_people),
            incidence(pairs.columns, every, of_needs),
        ]
    )
    limits = np.concatenate([np.zeros(2 * people + needs), maxima, problem.seats])
    gains = np.zeros((4, met[-1] + 1))
    gains[0, worthwhile], gains[1, of_any_kind], gains[2, met], gains[3, every] = (
        *2 * (1 / steps[:, 1],),
        1.0,
        pairs.values,
    )
    reached: list[float] = []
    for gain in gains:
        found = linprog(-gain, A_ub=lines, b_ub=limits, bounds=(0, 1), method="highs")
        assert found.success
        assert found.fun is not None
        reached.append(-float(found.fun))
        lines, limits = vstack([lines, csr_array(-gain[None])]), np.append(limits, _SLACK - reached[-1])
    return Reached(*reached)


_SLACK = 1e-7


def reaches(result: Plan) -> Reached:
    """The same of a plan."""
    return Reached(
        worthwhile=_floor(result.counts),
        of_any_kind=_floor(result.counts_of_any_kind),
        needs_met=len({meeting.need for meeting in result.meetings}),
        utility=result.utility,
    )


def _floor(counts: Mapping[Hashable, int]) -> float:
    return sum(1 / step for count in counts.values() for step in range(1, count + 1))


@pytest.mark.parametrize("worthwhile", [0.0, 0.5, 0.7, 2.0])
@pytest.mark.parametrize("seed", range(2))
def test_each_priority_reaches_what_highs_reaches(seed: int, worthwhile: float) -> None:
    """From a threshold that everybody reaches to one that nobody does."""
    problem = large(120, 12, seed, worthwhile=worthwhile, levels=20)
    assert tuple(reaches(plan(problem))) == pytest.approx(tuple(highs_reaches(problem)), abs=1e-4)


def poorer_neighbours(
    problem: PlanProblem, meetings: Collection[PairKey], *, worthwhile: bool
) -> list[tuple[Hashable, Hashable]]:
    """Pairs of participants where the first could pass a meeting along to the second, who has two fewer.

    An alternating path from somebody with room: each takes the seat of another, who takes the next one's; all of these
    meetings are worthwhile, or none of them is. Counted are worthwhile meetings, or those of any kind.
    """
    pairs = feasible(problem)
    could: dict[Hashable, list[Hashable]] = defaultdict(list)
    for row, column, value in zip(pairs.rows, pairs.columns, pairs.values, strict=True):
        if (value >= problem.worthwhile) == worthwhile:
            could[problem.participants[row]].append(problem.needs[column])
    has = {(participant, need) for participant, need in meetings if need in could[participant]}
    counts = Counter(participant for participant, _ in (has if worthwhile else meetings))
    holding: dict[Hashable, list[Hashable]] = defaultdict(list)
    for participant, need in has:
        holding[need].append(participant)
    maxima = dict(zip(problem.participants, np.broadcast_to(problem.maximum, len(problem.participants)), strict=True))
    found = []
    for poor in problem.participants:
        if counts[poor] == maxima[poor]:
            continue
        seen, waiting = {poor}, deque([poor])
        while waiting:
            taker = waiting.popleft()
            for need in could[taker]:
                for holder in holding[need] if (taker, need) not in has else ():
                    if holder not in seen:
                        seen.add(holder)
                        waiting.append(holder)
        found += [(rich, poor) for rich in seen if counts[rich] >= counts[poor] + 2]
    return found


@pytest.mark.parametrize("worthwhile", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_nobody_can_pass_a_meeting_along_to_somebody_with_two_fewer(seed: int, worthwhile: bool) -> None:
    problem = large(200, 15, seed, levels=10)
    assert poorer_neighbours(problem, plan(problem).pairs, worthwhile=worthwhile) == []


def test_the_check_of_alternating_paths_sees_an_unfair_plan() -> None:
    """Fair of any kind where nothing is worthwhile is not fair of what is; nor the other way."""
    problem = large(200, 15, 0, levels=10)
    assert poorer_neighbours(problem, plan(replace(problem, worthwhile=2.0)).pairs, worthwhile=True)
    greedy = replace(problem, participants=["a", "b"], needs=["x", "y"], utility=np.full((2, 2), 0.3), maximum=2)
    assert poorer_neighbours(greedy, {("a", "x"), ("a", "y")}, worthwhile=False) == [("a", "b")]


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


@pytest.mark.parametrize(("people", "needs"), [(3, 2), (5_000, 400), (20_000, 4_000), (200_000, 5_000)])
def test_costs_fit_sixty_four_bits_with_a_fine_resolution(people: int, needs: int) -> None:
    """Somebody can have four meetings, worthwhile or not."""
    could = min(needs, 4)
    problem = PlanProblem(
        participants=range(people),
        needs=range(needs),
        utility=SparseUtility(np.repeat([0, 1], could), np.tile(np.arange(could), 2), np.repeat([1.0, 0.1], could)),
        seats=[people] * needs,
        maximum=4,
    )
    ordered = canonical(problem)
    demanded = flows.demanded_meetings(problem, ordered)
    chosen = flows.weights(problem, ordered, demanded)
    network = flows.build(problem, ordered, demanded, chosen)
    assert int(-network.costs.min()) * (2 * people + needs + 3) < 2**61
    assert chosen.resolution >= 2**10


def test_a_maximum_beyond_all_needs_costs_nothing() -> None:
    problem = large(30, 5, 2)
    bounded, unbounded = replace(problem, maximum=5), replace(problem, maximum=10**12)
    assert plan(unbounded) == plan(bounded)
