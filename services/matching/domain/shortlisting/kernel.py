"""The compiled pass of shortlisting: for each need, the best feasible participants, block by block.

Each rule here has its plain twin in the brute force of the tests; the two give the same shortlists to the last bit. So
every number that ranks is computed in float64, in one fixed order of operations; float32 only serves to skip those who
cannot rank, with a margin above its rounding.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.matching.domain.shortlisting.lots import lot
from services.matching.domain.shortlisting.queues import Queue, admit, new_queue, sort, sort_as_equals

BLOCK = 64
"""Participants in a block: they are reached, scored and skipped together."""

BLOCKS_PER_CELL = 16
CELL = BLOCK * BLOCKS_PER_CELL
"""Participants in a cell: one feature of theirs is one page of memory."""

OCCUPATIONS_PER_HINT = 25
"""64 hints for ROME's 1,584 occupations."""

LIGHT_LICENCES = 0xFFFFFF
LIGHT_SHIFT = 8
"""The licences among the light bits, and where they stand there, beside hours and consent."""

_MARGIN = np.float32(2e-5)
"""More than float32 rounding can add to a sum of products whose weights sum to 1."""

_LIGHT_SLACK = 2e-6
"""Some ten metres, as an angle: more than float32 takes away from a unit vector."""

SLACK = 1e-9
"""Less than a centimetre, as an angle: more than rounding takes away from a bound in float64."""

_OUT = np.float32(-np.inf)
_NO_FLOOR = np.float32(-1.0)

PERSON = np.dtype(
    [
        ("x", np.float64),
        ("y", np.float64),
        ("z", np.float64),
        ("reach", np.float64),  # squared chord of the travel limit; −1 when nothing can be reached
        ("key", np.uint64),
        ("hints", np.uint64),  # a bit for each group of occupations about which a liking is known
        ("first_liking", np.int32),
        ("likings", np.int32),
        ("number", np.int32),  # the participant's; −1 where the position is empty
        ("shortlisted", np.int32),
    ],
    align=True,
)
"""What is read of those who rank: one cache line each."""

CIRCLE = np.dtype(
    [
        ("x", np.float64),
        ("y", np.float64),
        ("z", np.float64),
        ("reach", np.float64),  # squared chord: nobody of the block or cell reaches further from the centre
        ("available_from", np.int32),  # the earliest
        ("light_held", np.uint32),  # the light bits of what anybody holds
    ],
    align=True,
)

NEED = np.dtype(
    [
        ("x", np.float64),
        ("y", np.float64),
        ("z", np.float64),
        ("key", np.uint64),
        ("first", np.int64),  # its slice of features and weights
        ("end", np.int64),
        ("forbidden_first", np.int64),
        ("forbidden_end", np.int64),
        ("starts_on", np.int32),
        ("occupation", np.int32),
        ("light_required", np.uint32),  # see `light_bits`
        ("light_hint", np.uint32),  # see `light_half`
        ("light_is_all", np.bool_),  # the light bits hold all that is required
        ("open", np.bool_),
        ("placed", np.bool_),  # its place is known
    ],
    align=True,
)


class Blocks(NamedTuple):
    """The pool, in blocks of `BLOCK` positions and cells of `BLOCKS_PER_CELL` blocks; see `layout` for the order."""

    features: NDArray[np.float32]  # (cells, 4K, CELL)
    circles: NDArray[np.float32]  # (blocks, 4, BLOCK): x, y, z and a reach that is never too short
    available_from: NDArray[np.int32]  # (blocks, BLOCK)
    light_held: NDArray[np.uint32]  # (blocks, BLOCK): see `light_bits`
    light_hints: NDArray[np.uint32]  # (blocks, BLOCK): see `light_half`
    peaks: NDArray[np.float32]  # (cells, 4K, BLOCKS_PER_CELL): the highest of each feature in each block
    people: NDArray[np.void]  # (positions,) of PERSON
    held: NDArray[np.uint64]  # (positions, words): hours and consent, then licences
    block_circles: NDArray[np.void]  # (blocks,) of CIRCLE
    cell_circles: NDArray[np.void]  # (cells,) of CIRCLE
    positions: NDArray[np.int32]  # (participants,): where each one stands; the last positions are empty
    liking_occupations: NDArray[np.int32]  # ascending in each participant's slice, with room behind the last slice
    liking_factors: NDArray[np.float64]
    liking_end: NDArray[np.int64]  # (1,): where that room begins


class Asked(NamedTuple):
    """The needs, and what they ask."""

    needs: NDArray[np.void]  # (needs,) of NEED
    required: NDArray[np.uint64]  # (needs, words)
    features: NDArray[np.int32]
    weights: NDArray[np.float64]
    forbidden: NDArray[np.int32]  # participants' numbers, ascending in each need's slice


class Rule(NamedTuple):
    """How to rank: length of the lists, what counts as near, the factor of an unknown liking, the run's key."""

    length: int
    near_tie: float
    unknown_liking: float
    run: np.uint64


class Lists(NamedTuple):
    """The lists by need, best first, and what it takes to enter the last group of near-ties in each.

    That group holds the ranks from `lowest` to `highest`; its leader need not be on the list, and who enters it must
    come before its last one by times shortlisted and lot. A list that is not full has −∞ and −∞.
    """

    people: NDArray[np.int32]  # (needs, length), −1 where the list ends
    ranks: NDArray[np.float64]  # (needs, length): score × factor of the liking
    scores: NDArray[np.float64]
    counts: NDArray[np.int32]
    leaders: NDArray[np.int32]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    last_shortlisted: NDArray[np.int32]
    last_lots: NDArray[np.uint64]


