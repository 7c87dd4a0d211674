"""An independent check that a timetable keeps every rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from services.matching.domain.pair_key import PairKey
from services.matching.domain.timetabling import PlacedMeeting, Timetable, TimetableProblem


def broken_rules(problem: TimetableProblem, result: Timetable) -> list[str]:
    """Every rule that a timetable breaks, in words; none for a good one."""
    found = [] if {meeting.pair for meeting in result.meetings} == set(problem.meetings) else ["other meetings"]
    for meeting in result.meetings:
        found += [*_wrong_times(problem, meeting), *_wrong_tables(problem, meeting)]
    return found + _taken_twice(problem, result)


def _wrong_times(problem: TimetableProblem, meeting: PlacedMeeting) -> Iterator[str]:
    slots = range(meeting.slot, meeting.slot + meeting.length)
    if meeting.length != problem.lengths.get(meeting.pair, 1):
        yield f"length of {meeting.pair}"
    if slots.stop > problem.slots or problem.breaks & set(slots):
        yield f"{meeting.pair} is outside the open slots"
    for one in meeting.pair:
        first, last = problem.windows.get(one, (0, problem.slots - 1))
        if slots.start < first or slots.stop - 1 > last:
            yield f"{one} is not there"


def _wrong_tables(problem: TimetableProblem, meeting: PlacedMeeting) -> Iterator[str]:
    for table in problem.tables or ():
        if table.id == meeting.table:
            if meeting.participant in problem.front_only and not table.is_front:
                yield f"{meeting.participant} has no front table"
            if table.need not in {None, meeting.need}:
                yield f"{meeting.pair} is at another need's table"


def _taken_twice(problem: TimetableProblem, result: Timetable) -> list[str]:
    busy = Counter(
        (role, one, slot)
        for meeting in result.meetings
        for slot in range(meeting.slot, meeting.slot + meeting.length)
        for role, one in (("participant", meeting.participant), ("need", meeting.need), ("table", meeting.table))
    )
    return [
        f"{role} {one} is taken {times} times in slot {slot}"
        for (role, one, slot), times in busy.items()
        if times > (problem.interviewers.get(one, 1) if role == "need" else 1)
    ]


def largest_degree(problem: TimetableProblem) -> int:
    """König's Δ: meetings of the busiest participant, or of a need divided by its interviewers, rounded up."""
    participants = Counter(participant for participant, _ in problem.meetings)
    needs = Counter(need for _, need in problem.meetings)
    return max(
        [*participants.values(), *(-(-count // problem.interviewers.get(need, 1)) for need, count in needs.items())],
        default=0,
    )


def waiting(problem: TimetableProblem, starts: Mapping[PairKey, int]) -> int:
    """Open slots between each one's first and last meeting that their meetings do not take, summed over everybody."""
    total = 0
    for side, ones in enumerate(zip(*starts, strict=True) if starts else ()):
        for one in set(ones):
            mine = {pair: start for pair, start in starts.items() if pair[side] == one}
            parallel = problem.interviewers.get(one, 1) if side else 1
            lengths = [problem.lengths.get(pair, 1) for pair in mine]
            ends = max(start + length for start, length in zip(mine.values(), lengths, strict=True))
            there = sum(slot not in problem.breaks for slot in range(min(mine.values()), ends))
            total += there - max(-(-sum(lengths) // parallel), *lengths)
    return total
