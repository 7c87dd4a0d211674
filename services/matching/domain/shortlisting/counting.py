"""Why a need's list is not longer: how many of the pool each reason drops, counted exactly and apart from the ranking.

Ranking skips whole blocks, so it cannot count. Each reason is counted over the whole pool, whatever other reasons the
same pair has, as `constraints.count_obstacles` does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.constraints import ObstacleKind
from services.matching.domain.shortlisting.arrays import Asked, Blocks, RankingRule
from services.matching.domain.shortlisting.changes import count_possible
from services.matching.domain.shortlisting.records import CONSENT


@dataclass(frozen=True, slots=True, eq=False)
class Dropped:
    """By need: how many participants each reason drops (needs,), and how many are left (needs,)."""

    reasons: dict[ObstacleKind, NDArray[np.int64]]
    possible: NDArray[np.int64]

    def of(self, need: int) -> dict[ObstacleKind, int]:
        """The reasons that drop somebody for one need, and how many."""
        counts = {reason: int(by_need[need]) for reason, by_need in self.reasons.items()}
        return {reason: count for reason, count in counts.items() if count}


def count_dropped(blocks: Blocks, asked: Asked, rule: RankingRule) -> Dropped:
    """Count over the arranged pool."""
    pool, needs = len(blocks.positions), asked.needs
    people, held = blocks.people[:pool], blocks.held[:pool]
    near, possible = np.zeros(len(needs), dtype=np.int64), np.zeros(len(needs), dtype=np.int64)
    count_possible(blocks, asked, rule, near, possible)
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
    return Dropped({reason: counts.astype(np.int64) for reason, counts in reasons.items()}, possible)


def _lacking(held: NDArray[np.uint64], required: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each required bit set (needs, words), how many of those held (people, words) lack a part of it."""
    sets, people = np.unique(held, axis=0, return_counts=True)
    asked, which = np.unique(required, axis=0, return_inverse=True)
    lacking = np.array([people[(one & ~sets).any(axis=1)].sum() for one in asked], dtype=np.int64)
    return lacking[which.reshape(-1)]


def _refusals(blocks: Blocks, occupations: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many refuse each of `occupations`."""
    people = blocks.people[: len(blocks.positions)]
    inside = np.zeros(len(blocks.liking_factors) + 1, dtype=np.int64)
    np.add.at(inside, people["first_liking"], 1)
    np.add.at(inside, people["first_liking"] + people["likings"], -1)
    known = np.cumsum(inside[:-1]) > 0
    refused = blocks.liking_occupations[known & (blocks.liking_factors == 0)]
    counts = np.bincount(refused, minlength=int(occupations.max(initial=0)) + 1)
    return counts[occupations]
