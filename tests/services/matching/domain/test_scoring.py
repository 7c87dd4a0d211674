"""The score is the expected share of what was asked; its terms add up, its interval covers, its changes are true."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.matching.domain.profiling import exceedance
from services.matching.domain.scoring import (
    RequiredSkill,
    Score,
    mutual_utility,
    score,
    what_would_change,
)
from services.matching.domain.scoring.soft_step import share_at

SKILLS = tuple(f"6D{number}" for number in range(101, 117))


@st.composite
def profiles(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    root = random.normal(0, 0.3, (16, 16)) / 4 + np.diag(random.uniform(0.1, 0.8, 16))
    return random.uniform(-0.2, 4.2, 16), root @ root.T


softnesses = st.sampled_from([0.0, 0.1, 0.25, 0.5])


@st.composite
def needs(draw: st.DrawFn) -> tuple[RequiredSkill, ...]:
    skills = draw(st.lists(st.sampled_from(SKILLS), min_size=1, max_size=6, unique=True))
    shares = draw(st.lists(st.integers(1, 50), min_size=len(skills), max_size=len(skills)))
    levels = draw(st.lists(st.integers(1, 4), min_size=len(skills), max_size=len(skills)))
    return tuple(
        RequiredSkill(skill, level, share / sum(shares))
        for skill, level, share in zip(skills, levels, shares, strict=True)
    )


def one_skill(mean: float, deviation: float, softness: float = 0.25) -> Score:
    """Level 3 asked of one skill, whose level is known so far."""
    asked = [RequiredSkill("6D101", 3, 1.0)]
    return score(np.array([mean]), np.array([[deviation**2]]), ("6D101",), asked, softness=softness)


def test_one_skill_known_to_be_at_the_edge_is_an_even_chance() -> None:
    assert one_skill(2.5, 0.7).value == pytest.approx(0.5)
    assert one_skill(2.5, 0.7, softness=0.0).value == pytest.approx(0.5)


def test_the_interval_of_one_skill_tells_how_well_its_level_is_known() -> None:
    poorly, better, well = (one_skill(2.5, deviation) for deviation in (0.6, 0.4, 0.2))
    assert 0.1 < poorly.low < better.low < well.low < 0.5 < well.high < better.high < poorly.high < 0.9


@given(st.floats(0, 4), st.floats(0.3, 1.2), softnesses)
def test_the_interval_of_one_skill_is_what_the_ends_of_its_levels_interval_count(
    mean: float, deviation: float, softness: float
) -> None:
    found = one_skill(mean, deviation, softness)
    ends = np.array([mean - 1.6448536 * deviation, mean + 1.6448536 * deviation])
    low, high = share_at(ends, 3, softness)
    assert (found.low, found.high) == pytest.approx((min(low, found.value), max(high, found.value)), abs=0.002)
    assert found.coverage >= 0.9


def test_levels_that_are_known_give_the_share_itself() -> None:
    asked = [RequiredSkill("6D101", 3, 0.7), RequiredSkill("6D102", 2, 0.3)]
    found = score(np.array([3.0, 1.0]), np.zeros((2, 2)), ("6D101", "6D102"), asked)
    assert (found.value, found.low, found.high) == pytest.approx((0.6, 0.6, 0.6))
    assert found.coverage == 1


@given(profiles(), needs())
def test_the_terms_sum_to_the_score_and_the_interval_holds_it(
    profile: tuple[NDArray[np.float64], NDArray[np.float64]], asked: tuple[RequiredSkill, ...]
) -> None:
    found = score(*profile, SKILLS, asked)
    assert found.value == min(sum(term.contribution for term in found.terms), 1.0)
    assert all(term.contribution == term.weight * term.share for term in found.terms)
    assert 0 <= found.low <= found.value <= found.high <= 1
    probabilities = exceedance(profile[0], np.sqrt(np.diag(profile[1])))
    for term in found.terms:
        assert term.probability == pytest.approx(probabilities[SKILLS.index(term.skill), term.level - 1], abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(profiles(), needs(), st.sampled_from([0.5, 0.8, 0.9, 0.95]), softnesses)
def test_the_interval_holds_the_true_share_as_often_as_it_says(
    profile: tuple[NDArray[np.float64], NDArray[np.float64]],
    asked: tuple[RequiredSkill, ...],
    coverage: float,
    softness: float,
) -> None:
    found = score(*profile, SKILLS, asked, coverage, softness)
    levels = np.random.default_rng(1).multivariate_normal(*profile, size=20_000)
    shares = sum(one.weight * share_at(levels[:, SKILLS.index(one.skill)], one.level, softness) for one in asked)
    held = np.mean((shares >= found.low - 1e-9) & (shares <= found.high + 1e-9))
    assert found.coverage >= coverage - 1e-9
    assert held == pytest.approx(found.coverage, abs=0.015)  # both are simulated


def test_skills_that_go_together_widen_the_interval() -> None:
    asked = [RequiredSkill(skill, 2, 0.25) for skill in SKILLS[:4]]
    mean, apart = np.full(4, 2.0), 0.25 * np.eye(4)
    together = 0.25 * (0.95 * np.ones((4, 4)) + 0.05 * np.eye(4))
    narrow = score(mean, apart, SKILLS[:4], asked, 0.8)
    wide = score(mean, together, SKILLS[:4], asked, 0.8)
    assert narrow.value == pytest.approx(wide.value)
    assert wide.high - wide.low > narrow.high - narrow.low


def test_the_same_profile_always_gives_the_same_interval() -> None:
    random = np.random.default_rng(3)
    asked = [RequiredSkill(skill, 3, 0.2) for skill in SKILLS[:5]]
    mean, covariance = random.uniform(1, 4, 16), np.diag(random.uniform(0.1, 0.6, 16))
    assert score(mean, covariance, SKILLS, asked) == score(mean, covariance, SKILLS, asked)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([RequiredSkill("6D999", 2, 1.0)], "6D999"),
        ([RequiredSkill("6D101", 2, 0.5), RequiredSkill("6D101", 3, 0.5)], "twice"),
        ([RequiredSkill("6D101", 2, 0.5), RequiredSkill("6D102", 3, 0.6)], "1.1"),
    ],
    ids=["unknown skill", "asked twice", "weights"],
)
def test_a_need_that_cannot_be_scored_is_refused(asked: list[RequiredSkill], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        score(np.zeros(16), np.eye(16), SKILLS, asked)


@pytest.mark.parametrize(("level", "weight"), [(0, 1.0), (5, 1.0), (2, -0.1), (2, math.nan)])
def test_an_impossible_requirement_is_refused(level: int, weight: float) -> None:
    with pytest.raises(ValueError, match="6D101"):
        RequiredSkill("6D101", level, weight)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 1))
def test_mutual_utility_lies_between_score_and_liking_and_ranks_as_the_kernel_does(
    s: float, v: float, alpha: float
) -> None:
    utility = mutual_utility(s, v, alpha)
    assert min(s, v) - 1e-12 <= utility <= max(s, v) + 1e-12
    if v > 0:
        assert utility == pytest.approx((s * v ** ((1 - alpha) / alpha)) ** alpha, abs=1e-9)


def test_never_is_never_whatever_the_score() -> None:
    assert mutual_utility(1.0, 0.0, alpha=1.0) == 0.0
    with pytest.raises(ValueError, match="Alpha"):
        mutual_utility(0.5, 0.5, alpha=0.0)


def changed_score(
    profile: tuple[NDArray[np.float64], NDArray[np.float64]],
    asked: tuple[RequiredSkill, ...],
    skill: str,
    mean: float,
    softness: float,
) -> Score:
    raised = profile[0].copy()
    raised[SKILLS.index(skill)] = mean
    return score(raised, profile[1], SKILLS, asked, softness=softness)


@given(profiles(), needs(), softnesses)
def test_one_level_more_is_what_it_says(
    profile: tuple[NDArray[np.float64], NDArray[np.float64]], asked: tuple[RequiredSkill, ...], softness: float
) -> None:
    now = score(*profile, SKILLS, asked, softness=softness).value
    told = what_would_change(*profile, SKILLS, asked, softness=softness)
    assert told.score == now
    for change in told.one_level_more:
        assert change.score == changed_score(profile, asked, change.skill, change.mean, softness).value
        assert change.mean == pytest.approx(profile[0][SKILLS.index(change.skill)] + change.raised_by)
        assert now <= change.score
        assert 0 <= change.raised_by <= 1 + 1e-9


@given(profiles(), needs(), st.floats(0.01, 0.99), softnesses)
def test_the_smallest_change_reaches_the_target_and_less_does_not(
    profile: tuple[NDArray[np.float64], NDArray[np.float64]],
    asked: tuple[RequiredSkill, ...],
    target: float,
    softness: float,
) -> None:
    told = what_would_change(*profile, SKILLS, asked, target, softness)
    assume(told.smallest is not None and told.smallest.raised_by > 1e-6)
    assert told.score < target
    smallest = told.smallest
    assert smallest is not None
    assert changed_score(profile, asked, smallest.skill, smallest.mean, softness).value >= target
    for one in asked:
        less = profile[0][SKILLS.index(one.skill)] + smallest.raised_by * 0.999 - 1e-8
        assert less > 4 or changed_score(profile, asked, one.skill, less, softness).value < target


@given(profiles(), needs())
def test_nothing_is_proposed_that_the_scale_does_not_allow(
    profile: tuple[NDArray[np.float64], NDArray[np.float64]], asked: tuple[RequiredSkill, ...]
) -> None:
    told = what_would_change(*profile, SKILLS, asked, target=1.0)
    assert told.smallest is None or told.smallest.mean <= 4
    reached = what_would_change(*profile, SKILLS, asked, target=0.0)
    assert reached.smallest is None
