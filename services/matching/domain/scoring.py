"""How well a participant's profile answers a need: the score, its terms, its interval, and what would change it.

A need asks, for a few skills, a minimal level ℓ with a weight w (Σw = 1). The *true share* of what was asked is
S = Σ w·1{level ≥ ℓ − ½}: a level counts as reached when it rounds to the one asked. Levels are known only through the
profile's posterior, normal with a mean and a covariance over the skills; the score is the posterior expectation of S,
and its interval is a credible interval of that same S. So the interval says how far the truth may be from the score.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from services.matching.domain.records import AsGiven, records

HIGHEST_LEVEL = 4
ALPHA = 0.8
"""α of the mutual utility: how much the score counts beside the participant's liking. Policy, recorded with a run."""

WEIGHTS_TOLERANCE = 1e-6
"""How far a need's weights may be from summing to 1."""

_DRAWS = 8192
_SAME_SHARE = 1e-9


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

    @property
    def threshold(self) -> float:
        """The level from which the requirement counts as met: half a level below the one asked."""
        return self.level - 0.5


@dataclass(frozen=True, slots=True)
class Term:
    """One requirement's part of a score: contribution = weight × probability that the level is reached."""

    skill: str
    level: int
    weight: float
    probability: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score in [0, 1], its interval, and its terms, whose contributions, added in order, are the value.

    `coverage` is the posterior probability that the true share lies from `low` to `high`: at least the one asked for,
    mostly more, since the share takes few values.
    """

    value: float
    low: float
    high: float
    coverage: float
    terms: tuple[Term, ...]


NOT_WEIGHED = Score(value=0.0, low=0.0, high=1.0, coverage=1.0, terms=())
"""The score against a need of which nothing is known that it asks: it may be anything."""


@dataclass(frozen=True, slots=True)
class Raise:
    """A change of one skill's mean level and the score it would give, everything else equal.

    `raised_by` is in levels, `mean` the mean level after the change.
    """

    skill: str
    raised_by: float
    mean: float
    score: float


@dataclass(frozen=True, slots=True)
class WhatWouldChange:
    """What would change a score: one level more in each skill asked, and the smallest single change to a target."""

    score: float
    one_level_more: tuple[Raise, ...]
    target: float | None
    smallest: Raise | None
    """The smallest raise of one skill that reaches the target; None without a target, when the score reaches it
    already, or when no single skill can reach it on the scale."""


def score(
    mean: NDArray[np.floating],
    covariance: NDArray[np.floating],
    skills: Sequence[str],
    requirements: AsGiven[RequiredSkill],
    coverage: float = 0.90,
) -> Score:
    """Score a profile against a need.

    `mean` (K,) and `covariance` (K, K) are the posterior of the levels of `skills` (K codes). The interval is the
    shortest range of the true share S that holds it with at least `coverage`, stretched if need be to hold the score
    itself; how much it really holds is told in `Score.coverage`.

    >>> asked = [RequiredSkill("6D102", 3, 0.6), RequiredSkill("6D110", 2, 0.4)]
    >>> found = score(np.array([3.1, 1.8]), np.diag([0.2, 0.4]), ("6D102", "6D110"), asked)
    >>> round(found.value, 2), [round(term.contribution, 2) for term in found.terms]
    (0.82, [0.55, 0.27])

    Raises ValueError when a required skill is not in the profile, is asked twice, or the weights do not sum to 1.
    """
    if not 0 < coverage < 1:
        raise ValueError(f"The coverage is {coverage}: give a number between 0 and 1.")
    requirements = records(RequiredSkill, requirements, "requirements")
    positions = _positions(skills, requirements)
    levels, spread = _checked_profile(mean, covariance, skills)
    asked_mean, asked_covariance = levels[positions], spread[np.ix_(positions, positions)]
    terms = tuple(
        _term(requirement, level, math.sqrt(max(variance, 0.0)))
        for requirement, level, variance in zip(
            requirements, asked_mean.tolist(), np.diag(asked_covariance).tolist(), strict=True
        )
    )
    value = sum(term.contribution for term in terms)
    shares, probabilities = _distribution_of_share(asked_mean, asked_covariance, requirements)
    low, high = _shortest_range(shares, probabilities, coverage)
    low, high = min(low, value), max(high, value)
    held = float(probabilities[(shares >= low) & (shares <= high)].sum())
    return Score(value, low, high, held, terms)


def mutual_utility(score: float, liking: float, alpha: float = ALPHA) -> float:
    """What a meeting is worth to both sides: u = s^α · v^(1−α), for a score s and a liking v in [0, 1], α in (0, 1].

    A liking of 0 ("never") gives 0 whatever the score.
    """
    if not 0 < alpha <= 1:
        raise ValueError(f"Alpha is {alpha}: give a number above 0 and at most 1.")
    for name, value in (("score", score), ("liking", liking)):
        if not 0 <= value <= 1:
            raise ValueError(f"The {name} is {value}: give a number from 0 to 1.")
    if liking == 0:
        return 0.0
    return float(float(score) ** float(alpha) * float(liking) ** (1 - float(alpha)))


def what_would_change(
    mean: NDArray[np.floating],
    covariance: NDArray[np.floating],
    skills: Sequence[str],
    requirements: AsGiven[RequiredSkill],
    target: float | None = None,
) -> WhatWouldChange:
    """Say what one level more in each skill asked would give, and which smallest single raise reaches `target`.

    Raises stay on the scale: no mean level above 4 is proposed. The changes are true: the score computed again with the
    changed mean is the one named, and reaches the target where it says so.
    """
    if target is not None and not math.isfinite(target):
        raise ValueError(f"The target is {target}: give a score from 0 to 1, or None.")
    requirements = records(RequiredSkill, requirements, "requirements")
    positions = _positions(skills, requirements)
    of_all, spread = _checked_profile(mean, covariance, skills)
    levels, variances = of_all[positions].tolist(), spread[positions, positions].tolist()
    deviations = [math.sqrt(max(variance, 0.0)) for variance in variances]
    value = _value(levels, deviations, requirements)

    def changed(index: int, level: float) -> Raise:
        raised = [*levels[:index], level, *levels[index + 1 :]]
        skill = requirements[index].skill
        return Raise(skill, level - levels[index], level, _value(raised, deviations, requirements))

    one_level_more = tuple(
        changed(index, min(level + 1.0, max(level, float(HIGHEST_LEVEL)))) for index, level in enumerate(levels)
    )
    smallest = None
    if target is not None and value < target:
        enough = (
            changed(index, level)
            for index, requirement in enumerate(requirements)
            if (level := _level_reaching(target - value, levels[index], deviations[index], requirement)) is not None
        )
        reaching = [change for change in enough if change.score >= target]
        smallest = min(reaching, key=lambda change: change.raised_by, default=None)
    return WhatWouldChange(value, one_level_more, target, smallest)


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
    apart = np.abs(spread - spread.T) > _SAME_SHARE * max(1.0, float(variances.max(initial=0.0)))
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


def _probability(level: float, deviation: float, requirement: RequiredSkill) -> float:
    distance = level - requirement.threshold
    if deviation > 0:
        return float(ndtr(distance / deviation))
    return 1.0 if distance >= 0 else 0.0


def _term(requirement: RequiredSkill, level: float, deviation: float) -> Term:
    probability = _probability(level, deviation, requirement)
    return Term(requirement.skill, requirement.level, requirement.weight, probability, requirement.weight * probability)


def _value(levels: Sequence[float], deviations: Sequence[float], requirements: Sequence[RequiredSkill]) -> float:
    terms = map(_term, requirements, levels, deviations)
    return sum(term.contribution for term in terms)


def _level_reaching(missing: float, level: float, deviation: float, requirement: RequiredSkill) -> float | None:
    """The mean level at which one requirement alone adds `missing` to the score; None when it cannot on the scale."""
    if requirement.weight == 0:
        return None
    wanted = _probability(level, deviation, requirement) + missing / requirement.weight
    if wanted > 1 + _SAME_SHARE:
        return None
    reaching = requirement.threshold
    if deviation > 0:
        # A hair above, so that rounding cannot leave the score just under its target.
        reaching += deviation * float(ndtri(min(wanted, 1.0))) + _SAME_SHARE
    return reaching if reaching <= HIGHEST_LEVEL else None


def _distribution_of_share(
    mean: NDArray[np.float64], covariance: NDArray[np.float64], requirements: Sequence[RequiredSkill]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The values that the true share can take, ascending, and their posterior probabilities."""
    thresholds = np.array([requirement.threshold for requirement in requirements])
    weights = np.array([requirement.weight for requirement in requirements])
    levels = mean + _standard_normals(len(requirements)) @ _square_root(covariance).T
    shares = np.sort((levels >= thresholds) @ weights)
    starts = np.flatnonzero(np.diff(shares, prepend=-1.0) > _SAME_SHARE)
    counts = np.diff(starts, append=len(shares))
    return shares[starts], counts / len(shares)


