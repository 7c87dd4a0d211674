"""The plan against HiGHS on the same network: 20,000 participants by 4,000 needs.

The instance is invented, and stated openly: sixty towns of Pareto-distributed size; each participant can reach their
hundred nearest needs and half of these fall away for hours and licences, which leaves a million pairs; utilities come
from sixteen correlated skills, asked five at a time, and from wishes; seats for nine in ten of four meetings each.
HiGHS solves the same linear programme (its vertices are whole) with its interior point method and crossover on all
cores, the fastest of its methods here; its clock starts when the model is in its memory. It runs in a process of its
own, since OR-tools carries another HiGHS.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from scipy.spatial import cKDTree

from services.matching.domain.planning import PlanProblem, SparseUtility, network, plan
from services.matching.domain.planning.problem import canonical
from services.matching.domain.profiling import exceedance
from services.matching.domain.scoring import HIGHEST_LEVEL, steps

_SAME = 1e-9
"""Relative difference of the two optima that floating-point sums explain."""


def run() -> list[dict[str, object]]:
    """Plan three times, let HiGHS solve once, and compare the optima."""
    problem = region(20_000, 4_000, reach=100)
    plan(region(200, 40, reach=10))  # compiles what is compiled
    runs = []
    for _ in range(3):
        started = perf_counter()
        result = plan(problem)
        runs.append(perf_counter() - started)
    peer_seconds, peer_optimum = _highs(problem)
    reached = _network_total(problem, result.pairs)
    if result.status != "optimal" or abs(reached - peer_optimum) > _SAME * abs(peer_optimum):
        raise RuntimeError(f"not the same optimum: {reached} here, {peer_optimum} by HiGHS")
    return [
        {
            "name": "plan-vs-highs",
            "value": peer_seconds / median(runs),
            "unit": "×",
            "peer": f"HiGHS interior point, {peer_seconds:.1f} s",
            "goal": 50,
            "better": "higher",
            "runs": [peer_seconds / seconds for seconds in runs],
        }
    ]


def region(people: int, needs: int, *, reach: int) -> PlanProblem:
    """An invented region; half of the ``reach`` nearest needs of each participant are feasible."""
    chance = np.random.default_rng(2026)
    towns, size = chance.random((60, 2)), chance.pareto(1.2, 60) + 0.2
    homes, places = (
        towns[chance.choice(60, count, p=size / size.sum())] + chance.normal(0, 0.02, (count, 2))
        for count in (people, needs)
    )
    rows, columns = np.repeat(np.arange(people), reach), cKDTree(places).query(homes, k=reach)[1].ravel()
    kept = chance.random(len(rows)) < 0.5
    rows, columns = rows[kept], columns[kept]
    levels = chance.normal(2.2, 0.8, (people, 16)) + chance.normal(0, 0.5, (people, 1))
    asked, weights = chance.integers(1, 5, (needs, 16)), np.zeros((needs, 16))
    for need in range(needs):
        weights[need, chance.choice(16, 5, replace=False)] = chance.dirichlet(np.full(5, 2.0))
    reaching = exceedance(levels, np.full(levels.shape, 0.6))
    in_steps = np.zeros((needs, 16, HIGHEST_LEVEL))
    for need, skill in zip(*np.nonzero(weights), strict=True):
        for step in steps(int(asked[need, skill])):
            in_steps[need, skill, step.level - 1] = weights[need, skill] * step.share
    score = sum((in_steps[columns, skill] * reaching[rows, skill]).sum(axis=1) for skill in range(16))
    liking = chance.choice([1.0, 0.75, 0.5], len(rows), p=[0.15, 0.25, 0.6])
    return PlanProblem(
        participants=range(people),
        needs=range(needs),
        utility=SparseUtility(rows, columns, score**0.8 * liking**0.2),
        seats=np.maximum(1, chance.poisson(people * 4 * 0.9 / needs, needs)),
        maximum=4,
    )


def _network(problem: PlanProblem) -> network.Network:
    ordered = canonical(problem)
    demanded = network.demanded_meetings(problem, ordered)
    return network.build(problem, ordered, demanded, network.weights(problem, ordered, demanded))


def _network_total(problem: PlanProblem, pairs: frozenset[tuple[object, object]]) -> float:
    """What the plan costs in the network: pairs, floors and first candidates."""
    ordered, whole = canonical(problem), _network(problem)
    codes = ordered.pair_codes[whole.pairs]
    chosen = np.isin(codes, ordered.codes(pairs))
    rows, columns = ordered.rows[whole.pairs[chosen]], ordered.columns[whole.pairs[chosen]]
    good = ordered.values[whole.pairs[chosen]] >= problem.worthwhile
    most, floors = int(ordered.maximum.max()), 0
    for counted, bonus in ((rows, network.any_kind_bonus), (rows[good], network.worthwhile_bonus)):
        counts = np.bincount(counted)
        floors += sum(int(bonus(np.arange(1, most + 1), most)[:count].sum()) for count in counts)
    total = int(whole.worth[: len(codes)][chosen].sum()) + whole.candidate * (floors + len(np.unique(columns)))
    return -float(total)


def _highs(problem: PlanProblem) -> tuple[float, float]:
    whole = _network(problem)
    scale = float(whole.worth.max())
    with TemporaryDirectory() as folder:
        model = Path(folder) / "network.npz"
        np.savez(
            model,
            tails=whole.tails,
            heads=whole.heads,
            capacities=whole.capacities.astype(np.float64),
            costs=whole.costs / scale,
            nodes=whole.nodes,
            supply=whole.supply,
        )
        solver = Path(__file__).with_name("highs_network.py")
        told = subprocess.run([sys.executable, solver, model], check=True, capture_output=True, text=True)
    answer = json.loads(told.stdout.splitlines()[-1])
    return answer["seconds"], answer["optimum"] * scale
