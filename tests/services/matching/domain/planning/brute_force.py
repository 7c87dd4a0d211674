"""Every plan of a small problem, tried one by one: the independent judge of ``plan``."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import combinations

import numpy as np

from services.matching.domain.pair_key import PairKey
from services.matching.domain.planning import PlanProblem

Rank = tuple[tuple[int, ...], tuple[int, ...], int, float]


def utilities(problem: PlanProblem) -> dict[PairKey, float]:
    """The feasible pairs of a problem with a dense utility."""
    assert isinstance(problem.utility, np.ndarray)
    return {
        (participant, need): float(problem.utility[i, j])
        for i, participant in enumerate(problem.participants)
        for j, need in enumerate(problem.needs)
        if not np.isnan(problem.utility[i, j])
    }


def every_plan(problem: PlanProblem) -> Iterator[frozenset[PairKey]]:
    """All sets of pairs that respect demands, seats and maxima."""
    demanded = problem.kept | problem.pins
    free = sorted(set(utilities(problem)) - problem.forbids - demanded, key=str)
    for size in range(len(free) + 1):
        for chosen in combinations(free, size):
            if fits(problem, meetings := demanded | frozenset(chosen)):
                yield meetings


def fits(problem: PlanProblem, meetings: frozenset[PairKey]) -> bool:
    """Whether no need exceeds its seats and no participant their maximum."""
    maxima = np.broadcast_to(problem.maximum, len(problem.participants))
    return all(
        sum(need == other for _, other in meetings) <= seats
        for need, seats in zip(problem.needs, problem.seats, strict=True)
    ) and all(
        sum(participant == other for other, _ in meetings) <= most
        for participant, most in zip(problem.participants, maxima, strict=True)
    )


def rank(problem: PlanProblem, meetings: frozenset[PairKey]) -> Rank:
    """Sorted counts of worthwhile meetings and of all, needs met, and total utility with stability.

    Greater is better, in this order.
    """
    utility = utilities(problem)
    worthwhile: dict[Hashable, int] = dict.fromkeys(problem.participants, 0)
    of_any_kind = worthwhile.copy()
    for pair in meetings:
        worthwhile[pair[0]] += utility[pair] >= problem.worthwhile
        of_any_kind[pair[0]] += 1
    total = sum(utility[pair] for pair in meetings) + problem.stability * len(meetings & problem.current)
    return (
        tuple(sorted(worthwhile.values())),
        tuple(sorted(of_any_kind.values())),
        len({need for _, need in meetings}),
        round(total, 6),
    )
