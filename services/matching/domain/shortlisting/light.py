"""Light copies, in 32 bits, of what decides about a pair: enough to drop most pairs eight at a time, and never one
that can be. Whoever passes is looked at again in full.
"""

import math

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled
from services.matching.domain.scoring import HIGHEST_LEVEL, steps

OCCUPATIONS_PER_HINT = 25
"""64 hints for ROME's 1,584 occupations."""

LIGHT_LICENCES = 0xFFFFFF
LIGHT_SHIFT = 8
"""The licences among the light bits, and where they stand there, beside hours and consent."""

LIGHT_WHOLE = 255
"""The light share of somebody who surely has all of what is asked."""

_LIGHT_SLACK = 2e-6
"""Some ten metres, as an angle: more than float32 takes away from a unit vector."""


@compiled
def light_reach(angle: float) -> float:
    """The squared chord of a travel limit's angle, longer by more than float32 takes away; −1 for a negative one."""
    if angle < 0:
        return -1.0
    longer = angle + _LIGHT_SLACK
    return 4 * math.sin(longer / 2) ** 2 * (1 + _LIGHT_SLACK) if longer < math.pi else np.inf


@compiled
def light_reaches(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The light reach of each angle."""
    reaches = np.empty_like(angles)
    for place in range(len(angles)):
        reaches[place] = light_reach(angles[place])
    return reaches


def shares_by_level(softness: float) -> NDArray[np.float32]:
    """The share of a requirement of each level, a row each, that counts from each level on."""
    shares = np.zeros((HIGHEST_LEVEL, HIGHEST_LEVEL), dtype=np.float32)
    for level in range(1, HIGHEST_LEVEL + 1):
        for step in steps(level, softness):
            shares[level - 1, step.level - 1] = step.share
    return shares


@compiled
def light_shares_of(exceedance: NDArray[np.float32], shares: NDArray[np.float32], size: int) -> NDArray[np.uint8]:
    """What somebody is expected to have of each requirement, in 255ths and never too little: all that ranking needs.

    From rows (n, 4K) by position, (groups, 4K, size); a level asked of a skill stands where its exceedance does.
    """
    light = np.empty((len(exceedance) // size, exceedance.shape[1], size), dtype=np.uint8)
    whole = np.float32(LIGHT_WHOLE)
    for group in range(len(light)):
        for feature in range(exceedance.shape[1]):
            first, of_level = feature // HIGHEST_LEVEL * HIGHEST_LEVEL, shares[feature % HIGHEST_LEVEL]
            for lane in range(size):
                reaching = exceedance[group * size + lane, first : first + HIGHEST_LEVEL]
                share = np.float32(0.0)
                for level in range(HIGHEST_LEVEL):
                    share += of_level[level] * reaching[level]
                light[group, feature, lane] = np.uint8(min(np.ceil(share * whole), whole))
    return light


@compiled
def light_bits_of(sets: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The light bits of each bit set (n, words)."""
    bits = np.empty(len(sets), dtype=np.uint32)
    for place in range(len(sets)):
        bits[place] = light_bits(sets[place])
    return bits


@compiled
def light_bits(words: NDArray[np.uint64]) -> np.uint32:
    """Hours, consent and the first licences of a bit set in 32 bits."""
    return np.uint32(words[0] | (words[1] & np.uint64(LIGHT_LICENCES)) << np.uint64(LIGHT_SHIFT))


@compiled
def light_half(hints: np.uint64) -> np.uint32:
    """Hints in 32 bits: two groups of occupations share one."""
    return np.uint32((hints | hints >> np.uint64(32)) & np.uint64(0xFFFFFFFF))


@compiled
def hint_of(occupation: int) -> np.uint64:
    """The bit, of 64, that an occupation shares with its neighbours in the list: near ones mostly stand together."""
    return np.uint64(1) << np.uint64(occupation // OCCUPATIONS_PER_HINT % 64)


@compiled
def hints_of(starts: NDArray[np.int64], occupations: NDArray[np.int32]) -> NDArray[np.uint64]:
    """The hints of each slice of occupations: `occupations[starts[i]:starts[i + 1]]`."""
    hints = np.zeros(len(starts) - 1, dtype=np.uint64)
    for row in range(len(hints)):
        for place in range(starts[row], starts[row + 1]):
            hints[row] |= hint_of(occupations[place])
    return hints


@compiled
def light_halves(hints: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Each of the hints in 32 bits."""
    halves = np.empty(len(hints), dtype=np.uint32)
    for place in range(len(hints)):
        halves[place] = light_half(hints[place])
    return halves