@njit(cache=True, nogil=True)
def fill(blocks: Blocks, asked: Asked, rule: Rule, needs: NDArray[np.int64], lists: Lists) -> None:
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


@njit(cache=True, nogil=True)
def _order_groups(
    blocks: Blocks, asked: Asked, rule: Rule, need: int, queue: Queue, size: int
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


@njit(cache=True, nogil=True)
def _collect(
    blocks: Blocks,
    asked: Asked,
    rule: Rule,
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


@njit(cache=True, nogil=True)
def rank_of(blocks: Blocks, asked: Asked, rule: Rule, number: int, position: int) -> float:
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


@njit(cache=True, nogil=True, inline="always")
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


@njit(cache=True, nogil=True, inline="always")
def exact_score(
    rows: NDArray[np.float32], place: int, features: NDArray[np.int32], weights: NDArray[np.float64]
) -> float:
    """Σ w·q in float64, in the order of the requirements, of the one at `place` in a cell whose features are `rows`."""
    score = 0.0
    for term in range(len(features)):
        score += weights[term] * np.float64(rows[features[term], place])
    return score


@njit(cache=True, nogil=True)
def _stand_last(
    queue: Queue, place: int, primary: float, rank: float, score: float, person: Any, need: Any, rule: Rule
) -> None:
    newcomer = queue[place]
    newcomer.primary = primary
    newcomer.rank = rank
    newcomer.score = score
    newcomer.shortlisted = person.shortlisted
    newcomer.lot = lot(rule.run, need.key, person.key)
    newcomer.person = person.number


@njit(cache=True, nogil=True)
def may_meet(circle: Any, need: Any) -> bool:
    """False only when nobody of the circle can meet the need."""
    return bool(
        squared_chord(circle, need) <= circle.reach
        and circle.available_from <= need.starts_on
        and need.light_required & ~circle.light_held == 0
    )


@njit(cache=True, nogil=True)
def squared_chord(one: Any, other: Any) -> float:
    """As `commute.squared_chord`, in the same order of operations."""
    x, y, z = one.x - other.x, one.y - other.y, one.z - other.z
    return float((x * x + y * y) + z * z)


@njit(cache=True, nogil=True)
def _holds_all(held: NDArray[np.uint64], position: int, required: NDArray[np.uint64], number: int) -> bool:
    """Whether the bit set required is part of the one held."""
    for word in range(required.shape[1]):  # noqa: SIM110 # the compiler knows no generators
        if required[number, word] & ~held[position, word] != 0:
            return False
    return True


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def light_reach(angle: float) -> float:
    """The squared chord of a travel limit's angle, longer by more than float32 takes away; −1 for a negative one."""
    if angle < 0:
        return -1.0
    longer = angle + _LIGHT_SLACK
    return 4 * math.sin(longer / 2) ** 2 * (1 + _LIGHT_SLACK) if longer < math.pi else np.inf


@njit(cache=True, nogil=True)
def light_reaches(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The light reach of each angle."""
    reaches = np.empty_like(angles)
    for place in range(len(angles)):
        reaches[place] = light_reach(angles[place])
    return reaches


@njit(cache=True, nogil=True)
def light_bits(words: NDArray[np.uint64]) -> np.uint32:
    """Hours, consent and the first licences of a bit set in 32 bits."""
    return np.uint32(words[0] | (words[1] & np.uint64(LIGHT_LICENCES)) << np.uint64(LIGHT_SHIFT))


@njit(cache=True, nogil=True)
def light_half(hints: np.uint64) -> np.uint32:
    """Hints in 32 bits: two groups of occupations share one."""
    return np.uint32((hints | hints >> np.uint64(32)) & np.uint64(0xFFFFFFFF))


@njit(cache=True, nogil=True, inline="always")
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


@njit(cache=True, nogil=True, inline="always")
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


@njit(cache=True, nogil=True)
def liking_factor(
    occupations: NDArray[np.int32], factors: NDArray[np.float64], person: Any, need: Any, rule: Rule
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


@njit(cache=True, nogil=True)
def hint_of(occupation: int) -> np.uint64:
    """The bit that an occupation shares with its neighbours in the list: near ones mostly stand together there."""
    return np.uint64(1) << np.uint64(occupation // OCCUPATIONS_PER_HINT % 64)


@njit(cache=True, nogil=True)
def _is_forbidden(forbidden: NDArray[np.int32], need: Any, number: int) -> bool:
    for place in range(need.forbidden_first, need.forbidden_end):  # noqa: SIM110 # the compiler knows no generators
        if forbidden[place] == number:
            return True
    return False


@njit(cache=True, nogil=True)
def _uncertainty(blocks: Blocks, asked: Asked, rule: Rule, number: int, position: int) -> float:
    """The standard deviation of the true share, skills taken as independent, times the liking's factor."""
    need = asked.needs[number]
    variance = 0.0
    for term in range(need.first, need.end):
        met = np.float64(blocks.features[position // CELL, asked.features[term], position % CELL])
        weight = asked.weights[term]
        variance += (weight * weight) * (met * (1.0 - met))
    person = blocks.people[position]
    factor = liking_factor(blocks.liking_occupations, blocks.liking_factors, person, need, rule)
    return float(np.sqrt(variance) * factor)
