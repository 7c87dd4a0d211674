"""A plan and a timetable that fit each other: what finds no room beside those who come is left out, and planned anew.

The plan knows seats, not hours. Where its meetings do not all find a place, the fewest are left out, first those of
people who keep another; the plan is then made again without them, so that its priorities still decide who has what.
Nobody who accepted moves for others: only where those whom a plan must hold find no place otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass, replace
from typing import cast

from services.matching.domain.planning import ImpossiblePlan, Plan, PlannedMeeting, plan
from services.matching.domain.proposing.problems import Key, key, plan_problem, timetable_problem
from services.matching.domain.proposing.weighing import Weighing
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Pair, RunInputs
from services.matching.domain.timetabling import (
    ImpossibleTimetable,
    Timetable,
    TimetableProblem,
    UndecidedTimetable,
    timetable,
    without_room,
)


class ImpossiblePairing(Exception):
    """What was demanded cannot be; `conflicts` names every contradiction, with the ids that take part."""

    def __init__(self, conflicts: tuple[dict[str, object], ...]) -> None:
        self.conflicts = conflicts
        super().__init__(f"{len(conflicts)} conflicts")


@dataclass(frozen=True, slots=True)
class Arranged:
    """A plan with its timetable; `left_out` are meetings that a plan without hours would have held."""

    plan: Plan
    timetable: Timetable
    left_out: frozenset[Pair]


def arrange(inputs: RunInputs, weighing: Weighing) -> Arranged:
    """Plan who meets whom, and when and where.

    Raises `ImpossiblePairing` when what the plan must hold contradicts itself or finds no place.
    """
    rules = MeetupRules(inputs)
    try:
        return _arranged(inputs, weighing, rules, held=_standing(rules))
    except (ImpossibleTimetable, UndecidedTimetable):
        return _arranged_anyhow(inputs, weighing, rules)


def _arranged_anyhow(inputs: RunInputs, weighing: Weighing, rules: MeetupRules) -> Arranged:
    try:
        return _arranged(inputs, weighing, rules, held=frozenset())
    except ImpossibleTimetable as impossible:
        raise ImpossiblePairing(
            tuple(_conflict(one.kind, one.meetings, one.available, ()) for one in impossible.conflicts)
        ) from None
    except UndecidedTimetable:
        raise ImpossiblePairing((_conflict("undecided-timetable", (), None, ()),)) from None


def _arranged(inputs: RunInputs, weighing: Weighing, rules: MeetupRules, held: frozenset[Pair]) -> Arranged:
    left_out: frozenset[Pair] = frozenset()
    while True:
        planned = _plan(inputs, weighing, left_out)
        problem = timetable_problem(rules, [pair_planned(one) for one in planned.meetings], inputs.current, held)
        try:
            return Arranged(planned, timetable(problem), left_out)
        except ImpossibleTimetable:
            left_out |= _without_room(problem, planned.meetings)


def _without_room(problem: TimetableProblem, planned: Collection[PlannedMeeting]) -> frozenset[Pair]:
    """The fewest of these meetings without which the others find a place.

    Raises `ImpossibleTimetable` when those that must be find none.
    """
    must = {one.pair for one in planned if one.kept or one.pinned}
    found = without_room(problem, must)
    if not found:
        timetable(replace(problem, meetings=sorted(must, key=str)))
        raise UndecidedTimetable("no meeting was found that could be left out")
    return frozenset(_pair(participant, need) for participant, need in found)


def _standing(rules: MeetupRules) -> frozenset[Pair]:
    """The accepted meetings that can still be where people were told."""
    return frozenset(
        meeting.pair for meeting in rules.truth.current if rules.can_stay(meeting.pair, meeting.slot, meeting.table)
    )


def _plan(inputs: RunInputs, weighing: Weighing, left_out: Collection[Pair]) -> Plan:
    problem = plan_problem(inputs, weighing)
    try:
        return plan(replace(problem, forbids=frozenset(problem.forbids).union(key(pair) for pair in left_out)))
    except ImpossiblePlan as impossible:
        raise ImpossiblePairing(
            tuple(_conflict(one.kind, one.pairs, one.limit, one.obstacles) for one in impossible.conflicts)
        ) from None


def _conflict(
    kind: str, pairs: tuple[tuple[Hashable, Hashable], ...], limit: int | None, obstacles: tuple[str, ...]
) -> dict[str, object]:
    return {
        "kind": str(kind),
        "pairs": [[str(participant), str(need)] for participant, need in pairs],
        "limit": limit,
        "obstacles": list(obstacles),
    }


def pair_planned(meeting: PlannedMeeting) -> Pair:
    """Who meets whom in a planned meeting."""
    return _pair(meeting.participant, meeting.need)


def _pair(participant: Hashable, need: Hashable) -> Pair:
    return Pair(*cast("Key", (participant, need)))
