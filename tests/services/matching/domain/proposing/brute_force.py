"""Every way to fill freed seats of a small meetup with time for everybody, tried one by one: the judge of ``fill``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from services.matching.domain.situation import Pair

Rank = tuple[int, int]
"""How many people have a worthwhile meeting, and how many have any."""


@dataclass(frozen=True)
class Seats:
    """Who meets whom already, who may come, and what a need and a person can hold; `worthwhile` are pairs of both."""

    staying: frozenset[Pair]
    waiting: frozenset[Pair]
    worthwhile: frozenset[Pair]
    seats: Mapping[UUID, int]
    maximum: int

    def every_filling(self) -> Iterator[frozenset[Pair]]:
        """All that seats and people's maxima allow, with those who stay."""
        for size in range(len(self.waiting) + 1):
            for coming in combinations(self.waiting, size):
                if self.fits(filled := self.staying | frozenset(coming)):
                    yield filled

    def fits(self, filled: Collection[Pair]) -> bool:
        """Whether nobody who comes finds seats taken or has too many meetings."""
        had, has = (Counter(pair.participant_id for pair in pairs) for pairs in (self.staying, filled))
        held, holds = (Counter(pair.need_id for pair in pairs) for pairs in (self.staying, filled))
        return all(count <= max(self.maximum, had[one]) for one, count in has.items()) and all(
            count <= max(self.seats[need], held[need]) for need, count in holds.items()
        )

    def rank(self, filled: frozenset[Pair]) -> Rank:
        """How well a filling serves people: greater is better."""
        return (
            len({pair.participant_id for pair in filled & self.worthwhile}),
            len({pair.participant_id for pair in filled}),
        )

    def best(self) -> Rank:
        """What the best filling reaches."""
        return max(self.rank(filled) for filled in self.every_filling())
