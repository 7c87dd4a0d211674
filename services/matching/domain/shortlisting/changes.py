"""The compiled pass of one change: which lists it touches; and the counts of those whom each need cannot have."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.matching.domain.shortlisting.kernel import (
    BLOCK,
    BLOCKS_PER_CELL,
    Asked,
    Blocks,
    Lists,
    Rule,
    squared_chord,
    worth,
)
from services.matching.domain.shortlisting.lots import lot


@njit(cache=True, nogil=True)
def touched(
    blocks: Blocks, asked: Asked, rule: Rule, lists: Lists, position: int, before: NDArray[np.void]
) -> NDArray[np.int64]:
    """The needs whose lists may change when somebody who was `before` (one record) is now as `position` says.

    Somebody who is on no list and leads no group takes nothing away by changing; and who cannot enter, adds nothing.
    """
    found = np.empty(len(asked.needs), np.int64)
    count = 0
    number = blocks.people[position].number
    for need in range(len(asked.needs)):
        was_near = squared_chord(before[0], asked.needs[need]) <= before[0].reach
        if (was_near and _is_listed(lists, need, number)) or _enters(blocks, asked, rule, lists, need, position):
            found[count] = need
            count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def count_possible(
    blocks: Blocks, asked: Asked, rule: Rule, near: NDArray[np.int64], possible: NDArray[np.int64]
) -> None:
    """Count for each need how many can reach it, and how many of them nothing stands in the way of."""
    for number in range(len(asked.needs)):
        need = asked.needs[number]
        if not need.placed:
            continue
        for cell in range(len(blocks.cell_circles)):
            if squared_chord(blocks.cell_circles[cell], need) > blocks.cell_circles[cell].reach:
                continue
            first = cell * BLOCKS_PER_CELL * BLOCK
            for position in range(first, first + BLOCKS_PER_CELL * BLOCK):
                person = blocks.people[position]
                if squared_chord(person, need) > person.reach:
                    continue
                near[number] += 1
                possible[number] += need.open and worth(blocks, asked, rule, number, position)[1] >= 0


@njit(cache=True, nogil=True)
def _is_listed(lists: Lists, need: int, number: int) -> bool:
    if lists.leaders[need] == number:
        return True
    for place in range(lists.counts[need]):  # noqa: SIM110 # the compiler knows no generators
        if lists.people[need, place] == number:
            return True
    return False


@njit(cache=True, nogil=True)
def _enters(blocks: Blocks, asked: Asked, rule: Rule, lists: Lists, need: int, position: int) -> bool:
    """Whether the one at `position` belongs on the list, or before the last group of near-ties."""
    if not (asked.needs[need].open and asked.needs[need].placed):
        return False
    _, rank = worth(blocks, asked, rule, need, position)
    if rank < 0 or rank < lists.lowest[need]:
        return False
    if rank > lists.highest[need] or (rank == lists.highest[need] and rule.near_tie > 0):
        return True  # they may lead the group, and so say how far it goes
    person = blocks.people[position]
    if person.shortlisted != lists.last_shortlisted[need]:
        return bool(person.shortlisted < lists.last_shortlisted[need])
    return bool(lot(rule.run, asked.needs[need].key, person.key) <= lists.last_lots[need])
