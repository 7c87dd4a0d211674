"""The arrays that the compiled passes of shortlisting share: the pool in blocks, the needs, the rule and the lists."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK = 64
"""Participants in a block: they are reached, scored and skipped together."""

BLOCKS_PER_CELL = 16
CELL = BLOCK * BLOCKS_PER_CELL
"""Participants in a cell: their blocks lie together."""

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
        ("first", np.int64),  # its slice of features and weights, up to three a skill: the steps of what is asked
        ("end", np.int64),
        ("light_first", np.int64),  # its slice of light features and weights, one a skill
        ("light_end", np.int64),
        ("forbidden_first", np.int64),
        ("forbidden_end", np.int64),
        ("starts_on", np.int32),
        ("occupation", np.int32),
        ("light_required", np.uint32),  # see `light.light_bits`
        ("light_hint", np.uint32),  # see `light.light_half`
        ("light_is_all", np.bool_),  # the light bits hold all that is required
        ("open", np.bool_),
        ("placed", np.bool_),  # its place is known
    ],
    align=True,
)


class Blocks(NamedTuple):
    """The pool, in blocks of `BLOCK` positions and cells of `BLOCKS_PER_CELL` blocks; see `layout` for the order."""

    exceedance: NDArray[np.float32]  # (positions, 4K)
    light_shares: NDArray[np.uint8]  # (cells, 4K, CELL): see `light.light_shares_of`
    circles: NDArray[np.float32]  # (blocks, 4, BLOCK): x, y, z and a reach that is never too short
    available_from: NDArray[np.int32]  # (blocks, BLOCK)
    light_held: NDArray[np.uint32]  # (blocks, BLOCK): see `light.light_bits`
    light_hints: NDArray[np.uint32]  # (blocks, BLOCK): see `light.light_half`
    peaks: NDArray[np.uint8]  # (cells, 4K, BLOCKS_PER_CELL): the highest of the light shares in each block
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
    light_features: NDArray[np.int32]
    light_weights: NDArray[np.float32]  # of light shares
    forbidden: NDArray[np.int32]  # participants' numbers, ascending in each need's slice


class RankingRule(NamedTuple):
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
