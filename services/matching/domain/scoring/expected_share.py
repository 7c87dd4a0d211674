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

from services.matching.domain.records import AsGiven
from services.matching.domain.scoring.interval import interval_of_share
from services.matching.domain.scoring.requirements import AskedLevels, RequiredSkill, known_levels
from services.matching.domain.scoring.soft_step import SOFTNESS, LevelStep, steps


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


@dataclass(frozen=True, slots=True)
class ExpectedShare:
    """What a score says before its interval is worked out: what ranks people, for a tenth of the work.

    `deviation` is that of the share of what was asked, levels rounded and skills taken as independent. It says, alike
    here and over a whole pool, which scores are too close to tell apart.
    """

    value: float
    deviation: float
    terms: tuple[Term, ...]


NOTHING_EXPECTED = ExpectedShare(value=0.0, deviation=0.0, terms=())
"""The expected share of what is asked by a need of which nothing is known that it asks."""


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
    asked = known_levels(mean, covariance, skills).asked(requirements)
    return with_interval(expected_share(asked, softness), asked, coverage, softness)


def share_deviation(
    mean: NDArray[np.floating],
    covariance: NDArray[np.floating],
    skills: Sequence[str],
    requirements: AsGiven[RequiredSkill],
    softness: float = SOFTNESS,
) -> float:
    """The standard deviation of the share of what was asked (`ExpectedShare.deviation`)."""
    return expected_share(known_levels(mean, covariance, skills).asked(requirements), softness).deviation


def expected_share(asked: AskedLevels, softness: float) -> ExpectedShare:
    """The expected share of what is asked, with its deviation and what each requirement adds, in their order."""
    return share_reaching(asked.requirements, asked.chances, softness)


def share_reaching(
    requirements: Sequence[RequiredSkill], chances: Sequence[Sequence[float]], softness: float
) -> ExpectedShare:
    """The same of somebody whose chances of reaching 1 to 4 are these, a row for each requirement."""
    of_each = [(one, steps(one.level, softness), row) for one, row in zip(requirements, chances, strict=True)]
    terms = tuple(_term(requirement, of_level, reaching) for requirement, of_level, reaching in of_each)
    variances = (requirement.weight**2 * _variance(of_level, reaching) for requirement, of_level, reaching in of_each)
    # Weights that sum to 1 may come to a little more, added up.
    value = min(sum(term.contribution for term in terms), 1.0)
    return ExpectedShare(value, math.sqrt(sum(variances)), terms)


def with_interval(expected: ExpectedShare, asked: AskedLevels, coverage: float, softness: float) -> Score:
    """The score of which this is the expected share, with the interval that holds at least `coverage`."""
    if not 0 < coverage < 1:
        raise ValueError(f"The coverage is {coverage}: give a number between 0 and 1.")
    low, high, held = interval_of_share(asked, expected.value, softness, coverage)
    return Score(expected.value, low, high, held, expected.terms)


def share_counted(of_level: Sequence[LevelStep], reaching: Sequence[float]) -> float:
    """How much of a requirement counts for somebody with these chances of reaching 1 to 4."""
    return sum(step.share * reaching[step.level - 1] for step in of_level)


def _term(requirement: RequiredSkill, of_level: Sequence[LevelStep], reaching: Sequence[float]) -> Term:
    share, probability = share_counted(of_level, reaching), reaching[requirement.level - 1]
    return Term(
        requirement.skill, requirement.level, requirement.weight, probability, share, requirement.weight * share
    )


def _variance(of_level: Sequence[LevelStep], reaching: Sequence[float]) -> float:
    """Of the share of one requirement: who reaches a step has reached those below it."""
    chances = [reaching[step.level - 1] for step in of_level]
    return sum(
        one.share * other.share * (min(p, q) - p * q)
        for one, p in zip(of_level, chances, strict=True)
        for other, q in zip(of_level, chances, strict=True)
    )
