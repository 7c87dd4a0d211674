"""What near ties cost those who are listed, and what they spread: in simulated pools whose truth is known.

For invented needs, lists are made with four ideas of how near is near, and nobody was listed before. Of each are told
the mean true share of what was asked, of the first and of all who are listed, and the share of the pool that is listed
anywhere. There are neither wishes nor constraints: only what was seen decides, and lots.
"""

from __future__ import annotations

import numpy as np

from services.matching.domain.scoring import NEAR_TIE
from services.matching.domain.shortlisting import Needs, Participants, ShortlistPolicy, shortlist
from tests.bench.seen_and_true import Floats, needs, pool, shares

NEARNESS = (0.0, 0.25, 0.5, 1.0)
POOLS = ((1, 8, 5, 60), (8, 40, 5, 10), (66, 100, 20, 2))
"""Groups of 15 people, needs, people on a list, and replications."""


def run() -> list[dict[str, object]]:
    """What the first and all who are listed lose by the near ties of the default, against none, and who is listed."""
    return [result for groups, *how in POOLS for result in _measured(groups, *how)]


def _measured(groups: int, asked: int, listed: int, replications: int) -> list[dict[str, object]]:
    by_seed = np.array([_replicate(seed, groups, asked, listed) for seed in range(replications)])
    first, all_listed, reached = by_seed.mean(axis=0).T
    name = f"near-ties-{groups * 15}"
    default = NEARNESS.index(NEAR_TIE)
    return [
        _result(f"{name}-first-loses", first, first[0] - first[default], 0.02, "lower"),
        _result(f"{name}-listed-lose", all_listed, all_listed[0] - all_listed[default], 0.01, "lower"),
        _result(f"{name}-ever-listed", reached, reached[default], None, "higher"),
    ]


def _result(name: str, values: Floats, value: float, goal: float | None, better: str) -> dict[str, object]:
    told = ", ".join(f"{found:.3f} at {near}" for near, found in zip(NEARNESS, values, strict=True))
    return {
        "name": name,
        "value": float(value),
        "unit": "",
        "peer": told,
        "goal": goal,
        "better": better,
        "runs": values.tolist(),
    }


def _replicate(seed: int, groups: int, asked: int, listed: int) -> Floats:
    """By nearness: the true share of the first, that of all who are listed, and the share of the pool listed."""
    random = np.random.default_rng(seed)
    people, wanted = pool(random, groups), needs(random, asked)
    participants = Participants.build(people.found.astype(np.float32), 50.4, 2.8, 30)
    openings = Needs.build(wanted, np.full(asked, 50.4), np.full(asked, 2.8))
    true = shares(people.true, wanted)
    found = []
    for near in NEARNESS:
        policy = ShortlistPolicy(size=listed, reserve=0, near_tie=near)
        places = shortlist(participants, openings, run=seed, policy=policy).people
        reached = np.take_along_axis(true, places.T, axis=0)
        found.append((reached[0].mean(), reached.mean(), len(np.unique(places)) / len(true)))
    return np.array(found)
