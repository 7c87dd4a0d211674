"""Notes to come are foreseen as the model says, and scikit-learn can validate, search, copy and keep the estimator."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_val_score

from services.matching.domain.profiling import Rating, SkillProfiler, WeakPriors
from services.matching.domain.profiling.person import further_notes
from tests.services.matching.domain.profiling.dense_model import DenseModel
from tests.services.matching.domain.profiling.programme import Programme, simulate

Columns = dict[str, NDArray[Any]]


def rows(columns: Columns, chosen: NDArray[Any]) -> Columns:
    return {name: column[chosen] for name, column in columns.items()}


def ratings_of(columns: Columns) -> list[Rating]:
    names = ("participant", "skill", "rater", "level")
    return [Rating(*row) for row in zip(*(columns[name].tolist() for name in names), strict=True)]


def foreseen(profiler: SkillProfiler, columns: Columns) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean and variance of each note."""
    found = [
        further_notes(
            profiler.profiles_.notes(note.participant) if note.participant in profiler.profiles_ else {},
            [(profiler.framework.index(note.skill), note.rater)],
            profiler.components_,
        )
        for note in ratings_of(columns)
    ]
    return np.concatenate([mean for mean, _ in found]), np.concatenate([variance for _, variance in found])


@pytest.fixture(scope="module")
def programme() -> Programme:
    return simulate(np.random.default_rng(5), groups=4, people=8, notes=10, skills=4, rounded=True)


def test_a_further_note_is_foreseen_as_by_conditioning_on_the_whole_programme() -> None:
    columns = simulate(np.random.default_rng(3), groups=2, people=8, notes=12, skills=3).columns
    held = np.arange(len(columns["level"])) % 8 == 0
    profiler = SkillProfiler(("S00", "S01", "S02"), priors=None).fit(rows(columns, ~held))
    found = profiler.variance_components_
    dense = DenseModel.of(columns, person=True, halo=True)
    V = dense.covariance(np.array([*found.trait, found.person, found.halo, found.severity, found.noise]))
    X, y, precision = dense.X[~held], dense.y[~held], np.linalg.inv(V[np.ix_(~held, ~held)])
    spread = np.linalg.inv(X.T @ precision @ X)
    means = spread @ X.T @ precision @ y
    gain = V[np.ix_(held, ~held)] @ precision
    left = dense.X[held] - gain @ X
    mean, variance = foreseen(profiler, rows(columns, held))
    np.testing.assert_allclose(mean, dense.X[held] @ means + gain @ (y - X @ means), atol=1e-6)
    expected = V[np.ix_(held, held)] - gain @ V[np.ix_(~held, held)] + left @ spread @ left.T
    np.testing.assert_allclose(variance, np.diagonal(expected), rtol=0.03)


def test_notes_fall_where_they_were_foreseen_and_as_far_from_it_as_was_said() -> None:
    columns = simulate(np.random.default_rng(17), groups=12, rounded=True).columns
    held = np.random.default_rng(1).random(len(columns["level"])) < 0.2
    profiler = SkillProfiler(tuple(f"S{skill:02d}" for skill in range(8))).fit(rows(columns, ~held))
    mean, variance = foreseen(profiler, rows(columns, held))
    levels = columns["level"].astype(float)
    standard = (levels[held] - mean) / np.sqrt(variance)
    # some 720 notes: four standard errors on either side
    assert abs(standard.mean()) < 0.15
    assert 0.79 < (standard**2).mean() < 1.21
    by_itself = np.mean(norm.logpdf(levels[held], mean, np.sqrt(variance)))
    assert profiler.score(rows(columns, held)) == pytest.approx(by_itself)
    everybody_alike = np.mean(norm.logpdf(levels[held], levels.mean(), levels.std()))
    assert by_itself > everybody_alike + 0.15


def test_whom_and_by_whom_less_is_known_is_foreseen_less_surely(programme: Programme) -> None:
    profiler = SkillProfiler(programme.skills).fit(programme.columns)
    person, rater = programme.columns["participant"][0].item(), programme.columns["rater"][0].item()
    asked = [Rating(person, "S00", rater, 2), Rating(person, "S00", "new", 2), Rating("new", "S00", "new", 2)]
    names = ("participant", "skill", "rater", "level")
    as_objects = {name: np.array([getattr(note, name) for note in asked], dtype=object) for name in names}
    _, variance = foreseen(profiler, as_objects)
    assert variance[0] < variance[1] < variance[2]


