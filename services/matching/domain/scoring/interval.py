"""The interval of a score: where the share of what was asked lies that the person's true levels count.

The true share T = Σ w·g(level − ℓ), between whole levels in proportion (`soft_step.share_at`). So it is continuous: a
need of one skill has an interval too that says how well the level is known: what the ends of the level's own interval
count. (Of rounded levels, one skill could only be 0, s, 1 − s or 1, and whoever stands between two of them would have
an interval as wide as the step; with a hard one, from 0 to 1.) What is not known of the levels is in it, and nothing
else: not what a single look at somebody, or an employer's taste, would add.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from services.matching.domain.scoring.requirements import AskedLevels
from services.matching.domain.scoring.soft_step import share_at

_DRAWS = 8192
_NO_MORE_THAN_ROUNDING = 1e-9


def interval_of_share(asked: AskedLevels, value: float, softness: float, coverage: float) -> tuple[float, float, float]:
    """The central range of the true share that holds it with at least `coverage`, stretched to hold `value` itself.

    Gives its ends, and the posterior probability that the true share lies between them.
    """
    shares = _true_shares(asked, softness)
    outside = (1 - coverage) / 2 * len(shares)
    first, last = math.floor(outside), math.ceil(len(shares) - outside) - 1
    ordered = np.partition(shares, [first, last])
    low, high = min(float(ordered[first]), value), min(max(float(ordered[last]), value), 1.0)
    held = (shares >= low - _NO_MORE_THAN_ROUNDING) & (shares <= high + _NO_MORE_THAN_ROUNDING)
    return low, high, float(np.mean(held))


def _true_shares(asked: AskedLevels, softness: float) -> NDArray[np.float64]:
    """Equally likely values of the true share, (draws,), by the posterior of the levels."""
    drawn = asked.mean[:, np.newaxis] + _square_root(asked.covariance) @ _standard_normals(len(asked.requirements))
    return np.asarray(
        sum(
            requirement.weight * share_at(levels, requirement.level, softness)
            for requirement, levels in zip(asked.requirements, drawn, strict=True)
        )
    )


def _square_root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(covariance)
    root: NDArray[np.float64] = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


@lru_cache(maxsize=32)
def _standard_normals(dimension: int) -> NDArray[np.float64]:
    """Evenly spread standard normal points, (dimension, draws): Richtmyer's lattice (Genz and Bretz 2009, 4.2.2).

    They are fixed, so the same profile and need always give the same interval.
    """
    steps = np.sqrt(np.array(_primes(dimension), dtype=np.float64))
    uniform = (steps[:, np.newaxis] * np.arange(1, _DRAWS + 1) + 0.5 / _DRAWS) % 1.0
    points: NDArray[np.float64] = ndtri(np.clip(uniform, 0.5 / _DRAWS, 1 - 0.5 / _DRAWS))
    points.setflags(write=False)
    return points


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found
