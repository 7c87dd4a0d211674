"""What was noted of a person, and what may be concluded from it: levels with their uncertainty."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

LEVELS = (0, 1, 2, 3, 4)

ROME_4 = tuple(f"6D1{number:02d}" for number in range(1, 17))
"""Codes of the sixteen skills of the framework `rome-4`."""


def by_name(identifier: Hashable) -> tuple[str, str]:
    """A sort key for identifiers of any kinds, so that sums are taken in the same order every time."""
    return type(identifier).__name__, str(identifier)


def distinct_skills(framework: Sequence[str]) -> tuple[str, ...]:
    """The framework's skills; ValueError for none, for one that comes twice, and for a single text."""
    skills = () if isinstance(framework, str) else tuple(framework)
    if not skills:
        raise ValueError(f"the framework must be a sequence of skills, one at least, not {framework!r}")
    twice = [skill for skill, count in Counter(skills).items() if count > 1]
    if twice:
        raise ValueError(f"the framework holds skills twice: {', '.join(map(repr, twice[:5]))}")
    return skills


@dataclass(frozen=True, slots=True)
class Rating:
    """What measuring takes of an observation: how a rater saw one skill of one participant, on the scale 0..4."""

    participant: Hashable
    skill: str
    rater: Hashable
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Normal posterior of one person's levels, over the K skills of a framework.

    `mean` (K,) and `covariance` (K, K) are in levels and squared levels of the scale 0..4; `observations` and `raters`
    (K,) count the notes and the distinct raters behind each skill. A skill with no note shows the programme's prior,
    moved by what was noted of the others. A level is the programme's mean, plus `shared`, what all skills of the person
    have in common, plus `own` (K,), what this one has beside that.
    """

    skills: tuple[str, ...]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    observations: NDArray[np.int64]
    raters: NDArray[np.int64]
    own: NDArray[np.float64]
    shared: float

    @property
    def usual(self) -> NDArray[np.float64]:
        """The programme's mean level of each skill, (K,), to which the person's own and shared parts are added."""
        return np.asarray(self.mean - self.own - self.shared)

    @property
    def standard_deviation(self) -> NDArray[np.float64]:
        """Standard deviation of each level, (K,), in levels."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def not_yet_seen(self) -> bool:
        """Whether nothing at all was noted of this person, so that all is prior."""
        return not self.observations.any()

    def seen(self, skill: str) -> bool:
        """Whether this skill was noted at least once; ValueError for a skill outside the framework."""
        return bool(self.observations[self._place(skill)])

    def interval(self, skill: str, coverage: float = 0.90) -> tuple[float, float]:
        """Central interval of a skill's level that holds it with probability `coverage` (0 < coverage < 1)."""
        if not 0 < coverage < 1:
            raise ValueError(f"coverage must lie strictly between 0 and 1, not {coverage}")
        place = self._place(skill)
        reach = NormalDist().inv_cdf((1 + coverage) / 2) * sqrt(self.covariance[place, place])
        return float(self.mean[place] - reach), float(self.mean[place] + reach)

    def shown(self, skill: str, coverage: float = 0.90) -> tuple[float, float, float]:
        """The level and its interval as people read them, never off the scale 0..4: level, low, high."""
        of_model = (float(self.mean[self._place(skill)]), *self.interval(skill, coverage))
        level, low, high = np.clip(of_model, LEVELS[0], LEVELS[-1]).tolist()
        return level, low, high

    def exceedance(self) -> NDArray[np.float64]:
        """P(level ≥ ℓ − ½) for ℓ = 1..4, as (K, 4): the features of the score."""
        return exceedance(self.mean, self.standard_deviation)

    def _place(self, skill: str) -> int:
        try:
            return self.skills.index(skill)
        except ValueError:
            raise ValueError(f"skill {skill!r} is not in this framework: {', '.join(self.skills)}") from None


def exceedance(mean: NDArray[np.float64], standard_deviation: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(level ≥ ℓ − ½) for ℓ = 1..4 of normal levels: arrays of any one shape (…) give (…, 4).

    ValueError for different shapes, a mean that is not finite, a standard deviation that is not above 0.
    """
    if np.shape(mean) != np.shape(standard_deviation):
        raise ValueError(
            f"means of the shape {np.shape(mean)} and standard deviations of the shape {np.shape(standard_deviation)} "
            "must be of one shape"
        )
    if not np.isfinite(mean).all():
        raise ValueError(f"means must be finite numbers: {_first_where(~np.isfinite(mean), mean)}")
    sound = np.isfinite(standard_deviation) & (np.asarray(standard_deviation) > 0)
    if not sound.all():
        raise ValueError(f"standard deviations must be above 0: {_first_where(~sound, standard_deviation)}")
    thresholds = np.array(LEVELS[1:]) - 0.5
    levels, deviations = np.asarray(mean, dtype=np.float64), np.asarray(standard_deviation, dtype=np.float64)
    standard = (levels[..., np.newaxis] - thresholds) / deviations[..., np.newaxis]
    return np.asarray(ndtr(standard))


def _first_where(wrong: NDArray[np.bool_], values: NDArray[np.float64]) -> str:
    """The place and the value of the first culprit."""
    place = tuple(int(axis) for axis in np.argwhere(wrong)[0])
    return f"{values[place]} at {place}"
