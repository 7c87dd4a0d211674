"""The compiled pass of shortlisting: for each need, the best feasible participants, block by block.

Each rule here has its plain twin in the brute force of the tests; the two give the same shortlists to the last bit. So
every number that ranks is computed in float64, in one fixed order of operations; float32 only serves to skip those who
cannot rank, with a margin above its rounding.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled, compiled_into_callers
from services.matching.domain.scoring import HIGHEST_LEVEL
from services.matching.domain.shortlisting.arrays import BLOCK, BLOCKS_PER_CELL, CELL, Asked, Blocks, Lists, RankingRule
from services.matching.domain.shortlisting.light import hint_of
from services.matching.domain.shortlisting.lots import lot
from services.matching.domain.shortlisting.queues import Queue, admit, new_queue, sort, sort_as_equals

_MARGIN = np.float32(2e-5)
"""More than float32 rounding can add to a sum of products whose weights sum to 1."""

_OUT = np.float32(-np.inf)
_NO_FLOOR = np.float32(-1.0)


@compiled
def fill(blocks: Blocks, asked: Asked, rule: RankingRule, needs: NDArray[np.int64], lists: Lists) -> None:
    """Fill the lists of `needs` (their numbers) anew."""
    queue = new_queue(rule.length)
    group = new_queue(rule.length)
    for need in needs:
        size = 0
        if asked.needs[need].open and asked.needs[need].placed:
            size = _collect(blocks, asked, rule, need, -np.inf, np.inf, rule.length, queue)
            sort(queue, size)
        first, leader, lowest, highest = _order_groups(blocks, asked, rule, need, queue, size)
        full = size == rule.length
        if full and rule.near_tie > 0:
            _collect(blocks, asked, rule, need, lowest, highest, size - first, group)
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
        lowest = highest - rule.near_tie * _uncertainty(blocks, asked, rule, need, blocks.positions[leader])
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
    lowest: float,
    highest: float,
    capacity: int,
    queue: Queue,
) -> int:
    """Queue the first `capacity` of those who can meet the need and rank in [lowest, highest]; gives how many.

    A finite range is one group of near-ties, so ranks do not order it.
    """
    # Arrays are taken out of their tuples once: each time costs a reference count.
    people, cell_circles, block_circles = blocks.people, blocks.cell_circles, blocks.block_circles
    circles, available_from = blocks.circles, blocks.available_from
    light_held, light_hints = blocks.light_held, blocks.light_hints
    held, liking_occupations, liking_factors = blocks.held, blocks.liking_occupations, blocks.liking_factors
    required, forbidden = asked.required, asked.forbidden
    need = asked.needs[number]
    features = asked.features[need.first : need.end]
    weights = asked.weights[need.first : need.end]
    light_weights = weights.astype(np.float32)
    unknown_liking = np.float32(rule.unknown_liking)
    as_equals = highest < np.inf
    floor = np.float32(lowest) - _MARGIN if as_equals else _NO_FLOOR
    totals, bounds = np.empty(BLOCK, np.float32), np.empty(BLOCKS_PER_CELL, np.float32)
    size = 0
    for cell in range(len(cell_circles)):
        if not may_meet(cell_circles[cell], need):
            continue
        rows = blocks.features[cell]
        _bound(blocks.peaks[cell], features, light_weights, bounds)
        for place in range(BLOCKS_PER_CELL):
            block = cell * BLOCKS_PER_CELL + place
            if not (
                bounds[place] >= floor
                and may_meet(block_circles[block], need)
                and _start(circles, available_from, light_held, block, need, totals)
                and _add_up(rows, light_hints, block, features, light_weights, need, unknown_liking, floor, totals)
            ):
                continue
            for lane in range(BLOCK):
                if totals[lane] < floor:
                    continue
                position = block * BLOCK + lane
                person = people[position]
                factor = liking_factor(liking_occupations, liking_factors, person, need, rule)
                if factor == 0.0 or not _can_meet(person, held, position, need, required, number, forbidden):
                    continue
                score = exact_score(rows, place * BLOCK + lane, features, weights)
                rank = score * factor
                if rank < lowest or rank > highest:
                    continue
                _stand_last(queue, size, 0.0 if as_equals else rank, rank, score, person, need, rule)
                size = admit(queue, size, capacity)
                if size == capacity and not as_equals:
                    floor = np.float32(queue[0].primary) - _MARGIN
    return size


@compiled
def rank_of(blocks: Blocks, asked: Asked, rule: RankingRule, number: int, position: int) -> float:
    """The rank of one pair, score × factor of the liking; −1 when the pair cannot be."""
    need, person = asked.needs[number], blocks.people[position]
    factor = liking_factor(blocks.liking_occupations, blocks.liking_factors, person, need, rule)
    if (
        factor == 0.0
        or not (need.open and need.placed)
        or blocks.available_from[position // BLOCK, position % BLOCK] > need.starts_on
        or need.light_required & ~blocks.light_held[position // BLOCK, position % BLOCK] != 0
        or not _can_meet(person, blocks.held, position, need, asked.required, number, asked.forbidden)
    ):
        return -1.0
    features, weights = asked.features[need.first : need.end], asked.weights[need.first : need.end]
    return exact_score(blocks.features[position // CELL], position % CELL, features, weights) * factor


@compiled_into_callers
def _can_meet(
    person: Any,
    held: NDArray[np.uint64],
    position: int,
    need: Any,
    required: NDArray[np.uint64],
    number: int,
    forbidden: NDArray[np.int32],
) -> bool:
    """Whether nothing stands between a pair whose days and light bits fit, but perhaps a refused occupation."""
    return bool(
        squared_chord(person, need) <= person.reach
        and (need.light_is_all or _holds_all(held, position, required, number))
        and not (need.forbidden_first < need.forbidden_end and _is_forbidden(forbidden, need, person.number))
    )


@compiled_into_callers
def exact_score(
    rows: NDArray[np.float32], place: int, features: NDArray[np.int32], weights: NDArray[np.float64]
) -> float:
    """Σ w·q in float64, in the order of the requirements, of the one at `place` in a cell whose features are `rows`."""
    score = 0.0
    for term in range(len(features)):
        score += weights[term] * np.float64(rows[features[term], place])
    return score


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
def squared_chord(one: Any, other: Any) -> float:
    """As `commute.squared_chord`, in the same order of operations."""
    x, y, z = one.x - other.x, one.y - other.y, one.z - other.z
    return float((x * x + y * y) + z * z)


@compiled
def _holds_all(held: NDArray[np.uint64], position: int, required: NDArray[np.uint64], number: int) -> bool:
    """Whether the bit set required is part of the one held."""
    for word in range(required.shape[1]):  # noqa: SIM110 # the compiler knows no generators
        if required[number, word] & ~held[position, word] != 0:
            return False
    return True


@compiled
def _bound(
    peaks: NDArray[np.float32],
    features: NDArray[np.int32],
    weights: NDArray[np.float32],
    bounds: NDArray[np.float32],
) -> None:
    """Bound the scores of each block of a cell: none is above, but for rounding."""
    bounds[:] = np.float32(0.0)
    for term in range(len(features)):
        weight, highest = weights[term], peaks[features[term]]
        for place in range(BLOCKS_PER_CELL):
            bounds[place] += weight * highest[place]


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
    rows: NDArray[np.float32],
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
        weight, column = weights[term], rows[asked[term], first : first + BLOCK]
        for lane in range(BLOCK):
            totals[lane] += weight * column[lane]
    reaching = np.int32(0)
    for lane in range(BLOCK):
        totals[lane] *= np.float32(1.0) if hints[block, lane] & hint != 0 else unknown_liking
        reaching += np.int32(totals[lane] >= floor)
    return bool(reaching > 0)


@compiled
def liking_factor(
    occupations: NDArray[np.int32], factors: NDArray[np.float64], person: Any, need: Any, rule: RankingRule
) -> float:
    """v^((1−α)/α) for the liking v of the need's occupation; 0 when refused."""
    if person.hints & hint_of(need.occupation) == 0:
        return rule.unknown_liking
    low, end = person.first_liking, person.first_liking + person.likings
    high = end
    while low < high:
        middle = (low + high) // 2
        if occupations[middle] < need.occupation:
            low = middle + 1
        else:
            high = middle
    if low < end and occupations[low] == need.occupation:
        return float(factors[low])
    return rule.unknown_liking


@compiled
def _is_forbidden(forbidden: NDArray[np.int32], need: Any, number: int) -> bool:
    for place in range(need.forbidden_first, need.forbidden_end):  # noqa: SIM110 # the compiler knows no generators
        if forbidden[place] == number:
            return True
    return False


@compiled
def _uncertainty(blocks: Blocks, asked: Asked, rule: RankingRule, number: int, position: int) -> float:
    """The standard deviation of the share, skills taken as independent, times the liking's factor.

    Who reaches a step of a skill has reached those below it.
    """
    need = asked.needs[number]
    rows, place = blocks.features[position // CELL], position % CELL
    variance = 0.0
    for term in range(need.first, need.end):
        for other in range(need.first, need.end):
            one, another = asked.features[term], asked.features[other]
            if one // HIGHEST_LEVEL != another // HIGHEST_LEVEL:
                continue
            p, q = np.float64(rows[one, place]), np.float64(rows[another, place])
            variance += (asked.weights[term] * asked.weights[other]) * (min(p, q) - p * q)
    person = blocks.people[position]
    factor = liking_factor(blocks.liking_occupations, blocks.liking_factors, person, need, rule)
    return float(np.sqrt(variance) * factor)
