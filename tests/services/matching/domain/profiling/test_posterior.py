"""One person's profile: exact under the model, the same by every way to it, honest where little is known."""

import json
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.profiling import (
    Components,
    Rating,
    SkillProfiler,
    VarianceComponents,
    WeakPriors,
    posterior,
)
from services.matching.domain.profiling.rounding import Scale
from tests.services.matching.domain.profiling.dense_model import DenseModel, levels_given
from tests.services.matching.domain.profiling.programme import Programme, simulate

SKILLS = ("listening", "order", "curiosity")


@pytest.fixture(scope="module")
def programme() -> Programme:
    return simulate(np.random.default_rng(21), groups=4, people=6, notes=9, skills=3)


@pytest.fixture(scope="module")
def profiler(programme: Programme) -> SkillProfiler:
    return SkillProfiler(programme.skills).fit(programme.columns)


def observations_of(columns: dict[str, Any], participant: int) -> list[Rating]:
    rows = zip(*(columns[name].tolist() for name in ("participant", "skill", "rater", "level")), strict=True)
    return [Rating(*row) for row in rows if row[0] == participant]


def test_profiles_are_the_best_linear_unbiased_predictions_of_the_whole_programme() -> None:
    programme = simulate(np.random.default_rng(3), groups=2, people=8, notes=12, skills=3)
    profiler = SkillProfiler(programme.skills, priors=None).fit(programme.columns)
    found = profiler.variance_components_
    dense = DenseModel.of(programme.columns, person=True, halo=True)
    variances = np.array([*found.trait, found.person, found.halo, found.severity, found.noise])
    for participant in range(16):
        mean, _ = dense.levels_of(programme.columns, participant, variances, person=found.person)
        profile = profiler.profile(participant)
        np.testing.assert_allclose(profile.mean, mean, atol=1e-6)
        # between raters, only what they share through the means is kept of their errors' correlation
        kept = dense.covariance_kept(programme.columns, participant, variances, person=found.person)
        np.testing.assert_allclose(profile.covariance, kept, rtol=1e-9, atol=1e-12)


def test_who_was_seen_by_one_rater_has_the_covariance_of_the_whole_programme() -> None:
    programme = simulate(np.random.default_rng(5), groups=6, people=4, raters=1, notes=12, skills=3)
    profiler = SkillProfiler(programme.skills, priors=None, halo=False).fit(programme.columns)
    found = profiler.variance_components_
    dense = DenseModel.of(programme.columns, person=True, halo=False)
    variances = np.array([*found.trait, found.person, found.severity, found.noise])
    for participant in range(24):
        mean, covariance = dense.levels_of(programme.columns, participant, variances, person=found.person)
        profile = profiler.profile(participant)
        np.testing.assert_allclose(profile.mean, mean, atol=1e-6)
        np.testing.assert_allclose(profile.covariance, covariance, rtol=1e-9, atol=1e-12)


def test_one_note_by_an_unknown_rater_gives_the_conditional_normal_worked_by_hand() -> None:
    priors = WeakPriors()
    components = Components.from_priors(SKILLS, priors)
    profile = posterior([Rating("P1", "order", "R1", 4.0)], components)
    people = priors.trait + priors.person
    note = people + priors.severity + priors.halo + priors.noise
    level = priors.mean_sd**2 + priors.skill_mean_sd**2 + people
    # the means are not re-estimated from one person: only what is theirs is learnt, of one skill and of all
    assert profile.own == pytest.approx([0, 2.0 * priors.trait / note, 0])
    assert profile.shared == pytest.approx(2.0 * priors.person / note)
    assert profile.mean == pytest.approx(2.0 + profile.own + profile.shared)
    assert profile.usual == pytest.approx(2.0)
    assert 0 < profile.covariance[1, 1] < level
    assert profile.covariance[1, 1] < profile.covariance[0, 0]
    low, high = profile.interval("order")
    assert high - low > 2
    assert profile.observations.tolist() == [0, 1, 0]


def test_somebody_never_noted_has_the_programmes_prior_and_is_shown_as_not_yet_seen(profiler: SkillProfiler) -> None:
    profile = profiler.profile("nobody")
    assert profile.not_yet_seen
    assert not any(profile.seen(skill) for skill in profile.skills)
    np.testing.assert_array_equal(profile.mean, profiler.skill_means_)
    assert not profile.own.any()
    assert profile.shared == 0
    seen = profiler.profile(0)
    assert not seen.not_yet_seen
    assert (np.diagonal(profile.covariance) >= np.diagonal(seen.covariance) - 1e-12).all()


