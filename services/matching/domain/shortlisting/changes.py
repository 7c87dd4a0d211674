"""The compiled passes beside the ranking: one change, and the lists it touches."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled
from services.matching.domain.shortlisting.arrays import (
    BLOCK,
    BLOCKS_PER_CELL,
    CELL,
    Asked,
    Blocks,
    Lists,
    RankingRule,
)
from services.matching.domain.shortlisting.kernel import fill
from services.matching.domain.shortlisting.light import light_bits, light_half, light_reach
from services.matching.domain.shortlisting.lots import lot
from services.matching.domain.shortlisting.pairs import rank_of, squared_chord

SLACK = 1e-9
"""Less than a centimetre, as an angle: more than rounding takes away from a bound in float64."""


@compiled
def renew(
    blocks: Blocks, asked: Asked, rule: RankingRule, lists: Lists, position: int, before: NDArray[np.void]
) -> NDArray[np.int64]:
    """Fill anew, and give, the lists that may change when somebody who was `before` (one record) is as at `position`.

    Somebody who is on no list and leads no group takes nothing away by changing; and who cannot enter, adds nothing.
    """
    found = np.empty(len(asked.needs), np.int64)
    count = 0
    needs, person, old = asked.needs, blocks.people[position], before[0]
    for need in range(len(needs)):
        was_near = squared_chord(old, needs[need]) <= old.reach
        is_near = squared_chord(person, needs[need]) <= person.reach
        if (was_near and _is_listed(lists, need, person.number)) or (
            is_near and _enters(blocks, asked, rule, lists, need, position)
        ):
            found[count] = need
            count += 1
    fill(blocks, asked, rule, found[:count], lists)
    return found[:count]


@compiled
def settle(
    blocks: Blocks,
    position: int,
    person: NDArray[np.void],
    angle: float,
    exceedance: NDArray[np.float32],
    light_shares: NDArray[np.uint8],
    held: NDArray[np.uint64],
    available_from: int,
) -> None:
    """Let somebody (one record) stand at `position`, and widen the bounds of the block and the cell to hold them."""
    block, lane = position // BLOCK, position % BLOCK
    one = person[0]
    blocks.people[position] = one
    blocks.circles[block, 0, lane] = one.x
    blocks.circles[block, 1, lane] = one.y
    blocks.circles[block, 2, lane] = one.z
    blocks.circles[block, 3, lane] = light_reach(angle)
    blocks.available_from[block, lane] = available_from
    blocks.light_held[block, lane] = light_bits(held)
    blocks.light_hints[block, lane] = light_half(one.hints)
    for word in range(len(held)):
        blocks.held[position, word] = held[word]
    for feature in range(len(exceedance)):
        blocks.exceedance[position, feature] = exceedance[feature]
        blocks.light_shares[position // CELL, feature, position % CELL] = light_shares[feature]
        peaks = blocks.peaks[position // CELL, feature]
        peaks[block % BLOCKS_PER_CELL] = max(peaks[block % BLOCKS_PER_CELL], light_shares[feature])
    _widen(blocks.block_circles[block], one, angle, available_from, light_bits(held))
    _widen(blocks.cell_circles[block // BLOCKS_PER_CELL], one, angle, available_from, light_bits(held))


@compiled
def _widen(circle: Any, person: Any, angle: float, available_from: int, light_held: np.uint32) -> None:
    if angle >= 0:
        away = 2 * math.asin(min(math.sqrt(squared_chord(circle, person)) / 2, 1.0)) + angle + SLACK
        circle.reach = max(circle.reach, 4 * math.sin(away / 2) ** 2 if away < math.pi else np.inf)
    circle.available_from = min(circle.available_from, available_from)
    circle.light_held |= light_held


@compiled
def _is_listed(lists: Lists, need: int, number: int) -> bool:
    if lists.leaders[need] == number:
        return True
    for place in range(lists.counts[need]):  # noqa: SIM110 # the compiler knows no generators
        if lists.people[need, place] == number:
            return True
    return False


@compiled
def _enters(blocks: Blocks, asked: Asked, rule: RankingRule, lists: Lists, need: int, position: int) -> bool:
    """Whether the one at `position` belongs on the list, or before the last group of near-ties."""
    rank = rank_of(blocks, asked, rule, need, position)
    if rank < 0 or rank < lists.lowest[need]:
        return False
    if rank > lists.highest[need] or (rank == lists.highest[need] and rule.near_tie > 0):
        return True  # they may lead the group, and so say how far it goes
    person = blocks.people[position]
    if person.shortlisted != lists.last_shortlisted[need]:
        return bool(person.shortlisted < lists.last_shortlisted[need])
    return bool(lot(rule.run, asked.needs[need].key, person.key) <= lists.last_lots[need])
