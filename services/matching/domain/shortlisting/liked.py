"""What is known of participants' likings, many at a time."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.likings import NEVER
from services.matching.domain.shortlisting.checking import MOST, column, within
from services.matching.domain.shortlisting.coding import Codes, Coding, in_a_row

_REFUSED = 2.0
"""Outweighs every wish, until it is written as what it means."""


@dataclass(frozen=True, slots=True, eq=False)
class Likings:
    """What is known of participants' likings, sparse: row i holds `occupations[starts[i]:starts[i + 1]]`, ascending.

    `values` are in [0, 1]: 0 is "never". Pairs that are not listed have the liking ½.
    """

    starts: NDArray[np.int64]
    occupations: NDArray[np.int32]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if len(self.occupations) > MOST or len(self.values) != len(self.occupations):
            raise ValueError(
                f"likings hold {len(self.occupations)} occupations and {len(self.values)} values: "
                f"give one for one, and no more than {MOST}."
            )
        within("likings", self.values, 0, 1)
        within("occupations liked", self.occupations, 0, MOST)
        self._check_rows()

    @classmethod
    def of(cls, rows: Iterable[Mapping[int, float]]) -> Self:
        """From one mapping a participant: number of occupation → liking."""
        starts, occupations, values = array("q", [0]), array("q"), array("d")
        for row in rows:
            known = sorted(row)
            occupations.extend(known)
            values.extend(map(row.__getitem__, known))
            starts.append(len(occupations))
        numbers = column("occupations liked", occupations, np.int32, (len(occupations),))
        return cls(np.array(starts, np.int64), numbers, np.array(values, np.float64))

    @classmethod
    def told(cls, wishes: Sequence[Codes], refused: Sequence[Codes], coding: Coding) -> Self:
        """From what each participant wishes for and refuses: the strongest wish counts, and a refusal before all."""
        wished, wishing = in_a_row(wishes, "wishes")
        never, refusing = in_a_row(refused, "refused")
        has_number = np.array([code in coding.occupations for code in never], np.bool_)
        never_numbers = np.array([coding.occupations[code] for code in never if code in coding.occupations], np.int64)
        liked = list(map(coding.likings_of, wished))
        lengths = np.array([len(numbers) for numbers, _ in liked], np.int64)
        people = np.concatenate([np.repeat(wishing, lengths), refusing[has_number]])
        occupations = np.concatenate([*(numbers for numbers, _ in liked), never_numbers])
        values = np.concatenate([*(values for _, values in liked), np.full(len(never_numbers), _REFUSED)])
        return cls._of_strongest(people, occupations, values, len(wishes))

    @classmethod
    def _of_strongest(
        cls, people: NDArray[np.int64], occupations: NDArray[np.int64], values: NDArray[np.float64], rows: int
    ) -> Self:
        """From what is told of pairs, the strongest word on each."""
        pairs = people * (occupations.max(initial=0) + 1) + occupations
        order = np.argsort(pairs, kind="stable")
        first = np.flatnonzero(np.diff(pairs[order], prepend=-1))
        strongest = np.maximum.reduceat(values[order], first) if len(first) else values
        strongest[strongest == _REFUSED] = NEVER
        pair = order[first]
        starts = np.searchsorted(people[pair], np.arange(rows + 1))
        return cls(starts.astype(np.int64), occupations[pair].astype(np.int32), strongest)

    @classmethod
    def joined(cls, parts: Sequence[Likings]) -> Self:
        """Those of several groups of participants, one behind the other."""
        lengths = [np.diff(part.starts) for part in parts]
        return cls(
            np.cumsum(np.concatenate([np.zeros(1, np.int64), *lengths]), dtype=np.int64),
            np.concatenate([np.zeros(0, np.int32), *(part.occupations for part in parts)]),
            np.concatenate([np.zeros(0), *(part.values for part in parts)]),
        )

    def _check_rows(self) -> None:
        ends = [*self.starts[:1], *self.starts[-1:]]
        if ends != [0, len(self.occupations)] or (np.diff(self.starts) < 0).any():
            raise ValueError(f"The starts of likings must ascend from 0 to {len(self.occupations)}.")
        ascends = np.diff(self.occupations) > 0
        ascends[self.starts[(self.starts > 0) & (self.starts < len(self.occupations))] - 1] = True
        if not ascends.all():
            raise ValueError("The occupations liked must ascend in each row, and none stand twice.")
