"""Why a timetable cannot be, said by name."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.matching.domain.pair_key import PairKey
from services.matching.domain.timetabling.problem import Layout


class TimetableConflictKind(StrEnum):
    """What cannot be."""

    PARTICIPANT_OVERFULL = "participant-overfull"
    NEED_OVERFULL = "need-overfull"
    NEVER_TOGETHER = "never-together"
    NO_TABLE = "no-table"
    TOO_TIGHT = "too-tight"


@dataclass(frozen=True, slots=True)
class TimetableConflict:
    """One reason: the meetings that take part in it, the slots they take and the slots there are."""

    kind: TimetableConflictKind
    meetings: tuple[PairKey, ...]
    taken: int = 0
    available: int = 0

    def __str__(self) -> str:
        return _SENTENCES[self.kind].format(
            meetings=", ".join(f"{participant} with {need}" for participant, need in self.meetings),
            participant=self.meetings[0][0],
            need=self.meetings[0][1],
            taken=self.taken,
            available=self.available,
        )


_SENTENCES = {
    TimetableConflictKind.PARTICIPANT_OVERFULL: (
        "Participant {participant} needs {taken} slots and can use {available}: {meetings}."
    ),
    TimetableConflictKind.NEED_OVERFULL: "Need {need} needs {taken} slots and can use {available}: {meetings}.",
    TimetableConflictKind.NEVER_TOGETHER: "The two are never there together for long enough: {meetings}.",
    TimetableConflictKind.NO_TABLE: "No table suits the meeting: {meetings}.",
    TimetableConflictKind.TOO_TIGHT: "These meetings find no place beside the others: {meetings}.",
}


class ImpossibleTimetable(Exception):
    """The meetings do not fit; ``conflicts`` says which and why."""

    def __init__(self, conflicts: tuple[TimetableConflict, ...]) -> None:
        self.conflicts = conflicts
        super().__init__(" ".join(str(conflict) for conflict in conflicts))


def plain_conflicts(plain: Layout) -> tuple[TimetableConflict, ...]:
    """Return what can be seen without search: pairs without time or table, people with more meetings than slots."""
    return (*_placeless(plain), *_overfull(plain))


def _placeless(plain: Layout) -> Iterator[TimetableConflict]:
    for pair, starts, tables in zip(plain.meetings, plain.starts, plain.tables, strict=True):
        if not starts:
            yield TimetableConflict(TimetableConflictKind.NEVER_TOGETHER, (pair,))
        if not tables:
            yield TimetableConflict(TimetableConflictKind.NO_TABLE, (pair,))


def _overfull(plain: Layout) -> Iterator[TimetableConflict]:
    everybody: list[tuple[TimetableConflictKind, Hashable, list[int], int]] = [
        (TimetableConflictKind.PARTICIPANT_OVERFULL, participant, positions, 1)
        for participant, positions in plain.of_participants().items()
    ] + [
        (TimetableConflictKind.NEED_OVERFULL, need, positions, plain.interviewers[need])
        for need, positions in plain.of_needs().items()
    ]
    for kind, _, positions, parallel in everybody:
        taken = sum(plain.lengths[position] for position in positions)
        usable = {slot for position in positions for slot in _covered(plain, position)}
        if taken > len(usable) * parallel:
            meetings = tuple(plain.meetings[position] for position in positions)
            yield TimetableConflict(kind, meetings, taken, len(usable) * parallel)


def _covered(plain: Layout, position: int) -> Iterator[int]:
    for start in plain.starts[position]:
        yield from range(start, start + plain.lengths[position])
