"""Intervals hold the truth as often as they say, on programmes whose truth is known."""

import numpy as np
import pytest

from services.matching.domain.profiling import SkillProfiler
from tests.services.matching.domain.profiling.programme import Truth, simulate


def share_held(
    truth: Truth,
    *,
    rounded: bool,
    means: tuple[float, float],
    groups: int,
    programmes: int,
    notes: int = 24,
    skills: int = 12,
) -> float:
    """Share of all levels, over several programmes, that lie in their interval of 90 %."""
    random = np.random.default_rng(2026)
    held = []
    for _ in range(programmes):
        programme = simulate(
            random, truth=truth, groups=groups, notes=notes, skills=skills, means=means, rounded=rounded
        )
        book = SkillProfiler(programme.skills).fit(programme.columns).profiles_
        held.append(np.abs(book.mean - programme.levels) <= 1.6448536 * np.sqrt(book.variance))
    return float(np.mean(held))


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(
    ("truth", "means"),
    [
        (Truth(), (1.6, 2.6)),
        (Truth(halo=0.4, severity_variance=0.25), (1.6, 2.6)),
        (Truth(), (2.5, 3.3)),
        (Truth(halo=0.0), (1.6, 2.6)),
    ],
    ids=["usual", "strong halo and severity", "near the top of the scale", "no halo"],
)
def test_intervals_of_90_percent_hold_88_to_92_percent(truth: Truth, means: tuple[float, float], rounded: bool) -> None:
    held = share_held(truth, rounded=rounded, means=means, groups=10, programmes=6)
    assert 0.88 <= held <= 0.92


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.5, 0.7])
def test_whatever_skills_share_intervals_hold_88_to_92_percent(correlation: float) -> None:
    truth = Truth(correlation=correlation)
    held = share_held(truth, rounded=True, means=(1.6, 2.6), groups=8, programmes=6, skills=16)
    assert 0.88 <= held <= 0.92


def test_a_single_group_with_severe_raters_holds_what_it_says() -> None:
    truth = Truth(correlation=0.5, severity_variance=0.6)
    held = share_held(truth, rounded=True, means=(1.6, 2.6), groups=1, programmes=60, skills=16)
    assert 0.88 <= held <= 0.92


def test_people_are_ranked_better_where_the_model_knows_what_their_skills_share() -> None:
    programme = simulate(np.random.default_rng(6), truth=Truth(correlation=0.6), groups=20, notes=24, skills=12)
    apart = {}
    for person in (True, False):
        found = SkillProfiler(programme.skills, person=person).fit(programme.columns).profiles_.mean.mean(axis=1)
        apart[person] = np.corrcoef(found, programme.levels.mean(axis=1))[0, 1]
    assert apart[True] > apart[False]


@pytest.mark.parametrize("notes", [8, 24])
def test_intervals_of_a_single_group_of_fifteen_hold_88_to_92_percent(notes: int) -> None:
    held = share_held(Truth(), rounded=True, means=(1.6, 2.6), groups=1, programmes=40, notes=notes, skills=8)
    assert 0.88 <= held <= 0.92


def test_without_the_halo_in_the_model_a_persons_levels_seem_surer_together_than_they_are() -> None:
    programme = simulate(np.random.default_rng(4), truth=Truth(halo=0.5), groups=20, notes=24, skills=12)
    share = {}
    for halo in (True, False):
        book = SkillProfiler(programme.skills, halo=halo).fit(programme.columns).profiles_
        error = book.mean.mean(axis=1) - programme.levels.mean(axis=1)
        spread = np.array([np.sqrt(profile.covariance.mean()) for profile in book.values()])
        share[halo] = np.mean(np.abs(error) <= 1.6448536 * spread)
    assert share[True] > 0.86
    assert share[False] < 0.75


def test_severities_are_recovered_with_their_uncertainty() -> None:
    programme = simulate(np.random.default_rng(12), groups=60)
    profiler = SkillProfiler(programme.skills).fit(programme.columns)
    noted = np.array(profiler.components_.raters, dtype=int)
    truth = programme.severity[noted]
    assert np.corrcoef(profiler.components_.severity, truth)[0, 1] > 0.9
    standard = (profiler.components_.severity - truth) / np.sqrt(profiler.components_.severity_variance)
    assert 0.86 <= np.mean(np.abs(standard) <= 1.6448536) <= 0.94


def test_rounding_left_alone_would_shrink_people_and_lose_the_truth() -> None:
    programme = simulate(np.random.default_rng(13), groups=40, means=(2.6, 3.4), notes=24, skills=12, rounded=True)
    held, trait = {}, {}
    for rounded in (True, False):
        profiler = SkillProfiler(programme.skills, rounded=rounded).fit(programme.columns)
        book = profiler.profiles_
        held[rounded] = np.mean(np.abs(book.mean - programme.levels) <= 1.6448536 * np.sqrt(book.variance))
        trait[rounded] = profiler.variance_components_.trait.mean()
    assert held[True] > 0.88 > 0.86 > held[False]
    assert trait[True] == pytest.approx(0.35, rel=0.08)
    assert trait[False] < 0.3
