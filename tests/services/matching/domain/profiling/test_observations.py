"""Ratings are taken in every usual shape, and what is wrong with them is said."""

from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from services.matching.domain.profiling import Rating, SkillProfiler, WeakPriors, exceedance
from tests.services.matching.domain.profiling.programme import Programme, simulate

COLUMNS = ("participant", "skill", "rater", "level")


@pytest.fixture(scope="module")
def programme() -> Programme:
    return simulate(np.random.default_rng(1), groups=2, people=5, notes=6, skills=3, rounded=True)


def rows_of(programme: Programme) -> list[tuple[Any, ...]]:
    return list(zip(*(programme.columns[name].tolist() for name in COLUMNS), strict=True))


def structured(programme: Programme) -> NDArray[Any]:
    types = np.dtype([("level", float), ("participant", int), ("skill", "U3"), ("rater", int)])
    table = np.empty(len(programme.columns["level"]), dtype=types)
    for name in COLUMNS:
        table[name] = programme.columns[name]
    return table


@pytest.mark.parametrize(
    "shape",
    [
        lambda programme: [Rating(*row) for row in rows_of(programme)],
        rows_of,
        structured,
        lambda programme: np.array(rows_of(programme), dtype=object),
        lambda programme: pd.DataFrame(programme.columns),
        lambda programme: {name: column.tolist() for name, column in programme.columns.items()},
    ],
    ids=["observations", "rows", "structured array", "object array", "data frame", "lists"],
)
def test_every_shape_gives_the_same_profiles(programme: Programme, shape: Any) -> None:
    expected = SkillProfiler(programme.skills).fit(programme.columns)
    found = SkillProfiler(programme.skills).fit(shape(programme))
    for participant in expected.profiles_:
        np.testing.assert_allclose(found.profile(participant).mean, expected.profile(participant).mean, rtol=1e-9)


def test_identifiers_may_be_of_any_kind() -> None:
    people = [UUID(int=7), "P8", 9, ("agency", 3)]
    notes = [Rating(person, "order", rater, 2.0) for person in people for rater in (None, "R1")]
    profiler = SkillProfiler(("order",)).fit(notes)
    assert set(profiler.profiles_) == set(people)
    assert set(profiler.rater_severity_) == {None, "R1"}
    assert profiler.profile(("agency", 3)).observations.tolist() == [2]


def test_repeated_notes_of_one_rater_count_as_many_notes_of_one_rater() -> None:
    profiler = SkillProfiler(("order",)).fit([Rating("P", "order", "R", level) for level in (1.0, 2.0, 4.0)])
    profile = profiler.profile("P")
    assert profile.observations.tolist() == [3]
    assert profile.raters.tolist() == [1]


def test_no_observation_at_all_leaves_the_priors() -> None:
    profiler = SkillProfiler().fit([])
    profile = profiler.profile("anybody")
    assert profile.not_yet_seen
    assert profile.mean.tolist() == [2.0] * 16
    assert len(profiler.profiles_) == 0
    assert profiler.connected_


def test_one_observation_gives_a_wide_shrunken_answer() -> None:
    profiler = SkillProfiler().fit([Rating("P", "6D102", "R", 4.0)])
    profile = profiler.profile("P")
    low, high = profile.interval("6D102")
    assert 2.0 < profile.mean[1] < 4.0
    assert high - low > 1.5
    unseen = np.delete(profile.mean, 1)
    assert (unseen < profile.mean[1]).all()


@pytest.mark.parametrize(
    ("observations", "told"),
    [
        ([Rating("P", "juggling", "R", 2.0)], "skills outside the framework: 'juggling'"),
        ([Rating("P", "6D101", "R", float("nan"))], "finite numbers: row 0"),
        ([Rating("P", "6D101", "R", float("inf"))], "finite numbers: row 0"),
        ([Rating("P", "6D101", "R", 1e200)], r"within ±1e\+06: row 0 holds 1e\+200"),
        ([Rating(None, "6D101", "R", 2.0)], "participant holds None: every note must say whose"),
        ([Rating(float("nan"), "6D101", "R", 2.0)], "participant holds nan"),
        ([Rating("P", "6D101", float("nan"), 2.0)], "rater holds nan"),
        ({"participant": ["P"], "skill": ["6D101"], "level": [2.0]}, "lack the column rater"),
        ({"participant": ["P", "Q"], "skill": ["6D101"], "rater": ["R"], "level": [2.0]}, "one length"),
        ({"participant": ["P"], "skill": ["6D101"], "rater": ["R"], "level": ["good"]}, "levels must be numbers"),
        ([("P", "6D101", "R")], "is a row of 3: give participant, skill, rater, level"),
        (np.array([("P", "6D101", "R")], dtype=object), "minimum of 4"),
        (np.array([("P", "6D101", "R", 2.0, "extra")], dtype=object), "must have the four columns"),
    ],
)
def test_what_is_wrong_with_observations_is_said(observations: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        SkillProfiler().fit(observations)


def test_classical_components_need_every_skill() -> None:
    with pytest.raises(ValueError, match="never observed: 6D101, 6D103"):
        SkillProfiler(priors=None).fit([Rating("P", "6D102", "R", 2.0)])


def test_an_unknown_word_for_the_priors_is_refused() -> None:
    with pytest.raises(ValueError, match='priors must be "weak"'):
        SkillProfiler(priors="strong").fit([])  # type: ignore[arg-type]  # what is tried here


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"framework": ("a", "b", "a")}, "skills twice: 'a'"),
        ({"framework": ()}, "one at least"),
        ({"framework": "6D101"}, "a sequence of skills"),
        ({"halo": "no"}, "halo must be True or False, not 'no'"),
        ({"person": 1}, "person must be True or False, not 1"),
        ({"rounded": "no"}, "rounded must be True, False or \"auto\", not 'no'"),
        ({"exact_raters": -1}, "exact_raters must be 0 at least"),
        ({"most_steps": 0}, "most_steps must be 1 at least"),
        ({"tolerance": float("nan")}, "tolerance must be above 0, not nan"),
    ],
)
def test_what_is_wrong_with_parameters_is_said(parameters: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        SkillProfiler(**parameters).fit([])


@pytest.mark.parametrize(
    ("name", "value"), [("noise", -1.0), ("trait", 0.0), ("person", float("nan")), ("mean", float("inf"))]
)
def test_priors_that_are_none_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"the prior {name} must be a finite number"):
        WeakPriors(**{name: value})


@pytest.mark.parametrize(
    ("mean", "deviation", "told"),
    [
        ([1.0, np.nan], [1.0, 1.0], r"means must be finite numbers: nan at \(1,\)"),
        ([1.0], [0.0], r"deviations must be above 0: 0.0 at \(0,\)"),
        ([1.0], [-np.inf], "deviations must be above 0"),
        ([1.0, 2.0], [1.0], "must be of one shape"),
    ],
)
def test_exceedance_of_what_is_no_level_is_refused(mean: list[float], deviation: list[float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        exceedance(np.array(mean), np.array(deviation))
