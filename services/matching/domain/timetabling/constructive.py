"""A first timetable, slot by slot: the search starts from it, and it often needs the fewest slots already.

In each slot the meetings held are a matching of greatest weight, where a meeting weighs the more the fewer slots its
two people have to spare before the end that is aimed at. Aiming at ever later ends, from the bound on, gives the first
end at which everything is placed.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from services.matching.domain.timetabling.assembly import fewest_slots
from services.matching.domain.timetabling.problem import Layout, TimetableProblem

_WEIGHT = 1_000_000

_Node = tuple[str, Hashable]


def first_timetable(problem: TimetableProblem, plain: Layout) -> list[int] | None:
    """Return a start for each meeting that respects people's time (not shared tables), or None when none was found.

    Announced meetings stay where they were told, as far as that is possible.
    """
    told = _told(problem, plain)
    for end in range(fewest_slots(plain), len(plain.open_slots) + 1):
        starts = _Attempt(plain, end, told).starts()
        if starts is not None:
            return starts
    return None


def _told(problem: TimetableProblem, plain: Layout) -> dict[int, int]:
    told = {}
    for one, pair in enumerate(plain.meetings):
        slot = problem.announced[pair].slot if pair in problem.announced else None
        if slot in plain.open_slots and (start := plain.open_slots.index(slot)) in plain.starts[one]:
            told[one] = start
    return told


class _Attempt:
    """The state of one attempt to be done by ``end``."""

    def __init__(self, plain: Layout, end: int, told: dict[int, int]) -> None:
        self.plain, self.end = plain, end
        self.room: dict[_Node, list[int]] = {}
        self.load: dict[_Node, int] = {}
        self.found: dict[int, int] = {}
        for one, nodes in enumerate(self._nodes(one) for one in range(len(plain.meetings))):
            for node in nodes:
                parallel = 1 if node[0] == "participant" else plain.interviewers[node[1]]
                self.room.setdefault(node, [parallel] * end)
                self.load[node] = self.load.get(node, 0) + plain.lengths[one]
        for one, start in told.items():
            if self._fits(one, start):
                self._place(one, start)

    def starts(self) -> list[int] | None:
        for slot in range(self.end):
            for one in self._matching(slot):
                self._place(one, slot)
        count = len(self.plain.meetings)
        return [self.found[one] for one in range(count)] if len(self.found) == count else None

    def _nodes(self, one: int) -> tuple[_Node, _Node]:
        participant, need = self.plain.meetings[one]
        return ("participant", participant), ("need", need)

    def _fits(self, one: int, start: int) -> bool:
        stop = start + self.plain.lengths[one]
        return stop <= self.end and all(min(self.room[node][start:stop]) > 0 for node in self._nodes(one))

    def _place(self, one: int, start: int) -> None:
        self.found[one] = start
        for node in self._nodes(one):
            self.load[node] -= self.plain.lengths[one]
            for slot in range(start, start + self.plain.lengths[one]):
                self.room[node][slot] -= 1

    def _spare(self, node: _Node, slot: int) -> int:
        return max(sum(self.room[node][slot:]) - self.load[node], 0)

    def _matching(self, slot: int) -> list[int]:
        """The heaviest set of meetings that can begin together in this slot."""
        ready = [
            one
            for one, starts in enumerate(self.plain.starts)
            if one not in self.found and slot in starts and self._fits(one, slot)
        ]
        if not ready:
            return []
        ends = dict.fromkeys(node for one in ready for node in self._nodes(one))
        urgency = {node: _WEIGHT // (1 + self._spare(node, slot)) ** 2 for node in ends}
        weights = [1 + sum(urgency[node] for node in self._nodes(one)) for one in ready]
        seats = {node: self.room[node][slot] for node in ends}
        chosen = _heaviest_matching([self._nodes(one) for one in ready], weights, seats)
        return [ready[position] for position in chosen]


def _heaviest_matching(pairs: list[tuple[_Node, _Node]], weights: list[int], seats: dict[_Node, int]) -> list[int]:
    """Positions of the pairs of greatest total weight with at most ``seats`` at each node, by min-cost flow."""
    source, sink, number = 0, 1, {node: index + 2 for index, node in enumerate(seats)}
    tails, heads = ([number[pair[side]] for pair in pairs] for side in (0, 1))
    people, needs = sorted(set(tails)), sorted(set(heads))
    capacity = {number[node]: seat for node, seat in seats.items()}
    supply = sum(capacity[person] for person in people)
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        np.array([*tails, *[source] * len(people), *needs, source]),
        np.array([*heads, *people, *[sink] * len(needs), sink]),
        np.array([*[1] * len(pairs), *(capacity[node] for node in (*people, *needs)), supply]),
        np.array([*(-weight for weight in weights), *[0] * (len(people) + len(needs) + 1)]),
    )
    solver.set_nodes_supplies(np.array([source, sink]), np.array([supply, -supply]))
    if solver.solve() != solver.OPTIMAL:
        raise RuntimeError("the min-cost flow solver gave up on one slot's meetings")
    return [int(position) for position in np.flatnonzero(solver.flows(arcs)[: len(pairs)])]
