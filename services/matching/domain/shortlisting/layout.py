"""From columns to blocks: the order in which the pool stands, and the bounds that let whole blocks be skipped.

Participants are tiled by place (sort-tile-recursive packing: Leutenegger, Lopez and Edgington 1997) into cells, and in
a cell into blocks. Where a cell is narrow, as in towns, the strongest stand together instead, so that once a list is
full the weaker blocks cannot enter it and are skipped. Those whose place is unknown stand last, out of reach of any
need. Bounds may be wider than the truth, never narrower.
"""

import math
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.commute import (
    EARTH_RADIUS_KM,
    squared_chord,
    unit_vectors,
)
from services.matching.domain.scoring import HIGHEST_LEVEL, steps
from services.matching.domain.shortlisting.arrays import (
    BLOCK,
    BLOCKS_PER_CELL,
    CELL,
    CIRCLE,
    NEED,
    PERSON,
    Asked,
    Blocks,
)
from services.matching.domain.shortlisting.changes import SLACK
from services.matching.domain.shortlisting.columns import Needs, Participants
from services.matching.domain.shortlisting.light import (
    LIGHT_LICENCES,
    LIGHT_WHOLE,
    hints_of,
    light_bits_of,
    light_halves,
    light_reaches,
    light_shares_of,
    shares_by_level,
)
from services.matching.domain.shortlisting.records import (
    CONSENT,
    bit_sets_of,
    held_by,
    homes_and_limits,
    reach_of,
    records_of,
)

NEVER_AVAILABLE = np.iinfo(np.int32).max
NOBODY = np.array((0.0, 0.0, 0.0, -1.0, 0, 0, 0, 0, -1, 0), dtype=PERSON)
NARROW_KM = 15.0
LIKING_ROOM = 16
"""One place in so many is kept free for wishes to come."""

_Kind = TypeVar("_Kind", bound=np.generic)


def arrange(participants: Participants, alpha: float, softness: float, words: int) -> Blocks:
    """The pool in blocks; `alpha` turns likings into factors, bit sets get `words` words beside the first."""
    homes, angles = homes_and_limits(participants)
    order = _order(participants, homes)
    positions = np.empty(len(participants), dtype=np.int32)
    positions[order[order >= 0]] = np.flatnonzero(order >= 0)
    people = _placed(records_of(participants, homes, angles), order, NOBODY)
    held = _placed(held_by(participants, words), order, 0)
    available_from = _placed(days(participants.available_from), order, NEVER_AVAILABLE)
    light_held = light_bits_of(held)
    homes, angles = _placed(homes, order, 0.0), _placed(angles, order, -1.0)
    light_circles = np.column_stack([homes, light_reaches(angles)]).astype(np.float32)
    exceedance = _placed(participants.exceedance, order, 0.0)
    light_shares = light_shares_of(exceedance, shares_by_level(softness), CELL)
    likings = participants.likings
    room = len(likings.values) // LIKING_ROOM + CELL
    return Blocks(
        exceedance=exceedance,
        light_shares=light_shares,
        circles=np.ascontiguousarray(light_circles.reshape(-1, BLOCK, 4).transpose(0, 2, 1)),
        available_from=available_from.reshape(-1, BLOCK),
        light_held=light_held.reshape(-1, BLOCK),
        light_hints=light_halves(people["hints"]).reshape(-1, BLOCK),
        peaks=light_shares.reshape(*light_shares.shape[:2], BLOCKS_PER_CELL, BLOCK).max(axis=3),
        people=people,
        held=held,
        block_circles=_circles(homes, angles, available_from, light_held, BLOCK),
        cell_circles=_circles(homes, angles, available_from, light_held, CELL),
        positions=positions,
        liking_occupations=np.concatenate([likings.occupations, np.zeros(room, np.int32)]),
        liking_factors=liking_factors(likings.values, alpha, room),
        liking_end=np.array([len(likings.values)], dtype=np.int64),
    )


def ask(needs: Needs, words: int, softness: float) -> Asked:
    """The needs as the compiled pass reads them; bit sets get `words` words beside the first."""
    starts, features, weights = _in_steps(needs, softness)
    places = unit_vectors(needs.latitude, needs.longitude)
    known = np.all(np.isfinite(places), axis=1)
    records = np.zeros(len(needs), dtype=NEED)
    records["x"], records["y"], records["z"] = np.where(known[:, np.newaxis], places, 0.0).T
    records["key"] = needs.keys
    records["first"], records["end"] = starts[:-1], starts[1:]
    records["light_first"], records["light_end"] = needs.starts[:-1], needs.starts[1:]
    records["forbidden_first"], records["forbidden_end"] = needs.forbidden_starts[:-1], needs.forbidden_starts[1:]
    records["starts_on"] = days(needs.starts_on)
    records["occupation"] = needs.occupations
    records["open"] = needs.open
    records["placed"] = known
    required = bit_sets_of(needs.hours | CONSENT, needs.licences, words)
    records["light_required"] = light_bits_of(required)
    records["light_is_all"] = (required[:, 1] <= np.uint64(LIGHT_LICENCES)) & ~required[:, 2:].any(axis=1)
    records["light_hint"] = light_halves(hints_of(np.arange(len(needs) + 1), needs.occupations))
    light_weights = (needs.weights / LIGHT_WHOLE).astype(np.float32)
    return Asked(records, required, features, weights, needs.features, light_weights, needs.forbidden)


