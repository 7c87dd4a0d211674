"""Who is left without a meeting while somebody has two: in simulated groups whose skills go together.

Groups of 15 people, 8 needs of 4 seats, at most 4 meetings a person, the threshold of the default policy. Every pair
can be. Counted are people without any meeting although somebody with two or more holds a seat that they could take: one
that is not worthwhile for its holder, which the plan promises never to happen, or any.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.domain.planning import PlanProblem, plan
from services.matching.domain.scoring import mutual_utility
from services.matching.domain.situation import Policy
from tests.bench.seen_and_true import PEOPLE, needs, pool, shares

GROUPS, NEEDS, SEATS = 200, 8, 4
CORRELATION = 0.5
LIKINGS, LIKED = (1.0, 0.75, 0.5), (0.15, 0.25, 0.6)


class Found(NamedTuple):
    """Of one group: people passed over, for seats that are not worthwhile or for any, and what the plan is worth."""

    passed_over: int
    passed_over_for_any: int
    without: int
    utility: float


def run() -> list[dict[str, object]]:
    """Means over the groups."""
    means = Found(*np.mean([_look(seed) for seed in range(GROUPS)], axis=0).tolist())
    return [
        _result("plan-passed-over", means.passed_over, "people", 0),
        _result("plan-passed-over-for-worthwhile", means.passed_over_for_any, "people", None),
        _result("plan-without-any", means.without, "people", None),
        _result("plan-group-utility", means.utility, "", None),
    ]


def _result(name: str, value: float, unit: str, goal: float | None) -> dict[str, object]:
    peer = f"a group of {PEOPLE}, mean of {GROUPS}"
    return {"name": name, "value": value, "unit": unit, "peer": peer, "goal": goal, "better": "lower", "runs": [value]}


def _look(seed: int) -> Found:
    made = plan(group(seed))
    without = sum(not count for count in made.counts_of_any_kind.values())
    of_those_with_two = [one for one in made.meetings if made.counts_of_any_kind[one.participant] >= 2]
    return Found(
        passed_over=without * any(not meeting.worthwhile for meeting in of_those_with_two),
        passed_over_for_any=without * bool(of_those_with_two),
        without=without,
        utility=made.utility,
    )


def group(seed: int) -> PlanProblem:
    """One group and its needs: what each pair is worth by what was seen and wished."""
    random = np.random.default_rng(seed)
    score = shares(pool(random, 1, CORRELATION).found, needs(random, NEEDS))
    liking = random.choice(LIKINGS, score.shape, p=LIKED)
    utility = np.vectorize(mutual_utility)(score, liking)
    policy = Policy()
    return PlanProblem(
        participants=range(PEOPLE),
        needs=range(NEEDS),
        utility=utility,
        seats=[SEATS] * NEEDS,
        maximum=policy.maximum,
        worthwhile=policy.worthwhile,
        stability=policy.stability,
        seed=str(seed),
    )
