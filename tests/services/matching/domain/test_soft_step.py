"""A level counts by how far it is from the one asked: a quarter one level below, three at it, all of it one above."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

from services.matching.domain.commute import Transport
from services.matching.domain.constraints import Hours, Opening, Seeker
from services.matching.domain.profiling import exceedance
from services.matching.domain.scoring import RequiredSkill, score, share_deviation, steps
from services.matching.domain.scoring.soft_step import share_at
from services.matching.domain.shortlisting import Codebook, Needs, Participants, ShortlistPolicy, shortlist

SKILLS = ("6D101", "6D102", "6D103")

softnesses = st.floats(0, 0.5)
levels_asked = st.lists(st.integers(1, 4), min_size=1, max_size=3)
profiles = st.builds(
    lambda seed: (np.random.default_rng(seed).uniform(-0.5, 4.5, 3), np.random.default_rng(seed).uniform(0.1, 1.2, 3)),
    st.integers(0, 2**32),
)

Levels = tuple[NDArray[np.float64], NDArray[np.float64]]


def counted(level: int, asked: int, softness: float) -> float:
    """What a whole level counts, as one would say it; at the ends of the scale nothing is below 1 or above 4."""
    if level == asked:
        return 1.0 if level == 4 else 1 - softness
    if level == asked - 1 and level >= 1:
        return softness
    return 1.0 if level > asked else 0.0


def needing(levels: list[int]) -> list[RequiredSkill]:
    """A need of these levels, one skill each; the first weighs most."""
    weights = np.arange(len(levels), 0, -1) / sum(range(len(levels) + 1))
    return [RequiredSkill(*one) for one in zip(SKILLS, levels, weights.tolist(), strict=False)]


def by_distribution(mean: float, deviation: float, one: RequiredSkill, softness: float, power: int = 1) -> float:
    """The expectation of what a level counts, to a power, over the distribution of the level rounded to 0..4."""
    reached = [1.0, *(norm.sf(level - 0.5, mean, deviation) for level in (1, 2, 3, 4)), 0.0]
    chances = [low - high for low, high in pairwise(reached)]
    return sum(chance * counted(level, one.level, softness) ** power for level, chance in enumerate(chances))


@pytest.mark.parametrize(
    ("asked", "counts"),
    [
        (1, [0, 0.75, 1, 1, 1]),
        (2, [0, 0.25, 0.75, 1, 1]),
        (3, [0, 0, 0.25, 0.75, 1]),
        (4, [0, 0, 0, 0.25, 1]),
    ],
)
def test_a_quarter_one_level_below_three_at_it_and_all_above(asked: int, counts: list[float]) -> None:
    of_steps = [sum(share for level, share in steps(asked) if level <= reached) for reached in range(5)]
    assert of_steps == counts
    assert share_at(np.arange(5.0), asked, 0.25).tolist() == counts
    halfway = (np.array(counts[1:]) + counts[:-1]) / 2
    assert share_at(np.arange(4) + 0.5, asked, 0.25).tolist() == halfway.tolist()


@given(profiles, levels_asked, softnesses)
def test_the_score_is_the_expectation_over_the_distribution_of_levels(
    profile: Levels, asked: list[int], softness: float
) -> None:
    need, covariance = needing(asked), np.diag(profile[1] ** 2)
    known = list(zip(need, profile[0].tolist(), profile[1].tolist(), strict=False))
    found = score(profile[0], covariance, SKILLS, need, softness=softness)
    by_hand = [one.weight * by_distribution(mean, deviation, one, softness) for one, mean, deviation in known]
    assert [term.contribution for term in found.terms] == pytest.approx(by_hand, abs=1e-12)
    assert found.value == pytest.approx(sum(by_hand), abs=1e-12)
    assert 0 <= found.value <= 1


@given(profiles, levels_asked, softnesses)
def test_what_tells_near_ties_is_the_deviation_over_the_distribution_of_levels(
    profile: Levels, asked: list[int], softness: float
) -> None:
    need, covariance = needing(asked), np.diag(profile[1] ** 2)
    variance = 0.0
    for one, mean, deviation in zip(need, profile[0].tolist(), profile[1].tolist(), strict=False):
        squared = by_distribution(mean, deviation, one, softness, power=2)
        variance += one.weight**2 * (squared - by_distribution(mean, deviation, one, softness) ** 2)
    found = share_deviation(profile[0], covariance, SKILLS, need, softness)
    assert found**2 == pytest.approx(variance, abs=1e-12)


@given(profiles, levels_asked)
def test_without_softness_only_the_level_asked_counts(profile: Levels, asked: list[int]) -> None:
    need = needing(asked)
    found = score(profile[0], np.diag(profile[1] ** 2), SKILLS, need, softness=0)
    reached = exceedance(*profile)
    hard = sum(one.weight * reached[place, one.level - 1] for place, one in enumerate(need))
    assert found.value == pytest.approx(hard, abs=1e-12)
    assert all(term.share == term.probability for term in found.terms)


@given(profiles, levels_asked, softnesses, st.integers(0, 2), st.floats(0, 2))
def test_a_higher_level_never_lowers_the_score(
    profile: Levels, asked: list[int], softness: float, place: int, more: float
) -> None:
    need, covariance = needing(asked), np.diag(profile[1] ** 2)
    higher = profile[0] + more * (np.arange(3) == place)
    before = score(profile[0], covariance, SKILLS, need, softness=softness)
    after = score(higher, covariance, SKILLS, need, softness=softness)
    assert after.value >= before.value - 1e-12
    assert after.low >= before.low - 1e-9
    assert after.high >= before.high - 1e-9


@settings(deadline=None)  # the first one loads compiled code
@given(profiles, levels_asked, st.sampled_from([0.0, 0.1, 0.25, 0.5]))
def test_the_shortlists_score_as_the_library_does(profile: Levels, asked: list[int], softness: float) -> None:
    codebook, need = Codebook(SKILLS, ("G1602",), ()), needing(asked)
    seeker = Seeker("p", 50.4, 2.8, 30.0, Transport.CAR, frozenset(Hours), consent=True)
    opening = Opening("n", 50.4, 2.8, "G1602")
    pool = Participants.of([seeker], exceedance(*profile).reshape(1, -1).astype(np.float32), codebook, lambda _: ())
    needs = Needs.of([opening], [need], codebook)
    lists = shortlist(pool, needs, policy=ShortlistPolicy(softness=softness))
    (place,) = lists.of(0).places
    found = score(profile[0], np.diag(profile[1] ** 2), SKILLS, need, softness=softness)
    assert place.score == pytest.approx(found.value, abs=1e-6)
    lists.update_need(0, Needs.of([opening], [[RequiredSkill(SKILLS[2], 3, 1.0)]], codebook))
    (place,) = lists.of(0).places
    alone = score(profile[0], np.diag(profile[1] ** 2), SKILLS, [RequiredSkill(SKILLS[2], 3, 1.0)], softness=softness)
    assert place.score == pytest.approx(alone.value, abs=1e-6)
