"""What would change a score: one level more in a skill, or the smallest raise that reaches a target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from services.matching.domain.records import AsGiven
from services.matching.domain.scoring.expected_share import expected_share, share_counted, share_reaching
from services.matching.domain.scoring.requirements import AskedLevels, RequiredSkill, chances_of, known_levels
from services.matching.domain.scoring.soft_step import HIGHEST_LEVEL, SOFTNESS, steps

_A_HAIR = 1e-9
"""Levels that a raise goes further, so that rounding cannot leave the score just under its target."""


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
    """What would change a score: one level more in each skill asked, and the smallest single change to a target.

    A level is the profile's, which all notes make together: a single note a level higher usually moves it by much less.
    """

    score: float
    one_level_more: tuple[Raise, ...]
    target: float | None
    smallest: Raise | None
    """The smallest raise of one skill that reaches the target; None without a target, when the score reaches it
    already, or when no single skill can reach it on the scale."""


def what_would_change(
    mean: NDArray[np.floating],
    covariance: NDArray[np.floating],
    skills: Sequence[str],
    requirements: AsGiven[RequiredSkill],
    target: float | None = None,
    softness: float = SOFTNESS,
) -> WhatWouldChange:
    """Say what one level more in each skill asked would give, and which smallest single raise reaches `target`.

    Raises stay on the scale: no mean level above 4 is proposed. The changes are true: the score computed again with the
    changed mean is the one named, and reaches the target where it says so.
    """
    if target is not None and not math.isfinite(target):
        raise ValueError(f"The target is {target}: give a score from 0 to 1, or None.")
    return changes_to(known_levels(mean, covariance, skills).asked(requirements), target, softness)


def changes_to(asked: AskedLevels, target: float | None, softness: float) -> WhatWouldChange:
    """The same of levels that were looked over already."""
    levels, deviations = asked.mean.tolist(), asked.deviations.tolist()
    value = expected_share(asked, softness).value

    def changed(index: int, level: float) -> Raise:
        raised = chances_of(level, deviations[index]).tolist()
        chances = [*asked.chances[:index], raised, *asked.chances[index + 1 :]]
        reaches = share_reaching(asked.requirements, chances, softness).value
        return Raise(asked.requirements[index].skill, level - levels[index], level, reaches)

    one_level_more = tuple(
        changed(index, min(level + 1.0, max(level, float(HIGHEST_LEVEL)))) for index, level in enumerate(levels)
    )
    smallest = None
    if target is not None and value < target:
        raised_to = [
            _level_adding(target - value, level, deviation, requirement, softness)
            for level, deviation, requirement in zip(levels, deviations, asked.requirements, strict=True)
        ]
        enough = (changed(index, level) for index, level in enumerate(raised_to) if level is not None)
        reaching = [change for change in enough if change.score >= target]
        smallest = min(reaching, key=lambda change: change.raised_by, default=None)
    return WhatWouldChange(value, one_level_more, target, smallest)


def _level_adding(
    missing: float, level: float, deviation: float, requirement: RequiredSkill, softness: float
) -> float | None:
    """The mean level at which one requirement alone adds `missing` to the score; None when it cannot on the scale."""
    of_level = steps(requirement.level, softness)

    def share(mean: float) -> float:
        return share_counted(of_level, chances_of(mean, deviation).tolist())

    counted = share(level)

    def beyond(raised: float) -> float:
        return requirement.weight * (share(raised) - counted) - missing

    if level >= HIGHEST_LEVEL or beyond(HIGHEST_LEVEL) < 0:
        return None
    return min(float(brentq(beyond, level, HIGHEST_LEVEL)) + _A_HAIR, float(HIGHEST_LEVEL))
