"""When and where the meetings of a plan take place: the fewest slots, then little waiting, with bound and status.

problem = TimetableProblem(meetings=[("p1", "n1"), ("p1", "n2"), ("p2", "n1")], slots=10)
result = timetable(problem)
[(m.participant, m.need, m.slot, m.table) for m in result.meetings]
result.slots_used, result.bound, result.status  # (2, 2, "optimal")
timetable(replace(problem, windows={"p1": (0, 0)}))  # raises ImpossibleTimetable: two meetings, one slot
"""

from services.matching.domain.timetabling.conflicts import (
    ImpossibleTimetable,
    TimetableConflict,
    TimetableConflictKind,
)
from services.matching.domain.timetabling.constrained import without_room
from services.matching.domain.timetabling.problem import Placement, Table, TimetableProblem
from services.matching.domain.timetabling.scheduler import timetable
from services.matching.domain.timetabling.solution import Measure, PlacedMeeting, Timetable, UndecidedTimetable

__all__ = [
    "ImpossibleTimetable",
    "Measure",
    "PlacedMeeting",
    "Placement",
    "Table",
    "Timetable",
    "TimetableConflict",
    "TimetableConflictKind",
    "TimetableProblem",
    "UndecidedTimetable",
    "timetable",
    "without_room",
]
