"""The mixed-model equations: alike by pairs and by ties, exactly and with probes, and linear in one person's raters."""

import warnings

import numpy as np
import pytest
from scipy.linalg import hadamard
from sklearn.exceptions import ConvergenceWarning

from services.matching.domain.profiling import Rating, SkillProfiler
from services.matching.domain.profiling.absorption import Variances
from services.matching.domain.profiling.cells import Notebook, take_down
from services.matching.domain.profiling.equations import DenseEquations, MeanPrior, SparseEquations, pattern_of
from services.matching.domain.profiling.score import score
from services.matching.domain.profiling.survey import survey
from tests.services.matching.domain.profiling.programme import simulate, skill_codes

SKILLS = 5
VARIANCES = Variances(np.array([0.5, 0.0, 0.2, 0.4, 0.3]), person=0.2, halo=0.15, noise=0.4)
SEVERITY = 0.1
PRIOR = MeanPrior(np.eye(SKILLS), np.full(SKILLS, 2.0))


@pytest.fixture(scope="module")
def notebook() -> Notebook:
    programme = simulate(np.random.default_rng(8), groups=4, people=9, raters=5, notes=12, skills=SKILLS)
    return take_down(programme.columns, programme.skills)


@pytest.mark.parametrize("most", [0, 3, 4])
def test_raters_of_one_person_are_told_alike_by_pairs_and_by_ties(notebook: Notebook, most: int) -> None:
    raters = len(notebook.raters)
    probes = np.random.default_rng(1).choice((-1.0, 1.0), size=(SKILLS + raters, 3))
    matrices, images, diagonals = [], [], []
    for seen_by in (raters, most):
        pattern = pattern_of(notebook.cells, raters, SKILLS, most=seen_by)
        surveyed = survey(notebook.cells, VARIANCES, pattern)
        sparse = SparseEquations(surveyed, pattern, SEVERITY, PRIOR, probes)
        matrices.append(DenseEquations(surveyed, pattern, SEVERITY, PRIOR).matrix)
        images.append(sparse.times(probes))
        diagonals.append(sparse.severity_diagonal)
    assert pattern.tie_columns.size
    np.testing.assert_allclose(matrices[1], matrices[0], atol=1e-9)
    np.testing.assert_allclose(images[1], matrices[0] @ probes, atol=1e-9)
    np.testing.assert_allclose(diagonals[1], np.diagonal(matrices[0])[SKILLS:], atol=1e-9)
    np.testing.assert_allclose(images[0], images[1], atol=1e-9)


def test_probes_that_are_orthogonal_give_the_exact_traces(notebook: Notebook) -> None:
    raters = len(notebook.raters)
    pattern = pattern_of(notebook.cells, raters, SKILLS, most=3)
    surveyed = survey(notebook.cells, VARIANCES, pattern)
    exact = DenseEquations(surveyed, pattern, SEVERITY, PRIOR).solution(None)
    probes = hadamard(32)[: SKILLS + raters].astype(np.float64)
    sampled = SparseEquations(surveyed, pattern, SEVERITY, PRIOR, probes).solution(None)
    np.testing.assert_allclose(sampled.coefficients, exact.coefficients, rtol=1e-8)
    assert sampled.severity_trace == pytest.approx(exact.severity_trace, rel=1e-8)
    of_exact, of_sampled = (
        score(notebook.cells, VARIANCES, one.coefficients, one.exact, one.solved, one.probes)
        for one in (exact, sampled)
    )
    np.testing.assert_allclose(of_sampled.uncertainty, of_exact.uncertainty, rtol=1e-7)
    np.testing.assert_allclose(of_sampled.squares, of_exact.squares, rtol=1e-7)


def test_what_is_held_of_one_person_grows_with_their_raters_not_with_the_square() -> None:
    held = {}
    for raters in (500, 1000):
        one = take_down([Rating("P", "S00", rater, 2.0) for rater in range(raters)], skill_codes(SKILLS))
        pattern = pattern_of(one.cells, raters, SKILLS, most=128)
        held[raters] = len(pattern.columns) + len(pattern.tie_columns)
    assert held[1000] == 2 * held[500]


def test_a_person_of_hundreds_of_raters_who_agree_on_nothing_lets_the_fit_come_to_rest() -> None:
    random = np.random.default_rng(3)
    programme = simulate(random, groups=100, people=6, raters=4, notes=8, skills=SKILLS, rounded=True)
    raters = np.repeat(np.arange(300), SKILLS)
    poisoned = {
        "participant": np.full(len(raters), 10_000),
        "rater": raters,
        "skill": np.tile(np.array(programme.skills), 300),
        "level": random.integers(0, 5, len(raters)).astype(float),
    }
    columns = {name: np.concatenate([column, poisoned[name]]) for name, column in programme.columns.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        SkillProfiler(programme.skills, exact_raters=0).fit(columns)
