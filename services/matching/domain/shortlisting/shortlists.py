"""Shortlists over the whole pool: exact filtered top-k, made once and then kept fresh change by change."""

import math
import os
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.likings import NOTHING_KNOWN
from services.matching.domain.records import whole
from services.matching.domain.scoring import ALPHA, HIGHEST_LEVEL, NEAR_TIE, SOFTNESS, steps
from services.matching.domain.shortlisting.arrays import Lists, RankingRule
from services.matching.domain.shortlisting.changes import renew
from services.matching.domain.shortlisting.columns import Needs, Participants
from services.matching.domain.shortlisting.counting import KINDS, Dropped, count_dropped, count_need, count_somebody
from services.matching.domain.shortlisting.kernel import fill
from services.matching.domain.shortlisting.layout import NOBODY, arrange, ask, liking_factors
from services.matching.domain.shortlisting.lots import lot_keys
from services.matching.domain.shortlisting.renewing import (
    joined,
    keeps_limits,
    occupant_of,
    vacate,
    with_need,
    with_participant,
    with_room,
)

_NEEDS_PER_TASK = 64


@dataclass(frozen=True, slots=True)
class ShortlistPolicy:
    """How shortlists are ranked; recorded with each run.

    `size` people on a list and `reserve` more behind them; `alpha` of the mutual utility; `near_tie`: by how many
    standard deviations of the leader's score others may be behind and still count as tied (0: equal utilities only);
    `softness`: how much of what was asked one level below it counts.
    """

    size: int = 20
    reserve: int = 20
    alpha: float = ALPHA
    near_tie: float = NEAR_TIE
    softness: float = SOFTNESS

    def __post_init__(self) -> None:
        for name in ("size", "reserve"):
            object.__setattr__(self, name, whole(getattr(self, name), name))
        for name in ("alpha", "near_tie", "softness"):
            object.__setattr__(self, name, float(getattr(self, name)))
        if self.size < 1 or self.reserve < 0:
            raise ValueError(f"A shortlist of {self.size} and a reserve of {self.reserve}: give at least 1 and 0.")
        if not 0 < self.alpha <= 1:
            raise ValueError(f"Alpha is {self.alpha}: give a number above 0 and at most 1.")
        if not 0 <= self.near_tie < math.inf:
            raise ValueError(f"The near tie is {self.near_tie}: give standard deviations of 0 or more.")
        steps(HIGHEST_LEVEL, self.softness)  # refuses what is no softness


