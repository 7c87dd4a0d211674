"""What a plan is asked for, and its canonical order.

The order in which participants and needs were written down must not decide anything, so every problem is first put in
an order given by a hash of the run's seed and each id. Two problems that differ only in order become one and the same.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.pair_key import PairKey


@dataclass(frozen=True, slots=True, eq=False)
class SparseUtility:
    """Utilities of the feasible pairs only: three arrays of one length; a pair that is absent cannot be.

    ``rows`` index participants, ``columns`` index needs, ``values`` are utilities ≥ 0. No pair may stand twice.
    """

    rows: NDArray[np.integer]
    columns: NDArray[np.integer]
    values: NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PlanProblem:
    """Enrolled participants, needs with their seats, and what binds the plan.

    participants, needs
        Ids, each once; any hashable with a text form of its own. TypeError for records in their place.
    utility
        Mutual utilities ≥ 0, shape (participants, needs) with NaN where a pair cannot be; or ``SparseUtility``.
    seats
        Meetings that each need can hold in all, accepted ones included.
    maximum
        Meetings that each participant may have in all: one number for everybody or one each.
    feasible
        Optional mask of the dense utility's shape; False means that the pair cannot be.
    kept
        Accepted meetings: they stay.
    pins, forbids
        Pairs that an adviser demands or rules out.
    current
        Meetings of today's plan; each one that stays is worth ``stability`` more.
    worthwhile
        A meeting counts for the fair floor of worthwhile meetings from this utility on.
    stability
        Bonus for a meeting of the current plan, in units of utility.
    seed
        Text that names the run; with the ids it settles what the five priorities leave open.
    obstacles
        Why pairs cannot be, by pair, in the caller's words, to be handed back in conflicts.
    """

    participants: Sequence[Hashable]
    needs: Sequence[Hashable]
    utility: NDArray[np.floating] | SparseUtility
    seats: Sequence[int] | NDArray[np.integer]
    maximum: Sequence[int] | NDArray[np.integer] | int
    feasible: NDArray[np.bool_] | None = None
    kept: frozenset[PairKey] = frozenset()
    pins: frozenset[PairKey] = frozenset()
    forbids: frozenset[PairKey] = frozenset()
    current: frozenset[PairKey] = frozenset()
    worthwhile: float = 0.5
    stability: float = 0.02
    seed: str = ""
    obstacles: Mapping[Any, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for side in ("participants", "needs"):
            object.__setattr__(self, side, _ids(getattr(self, side), side))
        for pairs in ("kept", "pins", "forbids", "current"):
            object.__setattr__(self, pairs, frozenset(getattr(self, pairs)))


@dataclass(frozen=True, slots=True, eq=False)
class CanonicalProblem:
    """A problem in canonical order: feasible pairs as parallel arrays sorted by participant, then need."""

    participants: tuple[Hashable, ...]
    needs: tuple[Hashable, ...]
    participant_at: dict[Hashable, int]
    need_at: dict[Hashable, int]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    seats: NDArray[np.int64]
    maximum: NDArray[np.int64]

    def codes(self, pairs: Collection[PairKey]) -> NDArray[np.int64]:
        """Return ``row × needs + column`` of the pairs whose two ids are known, sorted, each once."""
        width = len(self.needs)
        known = {
            self.participant_at[participant] * width + self.need_at[need]
            for participant, need in pairs
            if participant in self.participant_at and need in self.need_at
        }
        return np.array(sorted(known), dtype=np.int64)

    @property
    def pair_codes(self) -> NDArray[np.int64]:
        """``row × needs + column`` of every feasible pair, ascending."""
        return self.rows * len(self.needs) + self.columns


def canonical(problem: PlanProblem) -> CanonicalProblem:
    """Check the problem's shapes and values and put it in canonical order.

    Raises ValueError naming the argument when a shape, a value or an id is wrong.
    """
    for argument in ("worthwhile", "stability"):
        if not 0 <= getattr(problem, argument) < math.inf:
            raise ValueError(f"{argument}: a finite number ≥ 0 is expected, not {getattr(problem, argument)}")
    people = _hashed_order(problem.participants, problem.seed, "participants")
    needs = _hashed_order(problem.needs, problem.seed, "needs")
    rows, columns, values = _feasible_pairs(problem, people, needs)
    participants_in_order = tuple(problem.participants[index] for index in people)
    needs_in_order = tuple(problem.needs[index] for index in needs)
    return CanonicalProblem(
        participants=participants_in_order,
        needs=needs_in_order,
        participant_at={participant: index for index, participant in enumerate(participants_in_order)},
        need_at={need: index for index, need in enumerate(needs_in_order)},
        rows=rows,
        columns=columns,
        values=values,
        seats=_counts(problem.seats, len(needs), "seats")[needs],
        maximum=_counts(problem.maximum, len(people), "maximum")[people],
    )


def _ids(given: Iterable[Hashable], argument: str) -> tuple[Hashable, ...]:
    """What names people or needs; TypeError for a text, whose letters are none, and for records in their place."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise TypeError(f"{argument}: a sequence of ids is expected, not {given!r}")
    ids = tuple(given)
    for one in ids:
        if not isinstance(one, Hashable):
            raise TypeError(f"{argument}: ids are expected, not {type(one).__name__}; give the id of each")
    return ids


