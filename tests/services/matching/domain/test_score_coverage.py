"""A score's interval holds the true share of what was asked as often as it says, on programmes whose truth is known."""

import numpy as np
import pytest

from services.matching.domain.profiling import SkillProfiler
from services.matching.domain.scoring import RequiredSkill, score
from services.matching.domain.scoring.soft_step import share_at
from tests.services.matching.domain.profiling.programme import Truth, simulate

NEEDS_A_PERSON = 2


def simulated(
    truth: Truth, *, rounded: bool, coverage: float, softness: float, most: int
) -> tuple[float, float, float]:
    """How often intervals held the true share, how often they said they would, and the mean of truth − score.

    Needs ask up to `most` skills.
    """
    random = np.random.default_rng(2026)
    held, said, gaps = [], [], []
    for _ in range(5):
        programme = simulate(random, truth=truth, groups=8, notes=24, skills=8, rounded=rounded)
        profiles = SkillProfiler(programme.skills).fit(programme.columns).profiles_
        for person, levels in enumerate(programme.levels):
            profile = profiles[person]
            for _ in range(NEEDS_A_PERSON):
                asked = _need(random, programme.skills, most)
                found = score(profile.mean, profile.covariance, profile.skills, asked, coverage, softness)
                true = sum(
                    one.weight * float(share_at(levels[programme.skills.index(one.skill)], one.level, softness))
                    for one in asked
                )
                held.append(found.low - 1e-9 <= true <= found.high + 1e-9)
                said.append(found.coverage)
                gaps.append(true - found.value)
    return float(np.mean(held)), float(np.mean(said)), float(np.mean(gaps))


def _need(random: np.random.Generator, skills: tuple[str, ...], most: int) -> list[RequiredSkill]:
    chosen = random.choice(len(skills), random.integers(min(3, most), most + 1), replace=False)
    weights = random.dirichlet(np.full(len(chosen), 4.0))
    return [
        RequiredSkill(skills[skill], int(random.choice([1, 2, 3])), float(weight))
        for skill, weight in zip(chosen, weights, strict=True)
    ]


@pytest.mark.parametrize("coverage", [0.8, 0.9])
@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(("softness", "most"), [(0.25, 5), (0.25, 1), (0.0, 5)], ids=["soft", "one skill", "hard"])
@pytest.mark.parametrize(
    "truth", [Truth(), Truth(halo=0.4, severity_variance=0.25)], ids=["usual", "strong halo and severity"]
)
def test_the_interval_covers_as_it_says(
    truth: Truth, rounded: bool, coverage: float, softness: float, most: int
) -> None:
    held, said, gap = simulated(truth, rounded=rounded, coverage=coverage, softness=softness, most=most)
    assert said >= coverage
    assert held == pytest.approx(said, abs=0.025)
    assert held >= coverage - 0.02
    assert abs(gap) < 0.025
