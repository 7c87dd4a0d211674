"""At the size of a region and more, lists are still those of brute force."""

import numpy as np
import pytest

from services.matching.domain.shortlisting import ShortlistPolicy, shortlist
from tests.bench import population
from tests.services.matching.domain.shortlisting.brute_force import brute_force
from tests.services.matching.domain.shortlisting.test_shortlists import listed


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("needs", "near_tie"), [(2_000, 0.0), (300, 1.0)])
def test_a_hundred_thousand_participants(needs: int, near_tie: float) -> None:
    participants, asked = population.participants(100_000), population.needs(needs)
    policy = ShortlistPolicy(size=20, reserve=0, near_tie=near_tie)
    lists = shortlist(participants, asked, run="r", policy=policy)
    assert listed(lists) == brute_force(participants, asked, "r", policy)
    assert np.count_nonzero(lists.people >= 0) > 10 * needs