@pytest.mark.parametrize(
    "shape",
    [
        ratings_of,
        pd.DataFrame,
        lambda columns: pd.DataFrame(columns)[["participant", "skill", "rater", "level"]].to_numpy(),
        lambda columns: pd.DataFrame(columns).to_records(index=False),
    ],
    ids=["ratings", "data frame", "object array", "records"],
)
def test_cross_validation_scores_notes_that_each_fit_has_not_seen(
    programme: Programme, shape: Callable[[Columns], Any]
) -> None:
    profiler = SkillProfiler(programme.skills)
    folds = KFold(3, shuffle=True, random_state=0)
    by_hand = [
        clone(profiler).fit(rows(programme.columns, seen)).score(rows(programme.columns, unseen))
        for seen, unseen in folds.split(programme.columns["level"])
    ]
    scores = cross_val_score(profiler, shape(programme.columns), cv=folds, error_score="raise")
    np.testing.assert_allclose(scores, by_hand)


def test_people_nobody_has_seen_are_foreseen_less_well(programme: Programme) -> None:
    ratings, people = ratings_of(programme.columns), programme.columns["participant"]
    seen = cross_val_score(SkillProfiler(programme.skills), ratings, cv=KFold(4, shuffle=True, random_state=1))
    new = cross_val_score(SkillProfiler(programme.skills), ratings, groups=people, cv=GroupKFold(4))
    assert new.mean() < seen.mean()


def test_a_search_finds_priors_that_foresee_better_than_absurd_ones(programme: Programme) -> None:
    absurd = WeakPriors(noise=9.0, variance_weight=1e6)
    search = GridSearchCV(SkillProfiler(programme.skills), {"priors": ["weak", absurd]}, cv=3)
    assert search.fit(ratings_of(programme.columns)).best_params_ == {"priors": "weak"}


def test_a_copy_takes_the_parameters_and_a_kept_one_answers_the_same(programme: Programme) -> None:
    profiler = SkillProfiler(list(programme.skills), halo=False, priors=WeakPriors(noise=0.5)).fit(programme.columns)
    assert clone(profiler).get_params() == profiler.get_params()
    assert SkillProfiler().set_params(**profiler.get_params()).get_params() == profiler.get_params()
    kept = pickle.loads(pickle.dumps(profiler))  # noqa: S301  # written a line before
    assert kept.score(programme.columns) == profiler.score(programme.columns)
    np.testing.assert_array_equal(kept.transform(programme.columns), profiler.transform(programme.columns))


def test_transforming_gives_each_note_the_levels_of_its_participant(programme: Programme) -> None:
    profiler = SkillProfiler(programme.skills)
    given: Any = iter(ratings_of(programme.columns))
    levels = profiler.fit_transform(given)
    for row in (0, 57, 319):
        participant = programme.columns["participant"][row].item()
        np.testing.assert_array_equal(levels[row], profiler.profile(participant).mean)
    of_nobody = profiler.transform([Rating("nobody", "S00", "R", 4)])
    np.testing.assert_array_equal(of_nobody, [profiler.skill_means_])
    assert profiler.transform([]).shape == (0, 4)


def test_a_data_frame_becomes_one_of_levels_by_skill(programme: Programme) -> None:
    given = pd.DataFrame(programme.columns, index=range(1000, 1320))
    levels = SkillProfiler(programme.skills).set_output(transform="pandas").fit_transform(given)
    assert list(levels.columns) == list(programme.skills)
    assert levels.index.equals(given.index)


def test_scoring_nothing_or_before_a_fit_is_refused(programme: Programme) -> None:
    with pytest.raises(ValueError, match="a score needs one at least"):
        SkillProfiler(programme.skills).fit(programme.columns).score([])
    with pytest.raises(NotFittedError):
        SkillProfiler().score([Rating("P", "6D101", "R", 2)])
    with pytest.raises(NotFittedError):
        SkillProfiler().transform([Rating("P", "6D101", "R", 2)])