def test_estimated_variances_widen_intervals_by_how_far_they_move_the_levels(profiler: SkillProfiler) -> None:
    components = profiler.components_
    notes = [Rating("P", "S00", 3, 4.0), Rating("P", "S01", 3, 1.0), Rating("P", "S00", "new", 2.5)]
    known = replace(components, variances_covariance=np.zeros_like(components.variances_covariance))
    columns = []
    for place in range(7):
        moved = []
        for sign in (1, -1):
            variances = np.array([*known.variances.trait, *astuple_of(known)])
            variances[place] += sign * 1e-5
            person, halo, noise, severity = variances[3:]
            shifted = VarianceComponents(variances[:3], person=person, severity=severity, halo=halo, noise=noise)
            moved.append(posterior(notes, replace(known, variances=shifted)).mean)
        columns.append((moved[0] - moved[1]) / 2e-5)
    drift = np.column_stack(columns)
    added = posterior(notes, components).covariance - posterior(notes, known).covariance
    np.testing.assert_allclose(added, 2 * drift @ components.variances_covariance @ drift.T, rtol=1e-4, atol=1e-9)
    assert (np.diagonal(added)[:2] > 0).all()


def astuple_of(components: Components) -> tuple[float, float, float, float]:
    """Person, halo, noise and severity, in the order of their covariance."""
    return (
        components.variances.person,
        components.variances.halo,
        components.variances.noise,
        components.variances.severity,
    )


def test_the_columns_of_all_profiles_are_those_of_each(profiler: SkillProfiler) -> None:
    book = profiler.profiles_
    assert len(book) == len(book.participants) == 24
    for row, participant in enumerate(book.participants):
        np.testing.assert_allclose(book[participant].mean, book.mean[row], atol=1e-12)
        np.testing.assert_allclose(np.diagonal(book[participant].covariance), book.variance[row], atol=1e-12)


def test_stored_components_read_a_persons_notes_as_the_fit_did(programme: Programme, profiler: SkillProfiler) -> None:
    stored = Components.from_dict(json.loads(json.dumps(profiler.components_.to_dict())))
    for participant in range(5):
        alone = posterior(observations_of(programme.columns, participant), stored)
        together = profiler.profile(participant)
        np.testing.assert_allclose(alone.mean, together.mean, rtol=1e-12)
        np.testing.assert_allclose(alone.covariance, together.covariance, rtol=1e-12, atol=1e-15)
        np.testing.assert_array_equal(alone.raters, together.raters)


def test_notes_of_whole_levels_are_stored_and_read_on_the_scale_of_levels() -> None:
    programme = simulate(np.random.default_rng(9), groups=4, rounded=True)
    profiler = SkillProfiler(programme.skills).fit(programme.columns)
    assert (profiler.components_.scale.stretch > 1).all()
    stored = Components.from_dict(profiler.components_.to_dict())
    alone = posterior(observations_of(programme.columns, 3), stored)
    np.testing.assert_allclose(alone.mean, profiler.profiles_.mean[3], rtol=1e-12)


def test_five_notes_by_one_rater_weigh_less_than_five_by_five() -> None:
    components = Components.from_priors(SKILLS, WeakPriors())
    by_one = posterior([Rating("P1", "order", "R1", 3.0)] * 5, components)
    by_five = posterior([Rating("P1", "order", f"R{number}", 3.0) for number in range(5)], components)
    assert by_one.covariance[1, 1] > 1.05 * by_five.covariance[1, 1]
    assert by_one.mean[1] < by_five.mean[1]
    assert by_one.raters[1] == 1
    assert by_five.raters[1] == 5


def test_a_severe_raters_notes_count_for_more_than_they_say() -> None:
    random = np.random.default_rng(17)
    severities = {"lenient": 0.8, "fair": 0.0, "severe": -0.8}
    notes = [
        Rating(person, SKILLS[person % 3], rater, 2 + severity + random.normal(0, 0.3))
        for person in range(60)
        for rater, severity in severities.items()
    ]
    profiler = SkillProfiler(SKILLS).fit(notes)
    found = profiler.rater_severity_
    assert found["lenient"] > found["fair"] > found["severe"]
    same_note = {
        rater: profiler.update([Rating(rater, "order", rater, 2.0)]).profile(rater).mean[1] for rater in severities
    }
    assert same_note["severe"] > same_note["fair"] > same_note["lenient"]