def _hashed_order(ids: Sequence[Hashable], seed: str, argument: str) -> NDArray[np.int64]:
    digests = [blake2b(f"{seed}\x1f{argument}\x1f{one}".encode(), digest_size=16).digest() for one in ids]
    if len(set(digests)) < len(digests):
        raise ValueError(f"{argument}: an id stands twice (ids are told apart by their text form)")
    return np.array(sorted(range(len(ids)), key=digests.__getitem__), dtype=np.int64)


def _counts(given: Sequence[int] | NDArray[np.integer] | int, length: int, argument: str) -> NDArray[np.int64]:
    counts = np.asarray(given)
    if counts.size and not np.issubdtype(counts.dtype, np.integer):
        raise ValueError(f"{argument}: whole numbers are expected")
    if counts.ndim == 0:
        counts = np.full(length, counts)
    if counts.shape != (length,):
        raise ValueError(f"{argument}: {length} numbers are expected, not an array of shape {counts.shape}")
    if (counts < 0).any():
        raise ValueError(f"{argument}: negative number")
    if (counts > np.iinfo(np.int64).max).any():
        raise ValueError(f"{argument}: {counts.max()} is more than can be counted")
    return counts.astype(np.int64)


def _feasible_pairs(
    problem: PlanProblem, people: NDArray[np.int64], needs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    if isinstance(problem.utility, SparseUtility):
        rows, columns, values = _sparse_pairs(problem.utility, people, needs)
        if problem.feasible is not None:
            raise ValueError("feasible: a sparse utility lists the feasible pairs itself")
    else:
        rows, columns, values = _dense_pairs(problem, people, needs)
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("utility: finite numbers ≥ 0 are expected (NaN only where a pair cannot be)")
    return rows, columns, values


def _dense_pairs(
    problem: PlanProblem, people: NDArray[np.int64], needs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    dense = np.asarray(problem.utility, dtype=np.float64)
    shape = (len(people), len(needs))
    if dense.shape != shape:
        raise ValueError(f"utility: shape {shape} is expected, not {dense.shape}")
    ordered = dense[np.ix_(people, needs)]
    possible = ~np.isnan(ordered)
    if problem.feasible is not None:
        feasible = np.asarray(problem.feasible)
        if feasible.shape != shape or feasible.dtype != np.bool_:
            raise ValueError(f"feasible: truths of shape {shape} are expected, not {feasible.dtype} {feasible.shape}")
        possible &= feasible[np.ix_(people, needs)]
    rows, columns = np.nonzero(possible)
    return rows.astype(np.int64), columns.astype(np.int64), ordered[rows, columns]


def _sparse_pairs(
    utility: SparseUtility, people: NDArray[np.int64], needs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    rows, columns = np.asarray(utility.rows), np.asarray(utility.columns)
    values = np.asarray(utility.values, dtype=np.float64)
    if not rows.shape == columns.shape == values.shape == (rows.size,):
        raise ValueError("utility: rows, columns and values are expected to be flat and of one length")
    for indices, length, name in ((rows, len(people), "rows"), (columns, len(needs), "columns")):
        if indices.size and not np.issubdtype(indices.dtype, np.integer):
            raise ValueError(f"utility: {name} are expected to be whole numbers, not {indices.dtype}")
        if indices.size and not (indices.min() >= 0 and indices.max() < length):
            raise ValueError(f"utility: {name} index beyond the {length} given")
    codes = _inverse(people)[rows] * max(len(needs), 1) + _inverse(needs)[columns]
    order = np.argsort(codes, kind="stable")
    codes, values = codes[order], values[order]
    if (np.diff(codes) == 0).any():
        raise ValueError("utility: a pair stands twice")
    possible = ~np.isnan(values)
    new_rows, new_columns = np.divmod(codes[possible], max(len(needs), 1))
    return new_rows, new_columns, values[possible]


def _inverse(order: NDArray[np.int64]) -> NDArray[np.int64]:
    inverse = np.empty_like(order)
    inverse[order] = np.arange(len(order))
    return inverse
