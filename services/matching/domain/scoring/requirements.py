"""What a need asks, and what a profile says of just that."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from services.matching.domain.records import AsGiven, records
from services.matching.domain.scoring.soft_step import HIGHEST_LEVEL, threshold

WEIGHTS_TOLERANCE = 1e-6
"""How far a need's weights may be from summing to 1."""

_SAME_COVARIANCE = 1e-9
_THRESHOLDS = np.array([threshold(level) for level in range(1, HIGHEST_LEVEL + 1)])


@dataclass(frozen=True, slots=True)
class RequiredSkill:
    """One skill that a need asks: the minimal level (1..4) and its weight (≥ 0; the weights of a need sum to 1)."""

    skill: str
    level: int
    weight: float

    def __post_init__(self) -> None:
        if not 1 <= self.level <= HIGHEST_LEVEL or int(self.level) != self.level:
            raise ValueError(f"The level asked of {self.skill} is {self.level}: give a whole number from 1 to 4.")
        if not (math.isfinite(self.weight) and self.weight >= 0):
            raise ValueError(f"The weight of {self.skill} is {self.weight}: give a number of 0 or more.")
        object.__setattr__(self, "level", int(self.level))  # a level of eight bits would wrap where it numbers a column
        object.__setattr__(self, "weight", float(self.weight))


@dataclass(frozen=True, slots=True, eq=False)
class AskedLevels:
    """What is known of the levels of the skills that a need asks, in its order.

    `mean` (A,) and `covariance` (A, A) are their posterior, `chances` for each the chances that it reaches 1 to 4.
    """

    requirements: tuple[RequiredSkill, ...]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    chances: Sequence[Sequence[float]]

    @property
    def deviations(self) -> NDArray[np.float64]:
        """The standard deviation of each level, (A,)."""
        return _deviations(self.covariance)


@dataclass(frozen=True, slots=True, eq=False)
class KnownLevels:
    """What a profile says, looked over: the place of each skill (K), `mean` (K,), `covariance` (K, K), `chances`."""

    places: Mapping[str, int]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    chances: Sequence[Sequence[float]]

    def asked(self, requirements: AsGiven[RequiredSkill]) -> AskedLevels:
        """What the profile says of what a need asks.

        Raises ValueError when a required skill is not in it, is asked twice, or the weights do not sum to 1.
        """
        asked = records(RequiredSkill, requirements, "requirements")
        positions = _positions(self.places, asked)
        at = np.array(positions)
        covariance = self.covariance[at[:, np.newaxis], at]
        return AskedLevels(asked, self.mean[at], covariance, [self.chances[place] for place in positions])


def known_levels(mean: NDArray[np.floating], covariance: NDArray[np.floating], skills: Sequence[str]) -> KnownLevels:
    """A profile, `mean` (K,) and `covariance` (K, K) over `skills`; ValueError names what cannot be in one."""
    levels, spread = _checked_profile(mean, covariance, skills)
    places = {skill: place for place, skill in enumerate(skills)}
    return KnownLevels(places, levels, spread, chances_of(levels, _deviations(spread)).tolist())


def chances_of(level: ArrayLike, deviation: ArrayLike) -> NDArray[np.float64]:
    """The chances that levels known with these means and standard deviations, (…), reach 1 to 4, as (…, 4)."""
    distance = np.asarray(level)[..., np.newaxis] - _THRESHOLDS
    spread = np.asarray(deviation)[..., np.newaxis]
    exact = spread <= 0
    return np.asarray(np.where(exact, distance >= 0, ndtr(distance / np.where(exact, 1.0, spread))))


def _deviations(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(np.maximum(np.diagonal(covariance), 0.0)))


def _checked_profile(
    mean: NDArray[np.floating], covariance: NDArray[np.floating], skills: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Levels and their covariance as they may be; ValueError names what cannot be."""
    count = len(skills)
    if len(set(skills)) < count:
        twice = next(skill for skill in skills if list(skills).count(skill) > 1)
        raise ValueError(f"The profile holds {twice} twice: give one level for each skill.")
    levels, spread = np.asarray(mean, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    for name, values, shape in (("mean", levels, (count,)), ("covariance", spread, (count, count))):
        if values.shape != shape:
            raise ValueError(f"The {name} has the shape {values.shape}: give {shape}, for {count} skills.")
        if not np.isfinite(values).all():
            place = tuple(np.argwhere(~np.isfinite(values))[0].tolist())
            raise ValueError(f"The {name} of {skills[place[0]]} holds {values[place]}: give finite numbers.")
    variances = np.diagonal(spread)
    if (variances < 0).any():
        least = int(np.argmin(variances))
        raise ValueError(f"The variance of {skills[least]} is {variances[least]}: give a number of 0 or more.")
    apart = np.abs(spread - spread.T) > _SAME_COVARIANCE * max(1.0, float(variances.max(initial=0.0)))
    if apart.any():
        one, other = np.argwhere(apart)[0].tolist()
        raise ValueError(f"The covariance of {skills[one]} and {skills[other]} is not the same both ways: give one.")
    return levels, spread


def _positions(places: Mapping[str, int], requirements: Sequence[RequiredSkill]) -> list[int]:
    asked = [requirement.skill for requirement in requirements]
    if unknown := [skill for skill in asked if skill not in places]:
        raise ValueError(f"The profile does not hold {', '.join(unknown)}: ask only skills of its framework.")
    if len(set(asked)) < len(asked):
        raise ValueError("A need asks the same skill twice: keep one requirement for each skill.")
    total = sum(requirement.weight for requirement in requirements)
    if abs(total - 1) > WEIGHTS_TOLERANCE:
        raise ValueError(f"The weights of the need sum to {total:.6g}: normalise them to 1.")
    return [places[skill] for skill in asked]
