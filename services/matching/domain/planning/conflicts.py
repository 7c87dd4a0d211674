"""Demands that cannot all be met, named one by one before anything is solved.

Once these checks pass, the demanded meetings alone are a plan, so nothing can turn out impossible later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.matching.domain.pair_key import PairKey
from services.matching.domain.planning.problem import CanonicalProblem, PlanProblem


class ConflictKind(StrEnum):
    """What contradicts what."""

    UNKNOWN_PARTICIPANT = "unknown-participant"
    UNKNOWN_NEED = "unknown-need"
    PIN_FORBIDDEN = "pin-forbidden"
    KEPT_FORBIDDEN = "kept-forbidden"
    PIN_INFEASIBLE = "pin-infeasible"
    KEPT_INFEASIBLE = "kept-infeasible"
    SEATS_EXCEEDED = "seats-exceeded"
    MAXIMUM_EXCEEDED = "maximum-exceeded"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One contradiction: the demanded pairs that take part in it, and what stands against them.

    ``limit`` is the number of seats or the maximum that is exceeded; ``obstacles`` are the caller's own words on why an
    infeasible pair cannot be.
    """

    kind: ConflictKind
    pairs: tuple[PairKey, ...]
    limit: int | None = None
    obstacles: tuple[str, ...] = ()

    def __str__(self) -> str:
        pairs = ", ".join(f"{participant} with {need}" for participant, need in self.pairs)
        return _SENTENCES[self.kind].format(
            pairs=pairs,
            participant=self.pairs[0][0],
            need=self.pairs[0][1],
            limit=self.limit,
            count=len(self.pairs),
            obstacles=f" ({'; '.join(self.obstacles)})" if self.obstacles else "",
        )


_SENTENCES = {
    ConflictKind.UNKNOWN_PARTICIPANT: "Participant {participant} is not enrolled, yet a meeting is demanded: {pairs}.",
    ConflictKind.UNKNOWN_NEED: "Need {need} is not part of the meetup, yet a meeting is demanded: {pairs}.",
    ConflictKind.PIN_FORBIDDEN: "The meeting {pairs} is both pinned and forbidden.",
    ConflictKind.KEPT_FORBIDDEN: "The meeting {pairs} was accepted and is now forbidden.",
    ConflictKind.PIN_INFEASIBLE: "The pinned meeting {pairs} cannot be{obstacles}.",
    ConflictKind.KEPT_INFEASIBLE: "The accepted meeting {pairs} can no longer be{obstacles}.",
    ConflictKind.SEATS_EXCEEDED: "Need {need} holds {limit} meetings, but {count} are pinned or accepted: {pairs}.",
    ConflictKind.MAXIMUM_EXCEEDED: (
        "Participant {participant} may have {limit} meetings, but {count} are pinned or accepted: {pairs}."
    ),
}


class ImpossiblePlan(Exception):
    """The demands contradict each other; ``conflicts`` names every contradiction."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        self.conflicts = conflicts
        super().__init__(" ".join(str(conflict) for conflict in conflicts))


def demanded_conflicts(problem: PlanProblem, ordered: CanonicalProblem) -> tuple[Conflict, ...]:
    """Return every contradiction among accepted meetings, pins, forbids, feasibility, seats and maxima."""
    demanded = sorted(problem.kept | problem.pins, key=lambda pair: (str(pair[0]), str(pair[1])))
    known = [pair for pair in demanded if pair[0] in ordered.participant_at and pair[1] in ordered.need_at]
    return (
        *_unknown(demanded, ordered),
        *_forbidden(demanded, problem),
        *_infeasible(known, problem, ordered),
        *_exceeding(known, ordered),
    )


def _unknown(demanded: list[PairKey], ordered: CanonicalProblem) -> Iterator[Conflict]:
    for pair in demanded:
        if pair[0] not in ordered.participant_at:
            yield Conflict(ConflictKind.UNKNOWN_PARTICIPANT, (pair,))
        if pair[1] not in ordered.need_at:
            yield Conflict(ConflictKind.UNKNOWN_NEED, (pair,))


def _forbidden(demanded: list[PairKey], problem: PlanProblem) -> Iterator[Conflict]:
    for pair in demanded:
        if pair in problem.forbids:
            accepted = pair in problem.kept
            yield Conflict(ConflictKind.KEPT_FORBIDDEN if accepted else ConflictKind.PIN_FORBIDDEN, (pair,))


def _infeasible(known: list[PairKey], problem: PlanProblem, ordered: CanonicalProblem) -> Iterator[Conflict]:
    codes = ordered.pair_codes
    for pair in known:
        code = ordered.participant_at[pair[0]] * len(ordered.needs) + ordered.need_at[pair[1]]
        position = int(np.searchsorted(codes, code))
        if position == len(codes) or codes[position] != code:
            kind = ConflictKind.KEPT_INFEASIBLE if pair in problem.kept else ConflictKind.PIN_INFEASIBLE
            yield Conflict(kind, (pair,), obstacles=tuple(problem.obstacles.get(pair, ())))


def _exceeding(known: list[PairKey], ordered: CanonicalProblem) -> Iterator[Conflict]:
    of_need: dict[Hashable, list[PairKey]] = defaultdict(list)
    of_participant: dict[Hashable, list[PairKey]] = defaultdict(list)
    for pair in known:
        of_participant[pair[0]].append(pair)
        of_need[pair[1]].append(pair)
    for need, pairs in of_need.items():
        seats = int(ordered.seats[ordered.need_at[need]])
        if len(pairs) > seats:
            yield Conflict(ConflictKind.SEATS_EXCEEDED, tuple(pairs), limit=seats)
    for participant, pairs in of_participant.items():
        maximum = int(ordered.maximum[ordered.participant_at[participant]])
        if len(pairs) > maximum:
            yield Conflict(ConflictKind.MAXIMUM_EXCEEDED, tuple(pairs), limit=maximum)
