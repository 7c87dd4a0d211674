"""The step: how a level counts for the one that was asked. This place alone says it; all else reckons with `steps`.

A level counts by its distance from the one asked, g(level − ℓ). Hard, it counts 1 from ℓ on and nothing below, which
throws away how far somebody is. Soft, by `softness` s, it counts s one level below ℓ, 1 − s at ℓ, and 1 from one level
above. As a sum over what is reached, g = s·1{level ≥ ℓ − 1} + (1 − 2s)·1{level ≥ ℓ} + s·1{level ≥ ℓ + 1}; everybody
reaches 0 and nobody 5, so at the ends of the scale the share of a level that cannot be asked goes to the middle.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HIGHEST_LEVEL = 4

SOFTNESS = 0.25
"""The share of what was asked that one level below it counts. Policy, recorded with a run; 0 is the hard step."""


class LevelStep(NamedTuple):
    """A level from which on a share of what was asked counts; the shares of a requirement's steps sum to 1."""

    level: int
    share: float


@lru_cache
def steps(level: int, softness: float = SOFTNESS) -> tuple[LevelStep, ...]:
    """The steps that make up a requirement of `level` (1..4), the lowest first; `softness` lies in [0, ½].

    >>> steps(3), steps(4), steps(3, softness=0)
    (((2, 0.25), (3, 0.5), (4, 0.25)), ((3, 0.25), (4, 0.75)), ((3, 1.0),))
    """
    if level not in range(1, HIGHEST_LEVEL + 1):
        raise ValueError(f"The level asked is {level}: give a whole number from 1 to {HIGHEST_LEVEL}.")
    if not 0 <= softness <= 0.5:
        raise ValueError(f"The softness is {softness}: give a number from 0 to 0.5.")
    level, softness = int(level), float(softness)
    beside = [one for one in (level - 1, level + 1) if 1 <= one <= HIGHEST_LEVEL]
    shares = dict.fromkeys(beside, softness) | {level: 1.0 - softness * len(beside)}
    return tuple(LevelStep(one, share) for one, share in sorted(shares.items()) if share > 0)


def threshold(level: int) -> float:
    """From where on a level counts as `level`, the one to which it rounds: half a level below."""
    return level - 0.5


def share_at(levels: NDArray[np.floating], asked: int, softness: float) -> NDArray[np.float64]:
    """What true levels count for the level asked, between whole levels in proportion: arrays of any shape.

    A true level of 2.3 shows as 2 seven times of ten and as 3 three times; so it counts 0.7·g(2 − ℓ) + 0.3·g(3 − ℓ).
    """
    whole_levels = range(HIGHEST_LEVEL + 1)
    counted = [sum(step.share for step in steps(asked, softness) if step.level <= level) for level in whole_levels]
    return np.asarray(np.interp(levels, whole_levels, counted))