def _in_steps(needs: Needs, softness: float) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """What needs ask, each requirement as the steps it is made of: the starts by need, features and weights."""
    of_level = [steps(level, softness) for level in range(1, HIGHEST_LEVEL + 1)]
    counts = np.array([len(one) for one in of_level])
    offsets, shares = np.zeros((HIGHEST_LEVEL, counts.max()), np.int32), np.zeros((HIGHEST_LEVEL, counts.max()))
    for place, one in enumerate(of_level):
        offsets[place, : len(one)] = [step.level - 1 for step in one]
        shares[place, : len(one)] = [step.share for step in one]
    skill, level = np.divmod(needs.features, HIGHEST_LEVEL)
    taken = np.arange(counts.max()) < counts[level][:, np.newaxis]
    features = (skill * HIGHEST_LEVEL)[:, np.newaxis] + offsets[level]
    weights = needs.weights[:, np.newaxis] * shares[level]
    starts = np.concatenate([[0], np.cumsum(counts[level])])[needs.starts]
    return starts.astype(np.int64), features[taken].astype(np.int32), weights[taken]


def liking_factors(values: NDArray[np.float64], alpha: float, room: int = 0) -> NDArray[np.float64]:
    """v^((1−α)/α), and 0 for a refused occupation whatever α; behind them room for more.

    A country has millions, so nothing is copied.
    """
    factors = np.zeros(len(values) + room)
    np.power(values, (1 - alpha) / alpha, out=factors[: len(values)], where=values > 0)
    return factors


def days(dates: NDArray[np.datetime64]) -> NDArray[np.int32]:
    """Dates as days since 1970."""
    return dates.astype(np.int64).astype(np.int32)


def _order(participants: Participants, homes: NDArray[np.float64]) -> NDArray[np.int32]:
    """The participants' numbers by position, −1 where a position is empty; whole cells."""
    known = homes.any(axis=1)
    packed, elsewhere = np.flatnonzero(known), np.flatnonzero(~known)
    cells = max(1, math.ceil(len(packed) / CELL))
    packed = _tiled(participants, packed, len(packed), CELL * math.ceil(cells / math.ceil(math.sqrt(cells))))
    packed = _tiled(participants, packed, CELL, BLOCK * math.isqrt(BLOCKS_PER_CELL))
    packed = _strongest_first_where_narrow(participants, packed, homes)
    order = np.full(-(-max(len(participants), 1) // CELL) * CELL, -1, dtype=np.int32)
    order[: len(participants)] = np.concatenate([packed, elsewhere])
    return order


def _tiled(
    participants: Participants, numbers: NDArray[np.int64], group_size: int, strip_size: int
) -> NDArray[np.int64]:
    """In each group of neighbours in `numbers`: strips from west to east, in each strip from south to north."""
    group = np.arange(len(numbers)) // max(group_size, 1)
    eastward = numbers[np.lexsort((participants.longitude[numbers], group))]
    strip = np.arange(len(numbers)) % max(group_size, 1) // strip_size
    return eastward[np.lexsort((participants.latitude[eastward], strip, group))]


def _strongest_first_where_narrow(
    participants: Participants, numbers: NDArray[np.int64], homes: NDArray[np.float64]
) -> NDArray[np.int64]:
    """In narrow cells, where all blocks have much the same circle, let the strong stand together instead."""
    if not len(numbers):
        return numbers
    cell = np.arange(len(numbers)) // CELL
    starts = np.arange(0, len(numbers), CELL)
    spread = np.maximum.reduceat(homes[numbers], starts) - np.minimum.reduceat(homes[numbers], starts)
    narrow = np.linalg.norm(spread, axis=1) * EARTH_RADIUS_KM < NARROW_KM
    strength = participants.exceedance[numbers].mean(axis=1) if narrow.any() else np.zeros(len(numbers))
    return numbers[np.lexsort((np.where(narrow[cell], -strength, np.arange(len(numbers))), cell))]


def _placed(values: NDArray[_Kind], order: NDArray[np.int32], empty: Any) -> NDArray[_Kind]:
    """Values by participant's number as values by position."""
    column = values[order] if len(values) else np.zeros((len(order), *values.shape[1:]), values.dtype)
    column[order < 0] = empty
    return column


def _circles(
    homes: NDArray[np.float64],
    angles: NDArray[np.float64],
    available_from: NDArray[np.int32],
    light_held: NDArray[np.uint32],
    size: int,
) -> NDArray[np.void]:
    """The circle of each `size` positions: nobody's own circle leaves it."""
    grouped = homes.reshape(-1, size, 3)
    centres = grouped.sum(axis=1)
    lengths = np.linalg.norm(centres, axis=1, keepdims=True)
    centres = np.divide(centres, lengths, out=np.zeros_like(centres), where=lengths > SLACK)
    circles = np.zeros(len(centres), dtype=CIRCLE)
    circles["x"], circles["y"], circles["z"] = centres.T
    circles["reach"] = reach_of(_farthest(centres[:, np.newaxis], grouped, angles.reshape(-1, size)).max(axis=1))
    circles["available_from"] = available_from.reshape(-1, size).min(axis=1)
    circles["light_held"] = np.bitwise_or.reduce(light_held.reshape(-1, size), axis=1)
    return circles


def _farthest(
    centres: NDArray[np.float64], homes: NDArray[np.float64], angles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far from a centre each one can go, as an angle, rounding included; −1 for those who reach nothing."""
    away = 2 * np.arcsin(np.minimum(np.sqrt(squared_chord(centres, homes)) / 2, 1.0))
    return np.where(angles >= 0, away + angles + SLACK, -1.0)
