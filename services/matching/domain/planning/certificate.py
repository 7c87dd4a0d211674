"""A proof of optimality of its own, independent of the solver.

Weak duality: for any node potentials, no flow costs less than this one by more than the sum, over residual arcs, of
capacity times the negative part of the reduced cost. Shortest distances in the residual network (Bellman, 1958; Ford,
1956) are potentials that make every reduced cost ≥ 0 when no residual cycle is negative, so the sum is nought.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.planning.network import Network


def possible_gain(network: Network, flow: NDArray[np.int64]) -> int:
    """Return how much less, at most, another flow could cost than ``flow``: 0 proves that ``flow`` is optimal."""
    forward, backward = flow < network.capacities, flow > 0
    tails = np.concatenate([network.tails[forward], network.heads[backward]])
    heads = np.concatenate([network.heads[forward], network.tails[backward]])
    costs = np.concatenate([network.costs[forward], -network.costs[backward]])
    room = np.concatenate([(network.capacities - flow)[forward], flow[backward]])
    distances = _shortest_distances(tails, heads, costs, network.nodes)
    reduced = costs + distances[tails] - distances[heads]
    gaining = np.flatnonzero(reduced < 0)
    return sum(-gain * units for gain, units in zip(reduced[gaining].tolist(), room[gaining].tolist(), strict=True))


def _shortest_distances(
    tails: NDArray[np.int64], heads: NDArray[np.int64], costs: NDArray[np.int64], nodes: int
) -> NDArray[np.int64]:
    """Distances from a root joined to every node at cost nought, or what they are after ``nodes`` rounds."""
    order = np.argsort(heads, kind="stable")
    tails, heads, costs = tails[order], heads[order], costs[order]
    reached = heads[np.flatnonzero(np.diff(heads, prepend=-1))]
    starts = np.searchsorted(heads, reached)
    distances = np.zeros(nodes, dtype=np.int64)
    for _ in range(nodes if len(reached) else 0):
        nearer = np.minimum(distances[reached], np.minimum.reduceat(distances[tails] + costs, starts))
        if (nearer == distances[reached]).all():
            break
        distances[reached] = nearer
    return distances
