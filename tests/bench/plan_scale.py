"""Seconds for one large plan: 5,000 participants by 400 needs, two pairs in three feasible."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import numpy as np

from services.matching.domain.planning import PlanProblem, plan


def run() -> list[dict[str, object]]:
    """Plan with invented utilities around 0.6, four meetings a participant at most, seats for nine in ten of them."""
    problem = _dense(5_000, 400)
    plan(_dense(50, 10))  # compiles what is compiled
    runs = []
    for _ in range(3):
        started = perf_counter()
        result = plan(problem)
        runs.append(perf_counter() - started)
        if result.status != "optimal":
            raise RuntimeError("the plan was not proven optimal")
    return [
        {
            "name": "plan-5000x400-seconds",
            "value": median(runs),
            "unit": "s",
            "peer": None,
            "goal": 3,
            "better": "lower",
            "runs": runs,
        }
    ]


def _dense(people: int, needs: int) -> PlanProblem:
    chance = np.random.default_rng(2026)
    utility = chance.beta(4, 3, (people, needs))
    utility[chance.random(utility.shape) > 0.63] = np.nan
    return PlanProblem(
        participants=range(people),
        needs=range(needs),
        utility=utility,
        seats=[int(people * 4 * 0.9 / needs)] * needs,
        maximum=4,
    )
