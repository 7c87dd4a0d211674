"""Variance components agree with those of others who fit the same model by other ways."""

import warnings
from collections.abc import Callable
from itertools import cycle
from typing import Any, Literal

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray

from services.matching.domain.profiling import Rating, SkillProfiler
from services.matching.domain.profiling import profiler as profiler_module
from services.matching.domain.profiling.cells import NoteCells, take_down
from services.matching.domain.profiling.equations import pattern_of
from tests.services.matching.domain.profiling.dense_model import DenseModel, indicators
from tests.services.matching.domain.profiling.programme import Truth, simulate, skill_codes


def crossed(
    random: np.random.Generator,
    participants: int,
    raters: int,
    skills: int,
    notes: int | None = None,
    halo: float = 0.0,
    person: float = 0.0,
) -> dict[str, NDArray[Any]]:
    """Notes of participants by raters: every one by every one, or a number drawn at random."""
    if notes is None:
        participant, rater = (axis.ravel() for axis in np.mgrid[:participants, :raters])
        skill = np.zeros(len(participant), dtype=int)
    else:
        participant = np.repeat(np.arange(participants), notes)
        rater = random.integers(0, raters, len(participant))
        skill = random.integers(0, skills, len(participant))
    level = (
        2
        + random.normal(0, 0.7, (participants, skills))[participant, skill]
        + random.normal(0, person, participants)[participant]
        + random.normal(0, 0.5, raters)[rater]
        + random.normal(0, halo, (participants, raters))[participant, rater]
        + random.normal(0, 0.6, len(participant))
    )
    return {"participant": participant, "skill": np.array(skill_codes(skills))[skill], "rater": rater, "level": level}


def variances_of(profiler: SkillProfiler) -> NDArray[np.float64]:
    found = profiler.variance_components_
    shared = [found.person] * profiler.person + [found.halo] * profiler.halo
    return np.array([*found.trait, *shared, found.severity, found.noise])


@pytest.mark.parametrize(
    ("participants", "raters", "skills", "notes", "halo", "person"),
    [
        (6, 4, 1, None, 0.0, 0.0),
        (12, 6, 1, None, 0.0, 0.0),
        (15, 5, 2, 7, 0.0, 0.0),
        (12, 4, 2, 8, 0.6, 0.0),
        (9, 6, 2, 10, 0.8, 0.0),
        (15, 5, 2, 9, 0.0, 0.8),
        (14, 4, 3, 14, 0.6, 0.7),
    ],
)
def test_components_equal_those_of_a_dense_fit(
    participants: int, raters: int, skills: int, notes: int | None, halo: float, person: float
) -> None:
    columns = crossed(np.random.default_rng(11), participants, raters, skills, notes, halo, person)
    # a variance that the notes hardly tell is found as well as the others only where both ways go on to the very top
    profiler = SkillProfiler(skill_codes(skills), person=person > 0, halo=halo > 0, priors=None, tolerance=1e-14)
    found = variances_of(profiler.fit(columns))
    dense = DenseModel.of(columns, person=person > 0, halo=halo > 0)
    # Of a variance that the notes hardly tell, processors differ in the fourth digit, a millionth of all variance.
    np.testing.assert_allclose(found, dense.reml(found * 1.3), rtol=1e-4, atol=1e-6 * found.sum())


def test_deviance_is_minus_twice_the_log_restricted_likelihood_up_to_a_constant() -> None:
    columns = crossed(np.random.default_rng(2), 15, 5, 2, 9, halo=0.5, person=0.5)
    classical = SkillProfiler(skill_codes(2), priors=None).fit(columns)
    without_halo = SkillProfiler(skill_codes(2), priors=None, halo=False).fit(columns)
    dense = DenseModel.of(columns, person=True, halo=True)
    of_both = dense.deviance(variances_of(classical))
    trait, severity_and_noise = np.split(variances_of(without_halo), [3])
    of_simpler = dense.deviance(np.array([*trait, 0.0, *severity_and_noise]))
    assert without_halo.deviance_ is not None
    assert classical.deviance_ is not None
    assert without_halo.deviance_ - classical.deviance_ == pytest.approx(of_simpler - of_both, abs=1e-6)
    assert of_simpler > of_both


def test_a_variance_that_the_data_deny_is_zero() -> None:
    random = np.random.default_rng(5)
    columns = crossed(random, 20, 5, 1)
    table = columns["level"].reshape(20, 5)
    columns["level"] = (table - table.mean(axis=0)).ravel()
    profiler = SkillProfiler(skill_codes(1), person=False, halo=False, priors=None).fit(columns)
    assert profiler.variance_components_.severity == 0.0
    np.testing.assert_allclose(list(profiler.rater_severity_.values()), 0.0, atol=1e-6)


