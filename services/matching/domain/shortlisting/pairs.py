"""One pair, looked at in full by the compiled passes: whether it can be, its score and its rank, all in float64."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled, compiled_into_callers
from services.matching.domain.scoring import HIGHEST_LEVEL
from services.matching.domain.shortlisting.arrays import BLOCK, Asked, Blocks, RankingRule
from services.matching.domain.shortlisting.light import hint_of


@compiled
def rank_of(blocks: Blocks, asked: Asked, rule: RankingRule, number: int, position: int) -> float:
    """The rank of one pair, score × factor of the liking; −1 when the pair cannot be."""
    need, person = asked.needs[number], blocks.people[position]
    factor = liking_factor(blocks.liking_occupations, blocks.liking_factors, person, need, rule)
    if (
        factor == 0.0
        or not (need.open and need.placed)
        or blocks.available_from[position // BLOCK, position % BLOCK] > need.starts_on
        or need.light_required & ~blocks.light_held[position // BLOCK, position % BLOCK] != 0
        or not can_meet(person, blocks.held, position, need, asked.required, number, asked.forbidden)
    ):
        return -1.0
    features, weights = asked.features[need.first : need.end], asked.weights[need.first : need.end]
    return exact_score(blocks.exceedance, position, features, weights) * factor


@compiled_into_callers
def can_meet(
    person: Any,
    held: NDArray[np.uint64],
    position: int,
    need: Any,
    required: NDArray[np.uint64],
    number: int,
    forbidden: NDArray[np.int32],
) -> bool:
    """Whether nothing stands between a pair whose days and light bits fit, but perhaps a refused occupation."""
    return bool(
        squared_chord(person, need) <= person.reach
        and (need.light_is_all or _holds_all(held, position, required, number))
        and not (need.forbidden_first < need.forbidden_end and _is_forbidden(forbidden, need, person.number))
    )


@compiled_into_callers
def exact_score(
    exceedance: NDArray[np.float32], position: int, features: NDArray[np.int32], weights: NDArray[np.float64]
) -> float:
    """Σ w·q in float64, in the order of the requirements and of their steps, of the one at `position`."""
    score = 0.0
    for term in range(len(features)):
        score += weights[term] * np.float64(exceedance[position, features[term]])
    return score


@compiled
def squared_chord(one: Any, other: Any) -> float:
    """As `commute.squared_chord`, in the same order of operations."""
    x, y, z = one.x - other.x, one.y - other.y, one.z - other.z
    return float((x * x + y * y) + z * z)


@compiled
def _holds_all(held: NDArray[np.uint64], position: int, required: NDArray[np.uint64], number: int) -> bool:
    """Whether the bit set required is part of the one held."""
    for word in range(required.shape[1]):  # noqa: SIM110 # the compiler knows no generators
        if required[number, word] & ~held[position, word] != 0:
            return False
    return True


@compiled
def liking_factor(
    occupations: NDArray[np.int32], factors: NDArray[np.float64], person: Any, need: Any, rule: RankingRule
) -> float:
    """v^((1−α)/α) for the liking v of the need's occupation; 0 when refused."""
    if person.hints & hint_of(need.occupation) == 0:
        return rule.unknown_liking
    low, end = person.first_liking, person.first_liking + person.likings
    high = end
    while low < high:
        middle = (low + high) // 2
        if occupations[middle] < need.occupation:
            low = middle + 1
        else:
            high = middle
    if low < end and occupations[low] == need.occupation:
        return float(factors[low])
    return rule.unknown_liking


@compiled
def _is_forbidden(forbidden: NDArray[np.int32], need: Any, number: int) -> bool:
    for place in range(need.forbidden_first, need.forbidden_end):  # noqa: SIM110 # the compiler knows no generators
        if forbidden[place] == number:
            return True
    return False


@compiled
def uncertainty(blocks: Blocks, asked: Asked, rule: RankingRule, number: int, position: int) -> float:
    """The standard deviation of the share, skills taken as independent, times the liking's factor.

    Who reaches a step of a skill has reached those below it.
    """
    need = asked.needs[number]
    variance = 0.0
    for term in range(need.first, need.end):
        for other in range(need.first, need.end):
            one, another = asked.features[term], asked.features[other]
            if one // HIGHEST_LEVEL != another // HIGHEST_LEVEL:
                continue
            p, q = np.float64(blocks.exceedance[position, one]), np.float64(blocks.exceedance[position, another])
            variance += (asked.weights[term] * asked.weights[other]) * (min(p, q) - p * q)
    person = blocks.people[position]
    factor = liking_factor(blocks.liking_occupations, blocks.liking_factors, person, need, rule)
    return float(np.sqrt(variance) * factor)
