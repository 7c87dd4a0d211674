"""Everybody free in all slots: bipartite edge colouring, exactly Δ slots.

Each interviewer of a need becomes a node with an even share of its meetings, so that the largest degree Δ is the larger
of any participant's meetings and any need's meetings divided by its interviewers, rounded up: no timetable can use
fewer slots. König (1916): the edges of a bipartite graph take exactly Δ colours. Meetings are coloured one by one; when
the two have no free slot in common, slots are exchanged along the alternating path from the interviewer, which in a
bipartite graph never ends at the participant. Time O(meetings × nodes) at worst, far less as a rule. So several
interviewers a need stay polynomial as long as everybody is free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.timetabling.problem import Layout, TimetableProblem, sits_at_own_tables

_Node = tuple[str, Hashable]


def is_free(problem: TimetableProblem, plain: Layout) -> bool:
    """Whether every meeting may be in every open slot and each interviewer sits at a table of their own."""
    everywhere = tuple(range(len(plain.open_slots)))
    return (
        not problem.announced
        and all(length == 1 for length in plain.lengths)
        and all(starts == everywhere for starts in plain.starts)
        and sits_at_own_tables(plain)
    )


def colour(plain: Layout) -> tuple[list[int], list[Hashable], int]:
    """Return each meeting's slot (0 … Δ − 1), each meeting's table, and Δ."""
    tables = _tables_in_turn(plain)
    edges: list[tuple[_Node, _Node]] = [
        (("participant", participant), ("table", table))
        for (participant, _), table in zip(plain.meetings, tables, strict=True)
    ]
    colours = _edge_colouring(edges)
    slots = 1 + max(colours, default=-1)
    order = _shorter_waits(edges, colours, slots)
    return [order[one] for one in colours], tables, slots


def _tables_in_turn(plain: Layout) -> list[Hashable]:
    chosen: list[Hashable] = [None] * len(plain.meetings)
    for need, positions in plain.of_needs().items():
        for turn, position in enumerate(positions):
            chosen[position] = plain.tables[position][turn % plain.interviewers[need]]
    return chosen


def _edge_colouring(edges: list[tuple[_Node, _Node]]) -> list[int]:
    """Colour the edges of a bipartite graph with as many colours as its largest degree."""
    at: dict[_Node, dict[int, int]] = {node: {} for edge in edges for node in edge}
    largest_degree = max(Counter(node for edge in edges for node in edge).values(), default=0)
    colours = [0] * len(edges)
    for edge, (left, right) in enumerate(edges):
        colour = _first_free(at[left] | at[right])
        if colour >= largest_degree:
            colour = _first_free(at[left])
            _exchange(edges, at, colours, right, colour, _first_free(at[right]))
        colours[edge] = colour
        at[left][colour] = at[right][colour] = edge
    return colours


def _first_free(taken: dict[int, int]) -> int:
    return next(colour for colour in range(len(taken) + 1) if colour not in taken)


def _exchange(
    edges: list[tuple[_Node, _Node]],
    at: dict[_Node, dict[int, int]],
    colours: list[int],
    node: _Node,
    wanted: int,
    given: int,
) -> None:
    """Exchange two colours along the path from ``node`` that begins with ``wanted``, to free ``wanted`` there."""
    path = []
    colour = wanted
    while colour in at[node]:
        edge = at[node][colour]
        path.append(edge)
        left, right = edges[edge]
        node = right if node == left else left
        colour = given if colour == wanted else wanted
    for edge in path:
        for end in edges[edge]:
            if at[end].get(colours[edge]) == edge:
                del at[end][colours[edge]]
    for edge in path:
        colours[edge] = given if colours[edge] == wanted else wanted
        for end in edges[edge]:
            at[end][colours[edge]] = edge


def _shorter_waits(edges: list[tuple[_Node, _Node]], colours: list[int], slots: int) -> list[int]:
    """Any order of the colours is as good in slots: exchange two of them as long as that shortens the waiting."""
    nodes = {node: index for index, node in enumerate(dict.fromkeys(node for edge in edges for node in edge))}
    busy = np.zeros((len(nodes), slots), dtype=bool)
    for edge, taken in zip(edges, colours, strict=True):
        for node in edge:
            busy[nodes[node], taken] = True
    columns = np.arange(slots)
    shortest, improved = _span(busy, columns), True
    while improved:
        improved = False
        for first in range(slots):
            for second in range(first + 1, slots):
                exchanged = columns.copy()
                exchanged[[first, second]] = columns[[second, first]]
                if (span := _span(busy, exchanged)) < shortest:
                    columns, shortest, improved = exchanged, span, True
    order = np.empty_like(columns)
    order[columns] = np.arange(slots)
    return [int(place) for place in order]


def _span(busy: NDArray[np.bool_], columns: NDArray[np.int64]) -> int:
    """Slots from each node's first to its last meeting, summed."""
    ordered = busy[:, columns]
    return int((ordered.shape[1] - ordered[:, ::-1].argmax(axis=1) - ordered.argmax(axis=1)).sum()) if busy.size else 0