def test_an_update_touches_only_those_it_names_and_equals_reading_all_their_notes(programme: Programme) -> None:
    profiler = SkillProfiler(programme.skills).fit(programme.columns)
    before = {participant: profiler.profile(participant).mean for participant in range(24)}
    new = [
        Rating(2, "S01", 5, 3.0),
        Rating(2, "S01", "new rater", 4.0),
        Rating("newcomer", "S00", 5, 1.0),
    ]
    profiler.update(new)
    expected = posterior([*observations_of(programme.columns, 2), *new[:2]], profiler.components_)
    np.testing.assert_allclose(profiler.profile(2).mean, expected.mean)
    np.testing.assert_allclose(profiler.profile(2).covariance, expected.covariance)
    assert len(profiler.profiles_) == 25
    assert list(profiler.profiles_)[-1] == "newcomer"
    for participant in set(range(24)) - {2}:
        np.testing.assert_array_equal(profiler.profile(participant).mean, before[participant])


def test_a_correction_and_a_retraction_leave_no_trace(programme: Programme) -> None:
    profiler = SkillProfiler(programme.skills).fit(programme.columns)
    before = profiler.profile(4)
    wrong, right = Rating(4, "S02", 3, 0.0), Rating(4, "S02", 3, 3.0)
    profiler.update([wrong])
    assert profiler.profile(4).mean[2] < before.mean[2]
    profiler.update([right], retracted=[wrong])
    np.testing.assert_allclose(
        profiler.profile(4).mean,
        posterior([*observations_of(programme.columns, 4), right], profiler.components_).mean,
    )
    profiler.update([], retracted=[right])
    np.testing.assert_allclose(profiler.profile(4).mean, before.mean, atol=1e-12)
    np.testing.assert_array_equal(profiler.profile(4).observations, before.observations)


def test_retracting_what_was_never_noted_is_refused_and_changes_nothing(programme: Programme) -> None:
    profiler = SkillProfiler(programme.skills).fit(programme.columns)
    before = profiler.profile(1)
    with pytest.raises(ValueError, match=r"never made: S00 of 1 by 'nobody', level 4"):
        profiler.update([Rating(1, "S00", 1, 4.0)], retracted=[Rating(1, "S00", "nobody", 4.0)])
    np.testing.assert_array_equal(profiler.profile(1).mean, before.mean)


def test_a_retraction_at_another_level_than_was_noted_is_refused_and_changes_nothing() -> None:
    notes = [Rating("P", "order", "R", 3.0), Rating("P", "order", "R", 4.0)]
    profiler = SkillProfiler(SKILLS).fit(notes)
    before = profiler.profile("P").mean
    with pytest.raises(ValueError, match=r"never made: order of 'P' by 'R', level 1$"):
        profiler.update([], retracted=[Rating("P", "order", "R", 1.0)])
    with pytest.raises(ValueError, match=r"never made: order of 'P' by 'R', level 3$"):
        profiler.update([], retracted=[notes[0], notes[0]])
    np.testing.assert_array_equal(profiler.profile("P").mean, before)
    left = profiler.update([], retracted=notes[:1]).profile("P")
    np.testing.assert_allclose(left.mean, posterior(notes[1:], profiler.components_).mean, rtol=1e-12)


def test_everything_retracted_is_the_prior_again(programme: Programme) -> None:
    profiler = SkillProfiler(programme.skills).fit(programme.columns)
    profiler.update([], retracted=observations_of(programme.columns, 7))
    assert profiler.profile(7).not_yet_seen
    np.testing.assert_allclose(profiler.profile(7).mean, profiler.skill_means_)


note = st.builds(
    Rating,
    st.just("P"),
    st.sampled_from(SKILLS),
    st.sampled_from(["R1", "R2", "R3"]),
    st.integers(0, 4).map(float),
)


@given(st.lists(note, max_size=12), st.randoms())
def test_laws_of_every_profile(notes: list[Rating], random: Any) -> None:
    components = Components.from_priors(SKILLS, WeakPriors())
    profile = posterior(notes, components)
    assert (np.linalg.eigvalsh(profile.covariance) > 0).all()
    assert profile.observations.sum() == len(notes)
    assert (profile.raters <= profile.observations).all()
    assert ((profile.mean > 0) & (profile.mean < 4)).all()
    # Where the variances are known, a note never widens an interval; what their estimate leaves open can.
    known = replace(components, variances_covariance=np.zeros_like(components.variances_covariance))
    narrowed, open_still = (np.diagonal(posterior(of, known).covariance) for of in (notes, []))
    assert (narrowed <= open_still + 1e-12).all()
    exceedance = profile.exceedance()
    assert exceedance.shape == (3, 4)
    assert (np.diff(exceedance, axis=1) <= 0).all()
    assert ((exceedance >= 0) & (exceedance <= 1)).all()
    shuffled = random.sample(notes, len(notes))
    assert posterior(shuffled, components).mean.tobytes() == profile.mean.tobytes()


