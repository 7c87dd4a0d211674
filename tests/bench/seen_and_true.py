"""A simulated programme as matching sees it and as it is, and needs to judge both by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.profiling import SkillProfiler, exceedance
from tests.services.matching.domain.profiling.programme import Truth, simulate

Floats = NDArray[np.float64]
Asked = list[tuple[int, float]]
"""What one need asks: features of the exceedance, with weights."""

SKILLS, NOTES, PEOPLE, RATERS = 16, 25, 15, 4
CERTAIN = 1e-9
"""The standard deviation of a level that is known, as good as none."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Exceedance features of everybody, (people, 4 × skills): as found from their notes, and as they are."""

    found: Floats
    true: Floats


def pool(random: np.random.Generator, groups: int, correlation: float = 0.3) -> Pool:
    """Groups of 15 with 4 raters each, 16 skills, 25 whole notes a person; skills of a person correlate."""
    programme = simulate(
        random,
        truth=Truth(correlation=correlation),
        groups=groups,
        people=PEOPLE,
        raters=RATERS,
        notes=NOTES,
        skills=SKILLS,
        rounded=True,
    )
    book = SkillProfiler(programme.skills).fit(programme.columns).profiles_
    found = exceedance(book.mean, np.sqrt(book.variance))
    true = exceedance(programme.levels, np.full(programme.levels.shape, CERTAIN))
    return Pool(found.reshape(len(found), -1), true.reshape(len(true), -1))


def needs(random: np.random.Generator, count: int) -> list[Asked]:
    """Needs that ask 3 to 5 skills, half of them at level 2."""
    return [_need(random) for _ in range(count)]


def _need(random: np.random.Generator) -> Asked:
    skills = random.choice(SKILLS, random.integers(3, 6), replace=False)
    levels = random.choice([2, 3, 4], len(skills), p=[0.5, 0.4, 0.1])
    weights = random.dirichlet(np.full(len(skills), 3.0))
    return [
        (int(skill * 4 + level - 1), float(weight))
        for skill, level, weight in zip(skills, levels, weights, strict=True)
    ]


def shares(features: Floats, asked: list[Asked]) -> Floats:
    """The share of what each need asks that each person has, (people, needs)."""
    return np.stack([sum(weight * features[:, feature] for feature, weight in need) for need in asked], axis=1)
