"""From slots and tables by position to a timetable by name."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from services.matching.domain.timetabling.problem import Layout
from services.matching.domain.timetabling.solution import PlacedMeeting


def placed(plain: Layout, starts: Sequence[int], tables: Sequence[Hashable]) -> tuple[PlacedMeeting, ...]:
    """Name each meeting's slot (breaks counted again) and table, in the order of slots."""
    meetings = (
        PlacedMeeting(participant, need, plain.open_slots[start], table, length)
        for (participant, need), start, table, length in zip(plain.meetings, starts, tables, plain.lengths, strict=True)
    )
    return tuple(sorted(meetings, key=lambda meeting: meeting.slot))


def idle_slots(plain: Layout, starts: Sequence[int]) -> int:
    """Open slots that participants and needs wait between their first and their last meeting, summed.

    A need with several interviewers waits in the slots that its meetings could have spared, shared evenly.
    """
    return sum(
        max(starts[one] + plain.lengths[one] for one in positions)
        - min(starts[one] for one in positions)
        - busy_slots(plain, positions, parallel)
        for positions, parallel in everybody(plain)
    )


def everybody(plain: Layout) -> list[tuple[list[int], int]]:
    """Positions of the meetings of each participant and each need, with how many they hold in parallel."""
    return [(positions, 1) for positions in plain.of_participants().values()] + [
        (positions, plain.interviewers[need]) for need, positions in plain.of_needs().items()
    ]


def busy_slots(plain: Layout, positions: Sequence[int], parallel: int) -> int:
    """The fewest slots that these meetings take."""
    lengths = [plain.lengths[one] for one in positions]
    return max(-(-sum(lengths) // parallel), *lengths)


def tables_in_parallel(plain: Layout, positions: Sequence[int], starts: Sequence[int]) -> dict[int, Hashable]:
    """Seat a need's meetings at its first tables, one an interviewer: first come, first free table."""
    free_from: dict[Hashable, int] = dict.fromkeys(plain.tables[positions[0]], 0)
    seated: dict[int, Hashable] = {}
    for one in sorted(positions, key=lambda position: starts[position]):
        table = next(table for table, free in free_from.items() if free <= starts[one])
        free_from[table] = starts[one] + plain.lengths[one]
        seated[one] = table
    return seated


def fewest_slots(plain: Layout) -> int:
    """Slots that the busiest participant or need takes: a bound that needs no search."""
    return max((busy_slots(plain, positions, parallel) for positions, parallel in everybody(plain)), default=0)
