"""The score: the share of what a need asks that a person is expected to have.

A need asks, for a few skills, a minimal level ℓ with a weight w (Σw = 1). A level, rounded to a whole one, counts
g(level − ℓ) of its weight (`soft_step`). Levels are known only through the profile's posterior, normal with a mean and
a covariance over the skills; so the score is the expectation Σ w·E[g(level − ℓ)], a sum over chances of reaching a
level, and its terms are the skills' contributions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from services.matching.domain.records import AsGiven
from services.matching.domain.scoring.interval import interval_of_share
from services.matching.domain.scoring.requirements import AskedLevels, RequiredSkill, asked_levels
from services.matching.domain.scoring.soft_step import SOFTNESS, LevelStep, steps, threshold


@dataclass(frozen=True, slots=True)
class Term:
    """One requirement's part of a score: contribution = weight × share.

    `share` is how much of the requirement the level is expected to count, `probability` that the one asked is reached.
    """

    skill: str
    level: int
    weight: float
    probability: float
    share: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score in [0, 1], its interval, and its terms, whose contributions, added in order, are the value.

    `low` to `high` is the central credible interval of the share that the person's true levels count, between whole
    levels in proportion (`interval`): how far the truth may be from the score, after all that was noted. `coverage` is
    the posterior probability that this share lies in it: the one asked for, or more where the interval was stretched to
    hold the score, or where much of the posterior counts nothing or all.
    """

    value: float
    low: float
    high: float
    coverage: float
    terms: tuple[Term, ...]


NOT_WEIGHED = Score(value=0.0, low=0.0, high=1.0, coverage=1.0, terms=())
"""The score against a need of which nothing is known that it asks: it may be anything."""


def score(
    mean: NDArray[np.floating],
    covariance: NDArray[np.floating],
    skills: Sequence[str],
    requirements: AsGiven[RequiredSkill],
    coverage: float = 0.90,
    softness: float = SOFTNESS,
) -> Score:
    """Score a profile against a need.

    `mean` (K,) and `covariance` (K, K) are the posterior of the levels of `skills` (K codes); `softness`, from 0 (hard)
    to ½, is how much of what was asked one level below it counts. The interval holds the share that the true levels
    count with at least `coverage`; how much it really holds is told in `Score.coverage`.

    >>> asked = [RequiredSkill("6D102", 3, 0.6), RequiredSkill("6D110", 2, 0.4)]
    >>> found = score(np.array([3.1, 1.8]), np.diag([0.2, 0.4]), ("6D102", "6D110"), asked)
    >>> round(found.value, 2), [round(term.contribution, 2) for term in found.terms]
    (0.73, [0.47, 0.26])

    Raises ValueError when a required skill is not in the profile, is asked twice, or the weights do not sum to 1.
    """
    if not 0 < coverage < 1:
        raise ValueError(f"The coverage is {coverage}: give a number between 0 and 1.")
    asked = asked_levels(mean, covariance, skills, requirements)
    terms = terms_of(asked, softness)
    value = value_of(terms)
    low, high, held = interval_of_share(asked, value, softness, coverage)
    return Score(value, low, high, held, terms)


def terms_of(asked: AskedLevels, softness: float) -> tuple[Term, ...]:
    """What each requirement adds to the score, in their order."""
    return tuple(map(_term, asked.requirements, asked.mean.tolist(), asked.deviations, [softness] * len(asked.mean)))


def value_of(terms: Sequence[Term]) -> float:
    """The sum of the contributions; weights that sum to 1 may come to a little more, added up."""
    return min(sum(term.contribution for term in terms), 1.0)


def share_expected(level: float, deviation: float, requirement: RequiredSkill, softness: float) -> float:
    """How much of a requirement a level counts that is known with this mean and standard deviation."""
    return sum(step.share * _reaching(level, deviation, step.level) for step in steps(requirement.level, softness))


def share_deviation(
    mean: NDArray[np.floating],
    covariance: NDArray[np.floating],
    skills: Sequence[str],
    requirements: AsGiven[RequiredSkill],
    softness: float = SOFTNESS,
) -> float:
    """The standard deviation of the share of what was asked, levels rounded and skills taken as independent.

    It says, alike here and over a whole pool, which scores are too close to tell apart.
    """
    asked = asked_levels(mean, covariance, skills, requirements)
    variances = (
        one.weight**2 * _variance(steps(one.level, softness), level, deviation)
        for one, level, deviation in zip(asked.requirements, asked.mean.tolist(), asked.deviations, strict=True)
    )
    return math.sqrt(sum(variances))


def _term(requirement: RequiredSkill, level: float, deviation: float, softness: float) -> Term:
    share = share_expected(level, deviation, requirement, softness)
    probability = _reaching(level, deviation, requirement.level)
    return Term(
        requirement.skill, requirement.level, requirement.weight, probability, share, requirement.weight * share
    )


def _reaching(level: float, deviation: float, asked: int) -> float:
    """The probability that a level counts as `asked` at least."""
    distance = level - threshold(asked)
    if deviation > 0:
        return float(ndtr(distance / deviation))
    return 1.0 if distance >= 0 else 0.0


def _variance(of_level: Sequence[LevelStep], level: float, deviation: float) -> float:
    """Of the share of one requirement: who reaches a step has reached those below it."""
    reaching = [_reaching(level, deviation, step.level) for step in of_level]
    return sum(
        one.share * other.share * (min(p, q) - p * q)
        for one, p in zip(of_level, reaching, strict=True)
        for other, q in zip(of_level, reaching, strict=True)
    )