@pytest.mark.parametrize(("targets", "judges"), [(6, 4), (40, 7)])
def test_balanced_tables_give_the_analysis_of_variance(targets: int, judges: int) -> None:
    random = np.random.default_rng(targets)
    table = random.normal(5, 1, (targets, 1)) + random.normal(0, 1, judges) + random.normal(0, 1, (targets, judges))
    centre, of_target, of_judge = table.mean(), table.mean(axis=1), table.mean(axis=0)
    between = judges * np.sum((of_target - centre) ** 2) / (targets - 1)
    judge = targets * np.sum((of_judge - centre) ** 2) / (judges - 1)
    rest = table - of_target[:, np.newaxis] - of_judge + centre
    error = np.sum(rest**2) / ((targets - 1) * (judges - 1))
    participant, rater = (axis.ravel() for axis in np.mgrid[:targets, :judges])
    columns = {"participant": participant, "rater": rater, "skill": np.full(table.size, "S00"), "level": table.ravel()}
    found = SkillProfiler(skill_codes(1), person=False, halo=False, priors=None).fit(columns).variance_components_
    assert min(between, judge) > error
    expected = [(between - error) / judges, (judge - error) / targets, error]
    np.testing.assert_allclose([found.trait[0], found.severity, found.noise], expected, rtol=1e-5)