def _square_root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(covariance)
    root: NDArray[np.float64] = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


@lru_cache(maxsize=32)
def _standard_normals(dimension: int) -> NDArray[np.float64]:
    """Evenly spread standard normal points, (draws, dimension): Richtmyer's lattice (Genz and Bretz 2009, 4.2.2).

    They are fixed, so the same profile and need always give the same interval.
    """
    steps = np.sqrt(np.array(_primes(dimension), dtype=np.float64))
    uniform = (np.arange(1, _DRAWS + 1)[:, np.newaxis] * steps + 0.5 / _DRAWS) % 1.0
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


def _shortest_range(
    values: NDArray[np.float64], probabilities: NDArray[np.float64], coverage: float
) -> tuple[float, float]:
    """The shortest range of `values` that holds at least `coverage`; among equally short ones, the likeliest."""
    reached = np.concatenate([[0.0], np.cumsum(probabilities)])
    starts = np.arange(len(values))
    ends = np.searchsorted(reached, reached[:-1] + coverage - _SAME_SHARE) - 1
    possible = ends < len(values)
    starts, ends = starts[possible], np.maximum(ends[possible], starts[possible])
    lengths = np.round(values[ends] - values[starts], 9)
    held = reached[ends + 1] - reached[starts]
    best = np.lexsort((-held, lengths))[0]
    return float(values[starts[best]]), float(values[ends[best]])
