"""Why a need's list is not longer: how many of the pool each reason drops, counted exactly and apart from the ranking.

Ranking skips whole blocks, so it cannot count. Each reason is counted over the whole pool, whatever other reasons the
same pair has, as `constraints.count_obstacles` does. Everything is counted once; then somebody who changes is taken off
the counts as they were and added as they are, and a need that changes is counted anew, alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled, compiled_into_callers
from services.matching.domain.constraints import ObstacleKind
from services.matching.domain.shortlisting.arrays import BLOCK, CELL, Asked, Blocks, RankingRule
from services.matching.domain.shortlisting.pairs import liking_factor, squared_chord
from services.matching.domain.shortlisting.records import CONSENT

KINDS = (
    ObstacleKind.CONSENT,
    ObstacleKind.NEED_CLOSED,
    ObstacleKind.FORBIDDEN,
    ObstacleKind.REFUSED_OCCUPATION,
    ObstacleKind.PLACE_UNKNOWN,
    ObstacleKind.COMMUTE,
    ObstacleKind.AVAILABILITY,
    ObstacleKind.HOURS,
    ObstacleKind.LICENCE,
)
"""The reasons in the order of the columns of `Dropped.counts`; the compiled pass numbers them as follows."""

_CONSENT, _NEED_CLOSED, _FORBIDDEN, _REFUSED, _PLACE_UNKNOWN, _COMMUTE, _AVAILABILITY, _HOURS, _LICENCE = range(9)


@dataclass(frozen=True, slots=True, eq=False)
class Dropped:
    """How many participants each of `KINDS` drops, by need: `counts` (needs, kinds)."""

    counts: NDArray[np.int64]

    def of(self, need: int) -> dict[ObstacleKind, int]:
        """The reasons that drop somebody for one need, and how many."""
        return {kind: count for kind, count in zip(KINDS, self.counts[need].tolist(), strict=True) if count}


def count_dropped(blocks: Blocks, asked: Asked) -> Dropped:
    """Count over the arranged pool."""
    pool, needs = len(blocks.positions), asked.needs
    people, held = blocks.people[:pool], blocks.held[:pool]
    near = np.zeros(len(needs), dtype=np.int64)
    count_near(blocks, asked, near)
    placed = np.count_nonzero(people["reach"] >= 0)
    ready = np.sort(blocks.available_from.reshape(-1)[:pool])
    reasons = {
        ObstacleKind.CONSENT: np.full(len(needs), np.count_nonzero(held[:, 0] & CONSENT == 0)),
        ObstacleKind.NEED_CLOSED: np.where(needs["open"], 0, pool),
        ObstacleKind.FORBIDDEN: needs["forbidden_end"] - needs["forbidden_first"],
        ObstacleKind.REFUSED_OCCUPATION: _refusals(blocks, needs["occupation"]),
        ObstacleKind.PLACE_UNKNOWN: np.where(needs["placed"], pool - placed, pool),
        ObstacleKind.COMMUTE: np.where(needs["placed"], placed - near, 0),
        ObstacleKind.AVAILABILITY: pool - np.searchsorted(ready, needs["starts_on"], side="right"),
        ObstacleKind.HOURS: _lacking(held[:, :1] & ~CONSENT, asked.required[:, :1] & ~CONSENT),
        ObstacleKind.LICENCE: _lacking(held[:, 1:], asked.required[:, 1:]),
    }
    return Dropped(np.column_stack([reasons[kind] for kind in KINDS]).astype(np.int64))


@compiled
def count_near(blocks: Blocks, asked: Asked, near: NDArray[np.int64]) -> None:
    """Count for each need how many can reach it."""
    for number in range(len(asked.needs)):
        need = asked.needs[number]
        if not need.placed:
            continue
        for cell in range(len(blocks.cell_circles)):
            if squared_chord(blocks.cell_circles[cell], need) > blocks.cell_circles[cell].reach:
                continue
            for position in range(cell * CELL, (cell + 1) * CELL):
                person = blocks.people[position]
                near[number] += squared_chord(person, need) <= person.reach


@compiled
def count_somebody(
    blocks: Blocks, asked: Asked, rule: RankingRule, position: int, times: int, counts: NDArray[np.int64]
) -> None:
    """Add the one at `position`, as they are now, `times` to each need's counts; −1 takes them off."""
    # Arrays are taken out of their tuples once: each time costs a reference count.
    people, held, available_from = blocks.people, blocks.held, blocks.available_from
    liking_occupations, liking_factors = blocks.liking_occupations, blocks.liking_factors
    needs, required = asked.needs, asked.required
    person, ready = people[position], available_from[position // BLOCK, position % BLOCK]
    for number in range(len(needs)):
        factor = liking_factor(liking_occupations, liking_factors, person, needs[number], rule)
        _count_pair(person, held, position, ready, factor, needs[number], required, number, times, counts)


@compiled
def count_need(blocks: Blocks, asked: Asked, rule: RankingRule, number: int, counts: NDArray[np.int64]) -> None:
    """Count for one need over everybody."""
    people, held, available_from = blocks.people, blocks.held, blocks.available_from
    liking_occupations, liking_factors = blocks.liking_occupations, blocks.liking_factors
    need, required = asked.needs[number], asked.required
    counts[number] = 0
    counts[number, _FORBIDDEN] = need.forbidden_end - need.forbidden_first
    for position in blocks.positions:
        person, ready = people[position], available_from[position // BLOCK, position % BLOCK]
        if person.number >= 0:
            factor = liking_factor(liking_occupations, liking_factors, person, need, rule)
            _count_pair(person, held, position, ready, factor, need, required, number, 1, counts)


@compiled_into_callers
def _count_pair(
    person: Any,
    held: NDArray[np.uint64],
    position: int,
    ready: np.int32,
    factor: float,
    need: Any,
    required: NDArray[np.uint64],
    number: int,
    times: int,
    counts: NDArray[np.int64],
) -> None:
    """Add a pair `times` to the counts of each reason that keeps it from being, but for being forbidden."""
    lacking = required[number, 0] & ~held[position, 0]
    if lacking & CONSENT != 0:
        counts[number, _CONSENT] += times
    if lacking & ~CONSENT != 0:
        counts[number, _HOURS] += times
    for word in range(1, required.shape[1]):
        if required[number, word] & ~held[position, word] != 0:
            counts[number, _LICENCE] += times
            break
    if not need.open:
        counts[number, _NEED_CLOSED] += times
    if factor == 0.0:
        counts[number, _REFUSED] += times
    if person.reach < 0 or not need.placed:
        counts[number, _PLACE_UNKNOWN] += times
    elif squared_chord(person, need) > person.reach:
        counts[number, _COMMUTE] += times
    if ready > need.starts_on:
        counts[number, _AVAILABILITY] += times


def _lacking(held: NDArray[np.uint64], required: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each required bit set (needs, words), how many of those held (people, words) lack a part of it."""
    sets, people, _ = _distinct(held)
    asked, _, which = _distinct(required)
    lacking = np.array([people[(one & ~sets).any(axis=1)].sum() for one in asked], dtype=np.int64)
    return lacking[which]


def _distinct(sets: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """The different ones of bit sets (n, words), how often each is there, and which of them each of the n is.

    `np.unique` by rows would sort records, and keep every other thread from Python meanwhile.
    """
    order = np.lexsort(sets.T)
    ordered = sets[order]
    is_first = np.ones(len(sets), dtype=np.bool_)
    is_first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    which = np.empty(len(sets), dtype=np.int64)
    which[order] = np.cumsum(is_first) - 1
    return ordered[is_first], np.bincount(which), which


def _refusals(blocks: Blocks, occupations: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many refuse each of `occupations`."""
    known = blocks.liking_occupations.max(initial=0), occupations.max(initial=0)
    counts = np.zeros(int(max(known)) + 1, dtype=np.int64)
    people = blocks.people[: len(blocks.positions)]
    count_refusals(people, blocks.liking_occupations, blocks.liking_factors, counts)
    return counts[occupations]


@compiled
def count_refusals(
    people: NDArray[np.void],
    liking_occupations: NDArray[np.int32],
    liking_factors: NDArray[np.float64],
    counts: NDArray[np.int64],
) -> None:
    """Count who refuses each occupation: a country's likings are too many for a pass of their own over each column."""
    for position in range(len(people)):
        first = people[position].first_liking
        for place in range(first, first + people[position].likings):
            if liking_factors[place] == 0.0:
                counts[liking_occupations[place]] += 1
