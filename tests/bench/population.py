"""A plausible pool for the benchmarks of matching: invented people and needs, at real places, from one seed.

Stated openly: places are communes drawn by population, so half of the pool lives in cities; travel limits are 5 to 50
km by road; levels come from a person's general strength and each skill's own deviation, seen through little evidence;
each person wishes for up to three occupations, and ROME's near ones count; needs ask the soft skills that ROME asks of
their occupation, 3 to 5 of them, at levels 2 to 4.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.likings import known_likings
from services.matching.domain.profiling import exceedance
from services.matching.domain.shortlisting import Likings, Needs, Participants
from shared.reference.communes import all_communes
from shared.reference.occupations import near, occupations
from shared.reference.skills import framework

LIMITS_KM = np.array([5, 10, 15, 20, 25, 30, 40, 50])
LIMIT_SHARES = np.array([0.10, 0.20, 0.15, 0.20, 0.10, 0.15, 0.06, 0.04])
HOURS_WORKABLE = (1.0, 0.55, 0.25, 0.45)
HOURS_ASKED = (0.9, 0.3, 0.1, 0.25)
LICENCES_HELD = (0.62, 0.10, 0.06, 0.05, 0.04, 0.03, 0.03, 0.02)
LICENCES_ASKED = (0.35, 0.05, 0.03, 0.02, 0.02, 0.01, 0.01, 0.01)
TODAY = np.datetime64("2026-12-01", "D")
_CHUNK = 50_000


def participants(count: int, seed: int = 2026) -> Participants:
    """An invented pool of `count` people."""
    random = np.random.default_rng(seed)
    latitude, longitude = _places(random, count)
    return Participants.build(
        _exceedance(random, count),
        latitude,
        longitude,
        random.choice(LIMITS_KM, count, p=LIMIT_SHARES).astype(np.float64),
        available_from=TODAY + np.maximum(random.integers(-60, 90, count), 0),
        hours=_bits(random, count, HOURS_WORKABLE),
        licences=_bits(random, count, LICENCES_HELD),
        consent=random.random(count) < 0.95,
        shortlisted=random.poisson(0.3, count),
        keys=random.integers(0, 2**64, count, dtype=np.uint64),
        likings=_likings(random, count),
    )


def needs(count: int, seed: int = 2027) -> Needs:
    """Invented needs in real occupations."""
    random = np.random.default_rng(seed)
    latitude, longitude = _places(random, count)
    codes = list(occupations())
    asking = [number for number, code in enumerate(codes) if len(occupations()[code].skills) >= 3]
    chosen = random.choice(asking, count)
    return Needs.build(
        [_requirements(random, occupations()[codes[number]].skills) for number in chosen],
        latitude,
        longitude,
        occupations=chosen,
        hours=_bits(random, count, HOURS_ASKED),
        licences=_bits(random, count, LICENCES_ASKED),
        starts_on=TODAY + random.integers(0, 90, count),
        open=random.random(count) < 0.97,
        keys=random.integers(0, 2**64, count, dtype=np.uint64),
    )


def _places(random: np.random.Generator, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = [one for one in all_communes() if one.kind == "commune" and one.latitude is not None and one.population]
    people = np.array([one.population for one in known], dtype=np.float64)
    chosen = random.choice(len(known), count, p=people / people.sum())
    return np.array([one.latitude for one in known])[chosen], np.array([one.longitude for one in known])[chosen]


def _exceedance(random: np.random.Generator, count: int) -> NDArray[np.float32]:
    skills = len(framework().skills)
    features = np.empty((count, skills * 4), dtype=np.float32)
    for first in range(0, count, _CHUNK):
        size = min(_CHUNK, count - first)
        mean = 2.3 + random.normal(0, 0.5, (size, 1)) + random.normal(0, 0.45, (size, skills))
        features[first : first + size] = exceedance(mean, random.uniform(0.35, 0.9, (size, skills))).reshape(size, -1)
    return features


def _requirements(random: np.random.Generator, asked: tuple[str, ...]) -> list[tuple[int, float]]:
    codes = [skill.code for skill in framework().skills]
    weights = random.dirichlet(np.full(len(asked), 3.0))
    levels = random.choice([2, 3, 4], len(asked), p=[0.5, 0.4, 0.1])
    return [
        (codes.index(skill) * 4 + int(level) - 1, float(weight))
        for skill, level, weight in zip(asked, levels, weights, strict=True)
    ]


def _bits(random: np.random.Generator, count: int, shares: tuple[float, ...]) -> NDArray[np.uint8]:
    drawn = random.random((count, len(shares))) < shares
    return np.packbits(drawn, axis=1, bitorder="little")[:, 0]


def _likings(random: np.random.Generator, count: int) -> Likings:
    """Up to three wishes and one refusal each, drawn from as many combinations as half the pool, at most 20,000."""
    combinations = [_one_liking(random) for _ in range(min(max(count // 2, 1), 20_000))]
    drawn = Likings.of(combinations)
    chosen = random.integers(0, len(combinations), count)
    lengths = np.diff(drawn.starts)[chosen]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    picked = np.repeat((drawn.starts[chosen] - starts[:-1]).astype(np.int32), lengths)
    picked += np.arange(starts[-1], dtype=np.int32)
    return Likings(starts, drawn.occupations[picked], drawn.values[picked])


def _one_liking(random: np.random.Generator) -> dict[int, float]:
    numbers = _numbers()
    codes = list(numbers)
    wishes = [codes[number] for number in random.choice(len(codes), random.integers(0, 4), replace=False)]
    refused = [codes[number] for number in random.choice(len(codes), random.integers(0, 2), replace=False)]
    return {numbers[code]: value for code, value in known_likings(wishes, refused, near).items()}


@cache
def _numbers() -> dict[str, int]:
    return {code: number for number, code in enumerate(occupations())}
