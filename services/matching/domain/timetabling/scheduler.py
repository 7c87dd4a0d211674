"""The timetable: colouring where everybody is free, constraint programming otherwise."""

from __future__ import annotations

from services.matching.domain.timetabling.assembly import idle_slots, placed
from services.matching.domain.timetabling.conflicts import ImpossibleTimetable, plain_conflicts
from services.matching.domain.timetabling.constrained import search
from services.matching.domain.timetabling.constructive import first_timetable
from services.matching.domain.timetabling.free import colour, is_free
from services.matching.domain.timetabling.problem import Layout, TimetableProblem, layout
from services.matching.domain.timetabling.solution import Measure, Timetable


def timetable(problem: TimetableProblem) -> Timetable:
    """Give every meeting a slot and a table.

    Nobody has two meetings at once, a need no more than its interviewers, a table one; breaks, windows, lengths and
    front tables are respected, and what is held stays. The aims in their order: fewest announced placements
    changed, fewest slots, least waiting, fewest table changes. Where everybody is free in all slots the number of slots
    is the least there is, in polynomial time, and in a large meetup the waiting is only shortened; otherwise each aim
    comes with the bound that the search proved within ``effort``. The same problem in any order of its meetings gives
    the same timetable.

    Raises ImpossibleTimetable naming the meetings that do not fit and why, UndecidedTimetable when the effort was too
    small to tell, ValueError for malformed input.
    """
    plain = layout(problem)
    if conflicts := plain_conflicts(plain):
        raise ImpossibleTimetable(conflicts)
    if not is_free(problem, plain):
        return search(problem, plain, _first(problem, plain))
    slots, tables, used = colour(plain)
    if len(plain.meetings) * len(plain.open_slots) <= _SHORTENED_BY_SEARCH:
        return search(problem, plain, slots)
    return Timetable(
        meetings=placed(plain, slots, tables),
        moved=Measure(0, 0),
        slots=Measure(used, used),
        idle=Measure(idle_slots(plain, slots), 0),
        table_changes=Measure(0, 0),
    )


def _first(problem: TimetableProblem, plain: Layout) -> list[int] | None:
    """A first timetable, if one was found in which all that is held stays."""
    starts = first_timetable(problem, plain)
    if starts is None:
        return None
    slots = {pair: plain.open_slots[start] for pair, start in zip(plain.meetings, starts, strict=True)}
    return starts if all(slots[pair] == problem.announced[pair].slot for pair in problem.held & slots.keys()) else None


_SHORTENED_BY_SEARCH = 4_000
"""Meetings times slots up to which waiting is worth a search when everybody is free; beyond, slots are exchanged."""
