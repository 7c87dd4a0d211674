"""The compiled pass of shortlisting: for each need, the best feasible participants, block by block.

Each rule here has its plain twin in the brute force of the tests; the two give the same shortlists to the last bit. So
every number that ranks is computed in float64, in one fixed order of operations; float32 only serves to skip those who
cannot rank, with a margin above its rounding.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled, compiled_into_callers
from services.matching.domain.shortlisting.arrays import BLOCK, BLOCKS_PER_CELL, Asked, Blocks, Lists, RankingRule
from services.matching.domain.shortlisting.lots import lot
from services.matching.domain.shortlisting.pairs import can_meet, exact_score, liking_factor, squared_chord, uncertainty
from services.matching.domain.shortlisting.queues import Queue, admit, new_queue, sort, sort_as_equals

_MARGIN = np.float32(2e-5)
"""More than float32 rounding can add to a sum of products whose weights sum to 1."""

_WAITING = 512
"""So many wait at most to be looked at in full, and a block more."""

_STEPS = 128
"""Steps of rough ranks from 0 to 1."""

_OUT = np.float32(-np.inf)
_NO_FLOOR = np.float32(-1.0)


class Wanted(NamedTuple):
    """Whom to queue: at most so many, of ranks in this range; among equals, as near-ties are, ranks do not decide."""

    most: int
    lowest: float
    highest: float
    are_equals: bool


@compiled
def fill(blocks: Blocks, asked: Asked, rule: RankingRule, needs: NDArray[np.int64], lists: Lists) -> None:
    """Fill the lists of `needs` (their numbers) anew."""
    queue = new_queue(rule.length)
    group = new_queue(rule.length)
    for need in needs:
        size = 0
        if asked.needs[need].open and asked.needs[need].placed:
            size = _collect(blocks, asked, rule, need, Wanted(rule.length, -np.inf, np.inf, False), queue)
            sort(queue, size)
        first, leader, lowest, highest = _order_groups(blocks, asked, rule, need, queue, size)
        full = size == rule.length
        if full and rule.near_tie > 0:
            _collect(blocks, asked, rule, need, Wanted(size - first, lowest, highest, True), group)
            sort(group, size - first)
            queue[first:size] = group[: size - first]
        lists.people[need, :size] = queue["person"][:size]
        lists.people[need, size:] = -1
        lists.ranks[need, :size] = queue["rank"][:size]
        lists.scores[need, :size] = queue["score"][:size]
        lists.ranks[need, size:] = 0.0
        lists.scores[need, size:] = 0.0
        lists.counts[need] = size
        lists.leaders[need] = leader
        lists.lowest[need] = lowest if full else -np.inf
        lists.highest[need] = highest if full else -np.inf
        lists.last_shortlisted[need] = queue[size - 1].shortlisted if full else 0
        lists.last_lots[need] = queue[size - 1].lot if full else 0


@compiled
def _order_groups(
    blocks: Blocks, asked: Asked, rule: RankingRule, need: int, queue: Queue, size: int
) -> tuple[int, int, float, float]:
    """Order each group of near-ties, from the best down; gives the last group's start, leader, and range of ranks.

    A group is its leader and all who are behind by no more than the leader's uncertainty; the first one beyond leads
    the next group.
    """
    first, leader, lowest, highest, end = 0, -1, -np.inf, np.inf, 0
    while end < size:
        first = end
        leader = queue[first].person
        highest = queue[first].rank
        lowest = highest
        if rule.near_tie > 0:
            lowest -= rule.near_tie * uncertainty(blocks, asked, rule, need, blocks.positions[leader])
        while end < size and queue[end].rank >= lowest:
            end += 1
        if rule.near_tie > 0:
            sort_as_equals(queue, first, end)
    return first, leader, lowest, highest


@compiled
def _collect(
    blocks: Blocks,
    asked: Asked,
    rule: RankingRule,
    number: int,
    wanted: Wanted,
    queue: Queue,
) -> int:
    """Queue the first of those who can meet the need, as many as are wanted; gives how many."""
    # Arrays are taken out of their tuples once: each time costs a reference count.
    cell_circles, block_circles = blocks.cell_circles, blocks.block_circles
    circles, available_from = blocks.circles, blocks.available_from
    light_held, light_hints = blocks.light_held, blocks.light_hints
    need = asked.needs[number]
    features = asked.light_features[need.light_first : need.light_end]
    weights = asked.light_weights[need.light_first : need.light_end]
    unknown_liking = np.float32(rule.unknown_liking)
    floor = np.float32(wanted.lowest) - _MARGIN if wanted.are_equals else _NO_FLOOR
    totals, bounds = np.empty(BLOCK, np.float32), np.empty(BLOCKS_PER_CELL, np.float32)
    waiting, rough_ranks = np.empty(_WAITING + BLOCK, np.int32), np.empty(_WAITING + BLOCK, np.float32)
    size, count = 0, 0
    for cell in range(len(cell_circles)):
        if not may_meet(cell_circles[cell], need):
            continue
        shares = blocks.light_shares[cell]
        _bound(blocks.peaks[cell], features, weights, bounds)
        for place in range(BLOCKS_PER_CELL):
            block = cell * BLOCKS_PER_CELL + place
            if not (
                bounds[place] >= floor
                and may_meet(block_circles[block], need)
                and _start(circles, available_from, light_held, block, need, totals)
                and _add_up(shares, light_hints, block, features, weights, need, unknown_liking, floor, totals)
            ):
                continue
            for lane in range(BLOCK):
                waiting[count], rough_ranks[count] = block * BLOCK + lane, totals[lane]
                count += totals[lane] >= floor
            if count >= _WAITING:
                size, floor = _call_in(
                    blocks, asked, rule, number, wanted, waiting[:count], rough_ranks[:count], floor, queue, size
                )
                count = 0
    size, _ = _call_in(blocks, asked, rule, number, wanted, waiting[:count], rough_ranks[:count], floor, queue, size)
    return size


@compiled
def _call_in(
    blocks: Blocks,
    asked: Asked,
    rule: RankingRule,
    number: int,
    wanted: Wanted,
    waiting: NDArray[np.int32],
    rough_ranks: NDArray[np.float32],
    floor: np.float32,
    queue: Queue,
    size: int,
) -> tuple[int, np.float32]:
    """Look in full at those who wait (their positions), and queue who belongs there; gives how many, and the floor.

    The most hopeful come first, so that the floor is high when the others' turn comes, and most of them need none.
    """
    people, held = blocks.people, blocks.held
    exceedance, liking_occupations, liking_factors = blocks.exceedance, blocks.liking_occupations, blocks.liking_factors
    required, forbidden = asked.required, asked.forbidden
    need = asked.needs[number]
    features, weights = asked.features[need.first : need.end], asked.weights[need.first : need.end]
    hopeful = floor if wanted.are_equals else _reached_by(wanted.most, rough_ranks)
    for turn in range(2):
        for place in range(len(waiting)):
            if rough_ranks[place] < floor or (rough_ranks[place] >= hopeful) != (turn == 0):
                continue
            position = waiting[place]
            person = people[position]
            factor = liking_factor(liking_occupations, liking_factors, person, need, rule)
            if factor == 0.0 or not can_meet(person, held, position, need, required, number, forbidden):
                continue
            score = exact_score(exceedance, position, features, weights)
            rank = score * factor
            if rank < wanted.lowest or rank > wanted.highest:
                continue
            _stand_last(queue, size, 0.0 if wanted.are_equals else rank, rank, score, person, need, rule)
            size = admit(queue, size, wanted.most)
            if size == wanted.most and not wanted.are_equals:
                floor = np.float32(queue[0].primary) - _MARGIN
    return size, floor


@compiled
def _reached_by(most: int, rough_ranks: NDArray[np.float32]) -> np.float32:
    """About the rough rank that `most` of these reach: by counting, which is ten times as fast as sorting."""
    counts = np.zeros(_STEPS + 1, np.int64)
    for rank in rough_ranks:
        counts[min(np.uint32(rank * np.float32(_STEPS)), np.uint32(_STEPS))] += 1
    step, reaching = _STEPS, counts[_STEPS]
    while step > 0 and reaching < most:
        step -= 1
        reaching += counts[step]
    return np.float32(step / _STEPS)


@compiled
def _stand_last(
    queue: Queue, place: int, primary: float, rank: float, score: float, person: Any, need: Any, rule: RankingRule
) -> None:
    newcomer = queue[place]
    newcomer.primary = primary
    newcomer.rank = rank
    newcomer.score = score
    newcomer.shortlisted = person.shortlisted
    newcomer.lot = lot(rule.run, need.key, person.key)
    newcomer.person = person.number


@compiled
def may_meet(circle: Any, need: Any) -> bool:
    """False only when nobody of the circle can meet the need."""
    return bool(
        squared_chord(circle, need) <= circle.reach
        and circle.available_from <= need.starts_on
        and need.light_required & ~circle.light_held == 0
    )


@compiled
def _bound(
    peaks: NDArray[np.uint8],
    features: NDArray[np.int32],
    weights: NDArray[np.float32],
    bounds: NDArray[np.float32],
) -> None:
    """Bound the scores of each block of a cell: none is above, but for rounding."""
    bounds[:] = np.float32(0.0)
    for term in range(len(features)):
        weight, highest = weights[term], peaks[features[term]]
        for place in range(BLOCKS_PER_CELL):
            bounds[place] += weight * np.float32(highest[place])


@compiled_into_callers
def _start(
    circles: NDArray[np.float32],
    available_from: NDArray[np.int32],
    held: NDArray[np.uint32],
    block: int,
    need: Any,
    totals: NDArray[np.float32],
) -> bool:
    """Start the totals at 0 for those who may meet the need and at `_OUT` for the others; False if nobody may."""
    x, y, z = np.float32(need.x), np.float32(need.y), np.float32(need.z)
    required, starts_on = need.light_required, need.starts_on
    possible = np.int32(0)
    for lane in range(BLOCK):
        along, across, up = circles[block, 0, lane] - x, circles[block, 1, lane] - y, circles[block, 2, lane] - z
        may = (
            (along * along + across * across + up * up <= circles[block, 3, lane])
            & (required & ~held[block, lane] == 0)
            & (available_from[block, lane] <= starts_on)
        )
        totals[lane] = np.float32(0.0) if may else _OUT
        possible += np.int32(may)
    return bool(possible > 0)


@compiled_into_callers
def _add_up(
    shares: NDArray[np.uint8],
    hints: NDArray[np.uint32],
    block: int,
    asked: NDArray[np.int32],
    weights: NDArray[np.float32],
    need: Any,
    unknown_liking: np.float32,
    floor: np.float32,
    totals: NDArray[np.float32],
) -> bool:
    """Add the block's rough ranks to the totals, likings at their highest; False if nobody's reaches the floor."""
    first, hint = block % BLOCKS_PER_CELL * BLOCK, need.light_hint
    for term in range(len(asked)):
        weight, column = weights[term], shares[asked[term], first : first + BLOCK]
        for lane in range(BLOCK):
            totals[lane] += weight * np.float32(column[lane])
    reaching = np.int32(0)
    for lane in range(BLOCK):
        totals[lane] *= np.float32(1.0) if hints[block, lane] & hint != 0 else unknown_liking
        reaching += np.int32(totals[lane] >= floor)
    return bool(reaching > 0)
