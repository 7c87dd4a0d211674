"""Who says a revision that never was, saw nothing of ours."""

import pytest

from shared.web.preconditions import IfMatch
from shared.web.problems import Problem


@pytest.mark.parametrize("said", ['"3"', 'W/"4"', "5"])
def test_a_part_that_did_not_change_since_was_seen(said: str) -> None:
    IfMatch(said).check_not_newer(3, 5, {})


@pytest.mark.parametrize(("said", "status"), [('"2"', 412), ('"6"', 412), ('"ours"', 412), (None, 428), ("*", 428)])
def test_an_older_one_and_one_that_never_was_are_refused(said: str | None, status: int) -> None:
    with pytest.raises(Problem) as refused:
        IfMatch(said).check_not_newer(3, 5, {})
    assert refused.value.status_code == status