def test_components_equal_those_of_statsmodels_on_a_crossed_design() -> None:
    columns = crossed(np.random.default_rng(8), 40, 8, 1, notes=6)
    found = SkillProfiler(skill_codes(1), person=False, halo=False, priors=None).fit(columns).variance_components_
    everyone = np.zeros(len(columns["level"]))
    crossed_parts = {name: indicators(columns[name]) for name in ("participant", "rater")}
    parts = sm.regression.mixed_linear_model.VCSpec(
        list(crossed_parts),
        [[[f"{name}{column}" for column in range(part.shape[1])]] for name, part in crossed_parts.items()],
        [[part] for part in crossed_parts.values()],
    )
    model = sm.MixedLM(columns["level"], np.ones((len(everyone), 1)), everyone, exog_vc=parts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own numerical differences
        theirs = model.fit(reml=True, method="lbfgs", gtol=1e-10, maxiter=500)
    np.testing.assert_allclose([found.trait[0], found.severity, found.noise], [*theirs.vcomp, theirs.scale], rtol=2e-4)


@pytest.mark.parametrize("priors", ["weak", None])
def test_conjugate_gradients_with_estimated_traces_give_what_the_exact_way_gives(
    priors: Literal["weak"] | None,
) -> None:
    programme = simulate(np.random.default_rng(4), groups=60, skills=6)
    exact = SkillProfiler(programme.skills, priors=priors).fit(programme.columns)
    sampled = [
        SkillProfiler(programme.skills, priors=priors, exact_raters=0, random_state=seed).fit(programme.columns)
        for seed in range(8)
    ]

    def mean_of(what: Callable[[SkillProfiler], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Over the seeds, so that the chance of one choice of signs decides nothing."""
        return np.asarray(np.mean([what(one) for one in sampled], axis=0))

    np.testing.assert_allclose(mean_of(variances_of), variances_of(exact), rtol=0.01)
    np.testing.assert_allclose(mean_of(lambda one: one.skill_means_), exact.skill_means_, atol=1e-3)
    spread = np.sqrt(exact.components_.severity_variance)
    severity = mean_of(lambda one: one.components_.severity)
    np.testing.assert_array_less(np.abs(severity - exact.components_.severity), 0.05 * spread)
    np.testing.assert_allclose(mean_of(lambda one: one.profiles_.mean), exact.profiles_.mean, atol=0.01)
    np.testing.assert_allclose(mean_of(lambda one: one.profiles_.variance), exact.profiles_.variance, rtol=0.03)


@pytest.mark.parametrize("spread_of_the_some", [1.0, 0.0])
def test_a_climb_that_begins_with_some_of_very_many_people_ends_where_all_of_them_lead(
    monkeypatch: pytest.MonkeyPatch, spread_of_the_some: float
) -> None:
    programme = simulate(np.random.default_rng(9), groups=40, skills=4, truth=Truth(correlation=0.3))
    columns: dict[str, Any] = dict(programme.columns)
    # one in six is begun with: as noted, or so that they show no variance at all
    some = columns["participant"] % 6 == 0
    columns["level"] = np.where(some, 2 + spread_of_the_some * (columns["level"] - 2), columns["level"])
    straight = SkillProfiler(programme.skills).fit(columns)
    monkeypatch.setattr(profiler_module, "ENOUGH_TO_BEGIN", 100)
    begun = SkillProfiler(programme.skills).fit(columns)
    np.testing.assert_allclose(variances_of(begun), variances_of(straight), rtol=1e-5)
    np.testing.assert_allclose(begun.profiles_.mean, straight.profiles_.mean, atol=1e-5)
    assert begun.n_iter_ < straight.n_iter_ or not spread_of_the_some


def test_one_in_so_many_participants_are_those_whose_notes_are_taken_down() -> None:
    random = np.random.default_rng(12)
    notes = [
        Rating(f"P{person:03}", skill, f"R{random.integers(5)}", float(random.integers(5)))
        for person in random.integers(0, 40, 600)
        for skill in random.choice(skill_codes(6), 2)
    ]
    everybody = take_down(notes, skill_codes(6))
    chosen = everybody.participants[::7]
    some, expected = (
        everybody.of_every(7),
        take_down([one for one in notes if one.participant in chosen], skill_codes(6)),
    )
    assert (some.participants, some.notes) == (chosen, expected.notes)
    for mine, theirs in zip(some.cells, expected.cells, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(some.first, expected.first)
    np.testing.assert_array_equal(np.sort(some.levels), np.sort(expected.levels))
    np.testing.assert_allclose(some.spread_within_cells, expected.spread_within_cells)


def test_observations_in_another_order_give_the_same_fit_to_the_last_bit() -> None:
    programme = simulate(np.random.default_rng(6), groups=3, rounded=True)
    named = {**programme.columns, "rater": programme.columns["rater"].astype(str)}
    order = np.random.default_rng(7).permutation(len(named["level"]))
    first = SkillProfiler(programme.skills).fit(named)
    second = SkillProfiler(programme.skills).fit({name: column[order] for name, column in named.items()})
    assert first.components_.to_dict() == second.components_.to_dict()
    assert first.profiles_.mean.tobytes() == second.profiles_.mean.tobytes()
    assert first.profile(7).covariance.tobytes() == second.profile(7).covariance.tobytes()


AROUND_POWERS = [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537]
"""Where counts of eight, nine and sixteen bits would begin anew."""


@pytest.mark.parametrize("people", AROUND_POWERS)
def test_raters_who_share_any_number_of_people_are_linked(people: int) -> None:
    seen_by_both = np.tile(np.array([0, 1], dtype=np.int32), people)
    cells = NoteCells(
        start=2 * np.arange(people + 1),
        skill=np.zeros(2 * people, dtype=np.int32),
        rater=seen_by_both,
        weight=np.ones(2 * people),
        mean=np.ones(2 * people),
    )
    pattern = pattern_of(cells, 2, 1, most=2)
    assert pattern.row_start.tolist() == [0, 2, 3]
    assert pattern.columns.tolist() == [0, 1, 1]


@pytest.mark.parametrize("participants", [*AROUND_POWERS[:6], 65_536])
def test_any_number_of_people_may_be_seen_by_one_rater(participants: int) -> None:
    levels = zip(range(participants), cycle((2, 3)))
    notes = [Rating(person, "S00", "one rater", level) for person, level in levels]
    profiler = SkillProfiler(skill_codes(1)).fit(notes)
    assert profiler.skill_means_[0] == pytest.approx(2.5, abs=0.05)


def test_any_number_of_people_may_be_seen_by_two_raters() -> None:
    """Eight exact copies of a group of 32, by the same raters: 256 people whom any two raters share."""
    group = simulate(np.random.default_rng(3), groups=1, people=32, notes=40, rounded=True)
    copies = [{**group.columns, "participant": group.columns["participant"] + 32 * copy} for copy in range(8)]
    columns = {name: np.concatenate([copy[name] for copy in copies]) for name in group.columns}
    of_all = SkillProfiler(group.skills).fit(columns).skill_means_
    np.testing.assert_allclose(of_all, SkillProfiler(group.skills).fit(group.columns).skill_means_, atol=0.2)


def test_the_dyestuff_data_give_their_published_components() -> None:
    """Davies and Goldsmith 1972, fitted in Bates, lme4: variances 1764 between batches and 2451 within."""
    batches = {
        "A": (1545, 1440, 1440, 1520, 1580),
        "B": (1540, 1555, 1490, 1560, 1495),
        "C": (1595, 1550, 1605, 1510, 1560),
        "D": (1445, 1440, 1595, 1465, 1545),
        "E": (1595, 1630, 1515, 1635, 1625),
        "F": (1520, 1455, 1450, 1480, 1445),
    }
    notes = [Rating(batch, "yield", "one rater", grams) for batch, row in batches.items() for grams in row]
    profiler = SkillProfiler(("yield",), person=False, halo=False, priors=None).fit(notes)
    assert profiler.variance_components_.trait[0] == pytest.approx(1764.05, abs=0.01)
    assert profiler.variance_components_.noise == pytest.approx(2451.25, abs=0.01)
    assert profiler.skill_means_[0] == pytest.approx(1527.5)


def test_components_of_a_programme_are_recovered() -> None:
    truth = Truth(trait=0.5, severity_variance=0.15, halo=0.2, noise=0.3)
    programme = simulate(np.random.default_rng(1), truth=truth, groups=120, notes=24)
    profiler = SkillProfiler(programme.skills).fit(programme.columns)
    found = profiler.variance_components_
    np.testing.assert_allclose(found.trait, truth.trait * (1 - truth.correlation), rtol=0.1)
    assert found.person == pytest.approx(truth.trait * truth.correlation, rel=0.1)
    np.testing.assert_allclose([found.halo, found.noise], [truth.halo, truth.noise], rtol=0.05)
    assert found.severity == pytest.approx(truth.severity_variance, rel=0.2)
