"""Whole notes are read back to the levels they were rounded from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from services.matching.domain.profiling import SkillProfiler
from services.matching.domain.profiling.rounding import LEAST_SLOPE, Scale
from tests.services.matching.domain.profiling.programme import simulate, skill_codes

MANY = 10_000_000.0


def moments(centre: float, deviation: float) -> tuple[float, float]:
    """Mean and variance of a normal level once rounded to 0..4."""
    edges = np.array([-np.inf, 0.5, 1.5, 2.5, 3.5, np.inf])
    share = np.diff(norm.cdf(edges, centre, deviation))
    mean = share @ np.arange(5)
    return float(mean), float(share @ (np.arange(5) - mean) ** 2)


@given(
    st.lists(st.floats(0.3, 3.7), min_size=1, max_size=6),
    st.floats(0.4, 1.6),
)
def test_moments_of_rounded_levels_lead_back_to_the_levels(centres: list[float], deviation: float) -> None:
    found = [moments(centre, deviation) for centre in centres]
    means = np.array([mean for mean, _ in found])
    notes = np.full(len(centres), MANY)
    scale = Scale.of_whole_notes(notes, means, MANY * sum(variance for _, variance in found))
    # the mean note is read as the mean level, and a note's slope on the level is undone
    np.testing.assert_allclose(scale.shift + scale.stretch * means, centres, atol=1e-3)
    slopes = [
        (moments(centre + 1e-4, deviation)[0] - moments(centre - 1e-4, deviation)[0]) / 2e-4 for centre in centres
    ]
    np.testing.assert_allclose(scale.stretch, 1 / np.maximum(slopes, LEAST_SLOPE), rtol=1e-3)


def test_covariances_of_stretched_notes_are_those_of_the_levels() -> None:
    random = np.random.default_rng(3)
    person = random.normal(3.0, 0.7, 400_000)
    notes = [np.clip(np.rint(person + random.normal(0, 0.7, 400_000)), 0, 4) for _ in range(2)]
    scale = Scale.of_whole_notes(
        np.array([800_000.0]), np.array([np.mean(notes)]), float(np.sum((notes - np.mean(notes)) ** 2))
    )
    levels = [scale.shift[0] + scale.stretch[0] * note for note in notes]
    assert np.cov(levels[0], person)[0, 1] == pytest.approx(0.49, rel=0.01)
    assert np.cov(notes[0], person)[0, 1] < 0.45
    assert np.mean(levels) == pytest.approx(3.0, abs=0.01)


@pytest.mark.parametrize("level", [0.0, 2.0, 4.0])
def test_a_single_note_is_not_blown_up(level: float) -> None:
    scale = Scale.of_whole_notes(np.array([1.0, 0.0]), np.array([level, 0.0]), 0.0)
    assert ((scale.stretch >= 1) & (scale.stretch < 2)).all()
    assert -1 < scale.shift[0] + scale.stretch[0] * level < 5.5


@pytest.mark.parametrize("raters", [1, 3, 10])
@pytest.mark.parametrize(("end", "share"), [(4, 1.0), (4, 0.99), (4, 0.95), (0, 1.0), (0, 0.95)])
def test_a_group_noted_nearly_all_at_an_end_stays_there_and_on_the_scale(end: int, share: float, raters: int) -> None:
    random = np.random.default_rng(raters)
    people, skills = 15, 8
    participant, skill, rater = (axis.ravel() for axis in np.mgrid[:people, :skills, :raters])
    level = np.where(random.random(len(skill)) < share, end, abs(end - 1)).astype(float)
    columns = {"participant": participant, "skill": np.array(skill_codes(skills))[skill], "rater": rater}
    book = SkillProfiler(skill_codes(skills)).fit({**columns, "level": level}).profiles_
    towards = np.abs(book.mean - (4 - end))
    assert (towards > 2.0).all()
    assert (towards < 5.0).all()


def test_a_skill_always_noted_at_the_top_keeps_finite_sensible_levels() -> None:
    programme = simulate(np.random.default_rng(7), groups=3, skills=2, rounded=True)
    columns = dict(programme.columns)
    columns["level"] = np.where(columns["skill"] == "S00", 4.0, columns["level"])
    profiler = SkillProfiler(programme.skills).fit(columns)
    assert 3.5 < profiler.skill_means_[0] < 6
    assert np.isfinite(profiler.profiles_.mean).all()


def test_only_whole_notes_with_priors_are_taken_for_rounded() -> None:
    programme = simulate(np.random.default_rng(8), groups=3, rounded=True)
    halves = {**programme.columns, "level": programme.columns["level"].astype(float) / 2}
    assert (SkillProfiler(programme.skills).fit(programme.columns).components_.scale.stretch > 1).all()
    assert (SkillProfiler(programme.skills).fit(halves).components_.scale.stretch == 1).all()
    classical = SkillProfiler(programme.skills, priors=None).fit(programme.columns)
    assert (classical.components_.scale.stretch == 1).all()
