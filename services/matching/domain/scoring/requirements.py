"""What a need asks, and what a profile says of just that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.records import AsGiven, records
from services.matching.domain.scoring.soft_step import HIGHEST_LEVEL

WEIGHTS_TOLERANCE = 1e-6
"""How far a need's weights may be from summing to 1."""

_SAME_COVARIANCE = 1e-9


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
    """The posterior of the levels of the skills that a need asks, in its order: `mean` (A,), `covariance` (A, A)."""

    requirements: tuple[RequiredSkill, ...]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @property
    def deviations(self) -> list[float]:
        """The standard deviation of each level."""
        return [math.sqrt(max(variance, 0.0)) for variance in np.diagonal(self.covariance).tolist()]


def asked_levels(
    mean: NDArray[np.floating],
    covariance: NDArray[np.floating],
    skills: Sequence[str],
    requirements: AsGiven[RequiredSkill],
) -> AskedLevels:
    """What a profile, `mean` (K,) and `covariance` (K, K) over `skills`, says of what a need asks.

    Raises ValueError for a profile that cannot be, and when a required skill is not in it, is asked twice, or the
    weights do not sum to 1.
    """
    asked = records(RequiredSkill, requirements, "requirements")
    positions = _positions(skills, asked)
    levels, spread = _checked_profile(mean, covariance, skills)
    return AskedLevels(asked, levels[positions], spread[np.ix_(positions, positions)])


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


def _positions(skills: Sequence[str], requirements: Sequence[RequiredSkill]) -> list[int]:
    places = {skill: place for place, skill in enumerate(skills)}
    asked = [requirement.skill for requirement in requirements]
    if unknown := [skill for skill in asked if skill not in places]:
        raise ValueError(f"The profile does not hold {', '.join(unknown)}: ask only skills of its framework.")
    if len(set(asked)) < len(asked):
        raise ValueError("A need asks the same skill twice: keep one requirement for each skill.")
    total = sum(requirement.weight for requirement in requirements)
    if abs(total - 1) > WEIGHTS_TOLERANCE:
        raise ValueError(f"The weights of the need sum to {total:.6g}: normalise them to 1.")
    return [places[skill] for skill in asked]
