"""Intraclass correlations are those of Shrout and Fleiss."""

import numpy as np
import pytest

from services.matching.domain.profiling import SkillProfiler, intraclass_correlations

TABLE = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
"""Shrout and Fleiss 1979, table 2: six targets by four judges."""


def test_the_table_of_1979_gives_its_published_correlations_to_three_decimals() -> None:
    found = intraclass_correlations(TABLE)
    singles = (found.one_way, found.two_way_random, found.two_way_mixed)
    means = (found.one_way_mean, found.two_way_random_mean, found.two_way_mixed_mean)
    assert [round(value, 2) for value in singles] == [0.17, 0.29, 0.71]
    assert [round(value, 2) for value in means] == [0.44, 0.62, 0.91]
    assert [round(value, 3) for value in singles] == [0.166, 0.290, 0.715]
    assert [round(value, 3) for value in means] == [0.443, 0.620, 0.909]


def test_the_components_of_the_same_table_give_the_two_way_correlations() -> None:
    table = np.array(TABLE, dtype=float)
    target, judge = (axis.ravel() for axis in np.mgrid[:6, :4])
    columns = {"participant": target, "rater": judge, "skill": np.full(24, "S00"), "level": table.ravel()}
    found = SkillProfiler(("S00",), halo=False, priors=None).fit(columns).variance_components_
    random = found.trait[0] / (found.trait[0] + found.severity + found.noise)
    mixed = found.trait[0] / (found.trait[0] + found.noise)
    published = intraclass_correlations(TABLE)
    assert random == pytest.approx(published.two_way_random, abs=1e-5)
    assert mixed == pytest.approx(published.two_way_mixed, abs=1e-5)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([1, 2, 3], "two targets by two judges"),
        ([[1, 2]], "two targets by two judges"),
        ([[1, np.nan], [2, 3]], "complete"),
        ([[2, 2], [2, 2]], "do not vary"),
    ],
)
def test_a_table_that_has_no_correlation_is_refused(table: list[object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        intraclass_correlations(np.array(table, dtype=float))
