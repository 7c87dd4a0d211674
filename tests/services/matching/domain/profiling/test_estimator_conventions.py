"""scikit-learn's own checks, on the estimator as it is and fed with the checks' tables."""

import subprocess
import sys
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted, validate_data

from services.matching.domain.profiling import ROME_4, Rating, SkillProfiler

SHAPE = "its tables have other columns than participant, skill, rater and level"
SKILLS = "its numbers are no skills of the framework"
OTHER_SHAPES = dict.fromkeys(
    (
        "check_fit_score_takes_y",
        "check_estimators_overwrite_params",
        "check_dont_overwrite_parameters",
        "check_estimators_fit_returns_self",
        "check_readonly_memmap_input",
        "check_estimators_dtypes",
        "check_dtype_object",
        "check_pipeline_consistency",
        "check_estimators_nan_inf",
        "check_estimators_pickle",
        "check_f_contiguous_array_estimator",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_fit2d_1sample",
        "check_dict_unchanged",
        "check_fit_idempotent",
        "check_fit_check_is_fitted",
        "check_n_features_in",
        "check_fit2d_predict1d",
        "check_transformer_data_not_an_array",
        "check_transformer_general",
        "check_transformer_preserve_dtypes",
    ),
    SHAPE,
) | {
    "check_n_features_in_after_fitting": SKILLS,
    "check_positive_only_tag_during_fit": SKILLS,
}


class ProfilerOfAnyTable(SkillProfiler):
    """The same estimator for the checks' tables: a column is a skill; who is seen by whom, a row's two ends say."""

    def fit(self, observations: Any, y: object = None) -> Self:
        table = np.asarray(validate_data(self, observations, ensure_min_samples=2), dtype=float)
        del y
        super().fit(notes_in(table))
        self.n_features_in_ = table.shape[1]
        return self

    def transform(self, observations: Any) -> Any:
        check_is_fitted(self)
        table = np.asarray(validate_data(self, observations, reset=False), dtype=float)
        return super().transform(notes_in(table))[:: table.shape[1]]

    def score(self, observations: Any, y: object = None) -> float:
        check_is_fitted(self)
        del y
        return super().score(notes_in(np.asarray(validate_data(self, observations, reset=False), dtype=float)))


def notes_in(table: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """A note for each cell, row by row, squeezed into the scale 0..4."""
    rows, features = table.shape
    near = np.clip(table, -30, 30)
    return {
        "participant": np.repeat(np.rint(near[:, 0]), features),
        "skill": np.tile(np.array(ROME_4)[np.arange(features) % len(ROME_4)], rows),
        "rater": np.repeat(np.rint(near[:, -1]) % 3, features),
        "level": 4 / (1 + np.exp(-near.ravel())),
    }


def outcomes(estimator: SkillProfiler, expected: dict[str, str]) -> dict[str, set[str]]:
    """Names of the checks by how they ended."""
    found: dict[str, set[str]] = {}
    results = check_estimator(estimator, expected_failed_checks=expected, on_skip=None, on_fail=None)
    for result in results:
        found.setdefault(result["status"], set()).add(result["check_name"])
    return found


@pytest.mark.filterwarnings("ignore")
def test_the_estimator_passes_all_checks_but_those_whose_tables_are_no_observations() -> None:
    found = outcomes(SkillProfiler(), OTHER_SHAPES)
    assert found.get("failed", set()) == set()
    assert found["xfail"] == set(OTHER_SHAPES)
    assert len(found["passed"]) >= 18


@pytest.mark.filterwarnings("ignore")
def test_fed_with_the_checks_tables_the_estimator_passes_them_all() -> None:
    found = outcomes(ProfilerOfAnyTable(), {})
    assert found.get("failed", set()) == set()
    assert set(OTHER_SHAPES) <= found["passed"]


def test_reading_one_persons_notes_loads_neither_the_compiler_nor_scikit_learn() -> None:
    program = (
        "import sys; from services.matching.domain.profiling import posterior, Components, WeakPriors; "
        "print(sorted({'numba', 'sklearn'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_an_unknown_name_is_refused_as_by_any_module() -> None:
    from services.matching.domain import profiling

    with pytest.raises(AttributeError, match="no attribute 'horoscope'"):
        profiling.horoscope  # noqa: B018  # asking is the test


def test_the_lines_of_the_docstring_run_as_they_stand() -> None:
    assert SkillProfiler.__doc__ is not None
    lines = [line.strip() for line in SkillProfiler.__doc__.splitlines() if line.startswith("        ")]
    known: dict[str, Any] = {"SkillProfiler": SkillProfiler, "Rating": Rating}
    exec("\n".join(lines), known)  # noqa: S102  # running it is the test
    assert len(lines) == 4
    assert "profile" in known