by_anybody = st.builds(
    Rating, st.just("P"), st.sampled_from(SKILLS), st.sampled_from(["R1", "R2", "new", "newer"]), st.floats(0, 4)
)
variance = st.one_of(st.just(0.0), st.floats(0.01, 2))


@given(
    st.lists(by_anybody, max_size=14),
    st.lists(variance, min_size=6, max_size=6),
    st.floats(0.05, 2),
    st.integers(0, 2**32 - 1),
)
def test_a_profile_is_what_conditioning_on_every_note_gives(
    notes: list[Rating], variances: list[float], noise: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    root = random.normal(0, 0.3, (3, 3))
    known = Components(
        skills=SKILLS,
        scale=Scale(random.normal(0, 0.3, 3), random.uniform(1, 2, 3)),
        variances=VarianceComponents(np.array(variances[:3]), variances[3], variances[4], variances[5], noise),
        variances_covariance=np.zeros((7, 7)),
        means=random.normal(2, 0.5, 3),
        means_covariance=root @ root.T,
        raters=("R1", "R2"),
        severity=random.normal(0, 0.5, 2),
        own_variance=random.uniform(0, 0.2, 2),
        slope=random.normal(-0.3, 0.1, (2, 3)),
    )
    mean, covariance = levels_given(notes, known, known.means, known.severity)
    # levels are linear in means and severities: what a step of one does to them is how they follow it
    by_means = np.column_stack(
        [levels_given(notes, known, known.means + e, known.severity + known.slope @ e)[0] - mean for e in np.eye(3)]
    )
    by_rater = np.column_stack(
        [levels_given(notes, known, known.means, known.severity + e)[0] - mean for e in np.eye(2)]
    )
    covariance = covariance + by_means @ known.means_covariance @ by_means.T
    covariance += (by_rater * known.own_variance) @ by_rater.T
    profile = posterior(notes, known)
    np.testing.assert_allclose(profile.mean, mean, atol=1e-8)
    np.testing.assert_allclose(profile.covariance, covariance, atol=1e-8)
    np.testing.assert_allclose(profile.usual, known.means, atol=1e-8)


def test_the_room_for_one_persons_profile_grows_with_their_raters_not_with_the_square() -> None:
    raters = [f"R{rater}" for rater in range(2_500)]
    known = Components.from_priors(SKILLS, WeakPriors())
    known = replace(
        known,
        raters=tuple(raters[::2]),
        severity=np.zeros(1_250),
        own_variance=np.ones(1_250),
        slope=np.zeros((1_250, 3)),
    )
    room = {}
    for count in (250, 2_500):
        notes = [Rating("P", skill, rater, 2.0) for rater in raters[:count] for skill in SKILLS]
        posterior(notes, known)
        tracemalloc.start()
        posterior(notes, known)
        room[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert room[2_500] < 20 * room[250]  # tables grow by doubling; a square would be a hundredfold


def test_a_profile_never_shows_a_level_off_the_scale() -> None:
    components = replace(Components.from_priors(SKILLS, WeakPriors()), means=np.array([-0.3, 2.0, 4.4]))
    profile = posterior([], components)
    assert profile.shown("listening")[:2] == (0.0, 0.0)
    assert profile.shown("curiosity")[::2] == (4.0, 4.0)
    assert profile.shown("order") == (2.0, *np.clip(profile.interval("order"), 0, 4))


def test_exceedance_and_interval_are_those_of_the_normal_distribution() -> None:
    components = Components.from_priors(SKILLS, WeakPriors(mean=2.5))
    profile = posterior([], components)
    assert profile.exceedance()[0, 2] == pytest.approx(0.5)  # level 3 begins at 2.5
    low, high = profile.interval("order", coverage=0.6826894921370859)
    assert (high - low) / 2 == pytest.approx(profile.standard_deviation[1])
    assert (high + low) / 2 == pytest.approx(2.5)
    with pytest.raises(ValueError, match="coverage"):
        profile.interval("order", coverage=1.0)
    with pytest.raises(ValueError, match="'juggling' is not in this framework"):
        profile.seen("juggling")


def test_unknown_skills_and_levels_that_are_no_numbers_are_refused() -> None:
    components = Components.from_priors(SKILLS, WeakPriors())
    with pytest.raises(ValueError, match="'juggling' is not in the framework"):
        posterior([Rating("P", "juggling", "R", 2.0)], components)
    with pytest.raises(ValueError, match="finite"):
        posterior([Rating("P", "order", "R", float("nan"))], components)