@dataclass(frozen=True, slots=True)
class ShortlistPlace:
    """Somebody on a shortlist: the participant's number, the mutual utility and the score."""

    participant: int
    utility: float
    score: float


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The people for one need, best first, and the reserve behind them."""

    places: tuple[ShortlistPlace, ...]
    reserve: tuple[ShortlistPlace, ...]


def shortlist(
    participants: Participants,
    needs: Needs,
    *,
    run: Hashable = "",
    policy: ShortlistPolicy = ShortlistPolicy(),  # frozen
    threads: int | None = None,
) -> "Shortlists":
    """The best `policy.size` participants for each need and a reserve: the same as by brute force, whatever `threads`.

    The order. Only those whom nothing stands in the way of (see `constraints.obstacles`) are ranked, by mutual utility
    u = s^α · v^(1−α). From the best down they fall into groups of near-ties: a group is its leader, the best one left,
    and everybody behind by at most `near_tie` × the leader's uncertainty (the standard deviation of the share, skills
    taken as independent, measured like u^(1/α) = s · v^((1−α)/α), the number actually compared). In
    a group, those shortlisted less often come first; then the lot of run, need and participant decides (`lots`).

        pool = Participants.build(exceedance, latitude, longitude, travel_limit_km=30)
        needs = Needs.build([[(2, 0.6), (5, 0.4)]], [50.43], [2.83])  # level 3 of skill 0, level 2 of skill 1
        lists = shortlist(pool, needs, run="2026-12-01", policy=ShortlistPolicy(size=5, reserve=5, near_tie=0.0))
        [(place.participant, place.utility) for place in lists.of(0).places]
        lists.update_participant(17, one)  # `one`: Participants of length 1; gives the needs whose lists were re-made

    TypeError for what is not in columns yet; ValueError where needs ask for features that the pool lacks.
    """
    for argument, given, columns in (("participants", participants, Participants), ("needs", needs, Needs)):
        if not isinstance(given, columns):
            raise TypeError(
                f"{argument} must be in columns, not {type(given).__name__}: make them with {columns.__name__}.of, "
                f"from records, or {columns.__name__}.build, from arrays"
            )
    made = Shortlists(participants, needs, run, policy)
    made.fill(threads)
    return made


class Shortlists:
    """The shortlists of all needs, and the pool they were made from: changes are applied to both.

    `people` (needs, size + reserve) holds participants' numbers, −1 where a list ends; `scores` and `utilities` go with
    them. Changed participants and needs keep their number; new ones take the next.
    """

    def __init__(self, participants: Participants, needs: Needs, run: Hashable, policy: ShortlistPolicy) -> None:
        """Arrange the pool; the lists are empty until `fill`."""
        self.policy = policy
        _check_fit(participants.exceedance.shape[1], needs)
        self._words = max(participants.licences.shape[1], needs.licences.shape[1])
        self._blocks = arrange(participants, policy.alpha, policy.softness, self._words)
        self._asked = ask(needs, self._words, policy.softness)
        unknown_liking = float(liking_factors(np.array([NOTHING_KNOWN]), policy.alpha)[0])
        self._rule = RankingRule(policy.size + policy.reserve, policy.near_tie, unknown_liking, lot_keys([run])[0])
        self._lists = _empty_lists(len(needs), self._rule.length)
        self._dropped: Dropped | None = None

    def fill(self, threads: int | None = None) -> None:
        """Make all lists anew, on `threads` threads (default: all cores)."""
        neighbours = np.lexsort((self._asked.needs["y"], np.round(self._asked.needs["z"], 2)))
        tasks = np.array_split(neighbours, -(-len(neighbours) // _NEEDS_PER_TASK) or 1)
        with ThreadPoolExecutor(threads or _cores()) as pool:
            for _ in pool.map(self._fill, tasks):
                pass

    def of(self, need: int) -> Shortlist:
        """The shortlist of one need, by its number."""
        return Shortlist(self.listed(need), self._places(need, self.policy.size, self._rule.length))

    def listed(self, need: int) -> tuple[ShortlistPlace, ...]:
        """Who stands on the shortlist of one need, without the reserve."""
        return self._places(need, 0, self.policy.size)

    def _places(self, need: int, first: int, end: int) -> tuple[ShortlistPlace, ...]:
        some = slice(first, min(end, int(self._lists.counts[need])))
        return tuple(
            # Weights that sum to 1 may come to a little more, added up.
            ShortlistPlace(person, min(rank**self.policy.alpha, 1.0), min(score, 1.0))
            for person, rank, score in zip(
                self._lists.people[need, some].tolist(),
                self._lists.ranks[need, some].tolist(),
                self._lists.scores[need, some].tolist(),
                strict=True,
            )
        )

    @property
    def people(self) -> NDArray[np.int32]:
        """Participants' numbers by need and place, −1 where a list ends."""
        return self._lists.people

    @property
    def scores(self) -> NDArray[np.float64]:
        """Scores by need and place, 0 where a list ends."""
        return self._lists.scores

    @property
    def utilities(self) -> NDArray[np.float64]:
        """Mutual utilities by need and place, 0 where a list ends."""
        utilities: NDArray[np.float64] = self._lists.ranks**self.policy.alpha
        return utilities

    def update_participant(self, number: int, one: Participants) -> NDArray[np.int64]:
        """Change participant `number` into `one` (columns of length 1), or add them as the next one.

        Re-makes the lists that this can touch, which gives what making all of them anew would, and gives their needs.
        """
        features = self._blocks.exceedance.shape[1]
        if one.exceedance.shape[1] != features:
            raise ValueError(f"{one.exceedance.shape[1]} features: the pool has {features}.")
        was_there = number < len(self._blocks.positions) and self._is_somebody(number)
        if number == len(self._blocks.positions):
            self._blocks = with_room(self._blocks)
        occupant = occupant_of(one, number, self._words, self.policy.alpha, self.policy.softness)
        counts_stay = was_there and keeps_limits(self._blocks, occupant)
        if was_there and not counts_stay:
            self._count(number, -1)
        before = self._record_of(number)
        self._blocks = with_participant(self._blocks, occupant)
        if not counts_stay:
            self._count(number, 1)
        return self._renew(number, before)

    def remove_participant(self, number: int) -> NDArray[np.int64]:
        """Take participant `number` off all lists and counts; they may be put back by `update_participant`.

        Gives the needs whose lists were re-made.
        """
        if not self._is_somebody(number):
            return np.empty(0, dtype=np.int64)
        self._count(number, -1)
        before = self._record_of(number)
        vacate(self._blocks, number)
        remade = self._renew(number, before)
        self._blocks.people[self._blocks.positions[number]]["number"] = NOBODY["number"]
        return remade

    def update_need(self, number: int, one: Needs) -> None:
        """Change need `number` into `one` (columns of length 1), or add it as the next one, and make its list."""
        _check_fit(self._blocks.exceedance.shape[1], one)
        if number == len(self._asked.needs):
            self._lists = joined(self._lists, _empty_lists(1, self._rule.length))
            self._dropped = self._dropped and _with_one_more(self._dropped)
        self._asked = with_need(self._asked, number, one, self.policy.softness)
        if self._dropped:
            count_need(self._blocks, self._asked, self._rule, number, self._dropped.counts)
        self._fill(np.array([number]))

    def dropped(self) -> Dropped:
        """How many of the pool each reason drops for each need: counted when first asked, and kept by every change."""
        if self._dropped is None:
            self._dropped = count_dropped(self._blocks, self._asked)
        return self._dropped

    def _is_somebody(self, number: int) -> bool:
        return bool(self._blocks.people[self._blocks.positions[number]]["number"] == number)

    def _record_of(self, number: int) -> NDArray[np.void]:
        record: NDArray[np.void] = self._blocks.people[self._blocks.positions[number]][np.newaxis].copy()
        return record

    def _renew(self, number: int, before: NDArray[np.void]) -> NDArray[np.int64]:
        position = self._blocks.positions[number]
        remade: NDArray[np.int64] = renew(self._blocks, self._asked, self._rule, self._lists, position, before)
        return remade

    def _count(self, number: int, times: int) -> None:
        if self._dropped:
            position = self._blocks.positions[number]
            count_somebody(self._blocks, self._asked, self._rule, position, times, self._dropped.counts)

    def _fill(self, needs: NDArray[np.int64]) -> None:
        fill(self._blocks, self._asked, self._rule, needs, self._lists)


def _check_fit(features: int, needs: Needs) -> None:
    if needs.features.min(initial=0) < 0 or needs.features.max(initial=0) >= features:
        raise ValueError(f"A need asks for a feature that is not among the pool's {features}.")


def _with_one_more(dropped: Dropped) -> Dropped:
    return Dropped(np.vstack([dropped.counts, np.zeros((1, len(KINDS)), dtype=np.int64)]))


def _empty_lists(needs: int, length: int) -> Lists:
    return Lists(
        people=np.full((needs, length), -1, dtype=np.int32),
        ranks=np.zeros((needs, length)),
        scores=np.zeros((needs, length)),
        counts=np.zeros(needs, dtype=np.int32),
        leaders=np.full(needs, -1, dtype=np.int32),
        lowest=np.full(needs, -np.inf),
        highest=np.full(needs, -np.inf),
        last_shortlisted=np.zeros(needs, dtype=np.int32),
        last_lots=np.zeros(needs, dtype=np.uint64),
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
