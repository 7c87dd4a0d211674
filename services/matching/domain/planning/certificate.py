"""A proof of optimality of its own, independent of the solver.

Weak duality: for any node potentials, no flow costs less than this one by more than the sum, over residual arcs, of
capacity times the negative part of the reduced cost. Shortest distances in the residual network (Bellman, 1958; Ford,
1956) are potentials that make every reduced cost ≥ 0 when no residual cycle is negative, so the sum is nought.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled
from services.matching.domain.planning.network import Network

LONGEST_PATH = 5_000
"""Rounds after which a negative cycle is supposed: the result is still a bound, only no longer tight."""


def possible_gain(network: Network, flow: NDArray[np.int64], rounds: int = LONGEST_PATH) -> int:
    """Return how much less, at most, another flow could cost than ``flow``: 0 proves that ``flow`` is optimal."""
    forward, backward = flow < network.capacities, flow > 0
    tails = np.concatenate([network.tails[forward], network.heads[backward]])
    heads = np.concatenate([network.heads[forward], network.tails[backward]])
    costs = np.concatenate([network.costs[forward], -network.costs[backward]])
    room = np.concatenate([(network.capacities - flow)[forward], flow[backward]])
    first = np.zeros(network.nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(tails, minlength=network.nodes), out=first[1:])
    order = np.argsort(tails, kind="stable")
    distances = _shortest_distances(first, heads[order], costs[order], rounds)
    reduced = costs + distances[tails] - distances[heads]
    gaining = np.flatnonzero(reduced < 0)
    return sum(-gain * units for gain, units in zip(reduced[gaining].tolist(), room[gaining].tolist(), strict=True))


@compiled
def _shortest_distances(  # type: ignore[no-untyped-def] # pragma: no cover - compiled
    first, heads, costs, rounds
):
    """Distances from a root joined to every node at cost nought, node by node as they change, round by round.

    Arcs are sorted by tail: those of node ``v`` are ``first[v]`` to ``first[v + 1]``.
    """
    nodes = len(first) - 1
    distances = np.zeros(nodes, dtype=np.int64)
    waiting, following = np.arange(nodes), np.empty(nodes, dtype=np.int64)
    queued = np.zeros(nodes, dtype=np.bool_)
    count = nodes
    for _ in range(min(nodes, rounds)):
        added = 0
        for position in range(count):
            node = waiting[position]
            for arc in range(first[node], first[node + 1]):
                head, nearer = heads[arc], distances[node] + costs[arc]
                if nearer < distances[head]:
                    distances[head] = nearer
                    if not queued[head]:
                        queued[head] = True
                        following[added] = head
                        added += 1
        if not added:
            break
        queued[following[:added]] = False
        waiting, following, count = following, waiting, added
    return distances
