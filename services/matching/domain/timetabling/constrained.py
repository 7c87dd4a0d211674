"""Arrivals, breaks for some, double slots, common or front tables, announced placements: a search with bounds.

With any of these the problem is NP-complete, so the result says what was proven. The search is CP-SAT with one worker,
a fixed seed and a limit in deterministic time: the same problem gives the same timetable on every machine.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from math import ceil

from ortools.sat.python import cp_model

from services.matching.domain.pair_key import PairKey
from services.matching.domain.timetabling.assembly import fewest_slots, idle_slots, placed, tables_in_parallel
from services.matching.domain.timetabling.conflicts import (
    ImpossibleTimetable,
    TimetableConflict,
    TimetableConflictKind,
)
from services.matching.domain.timetabling.model import build, waiting
from services.matching.domain.timetabling.problem import Layout, Placement, TimetableProblem, layout
from services.matching.domain.timetabling.solution import Measure, Timetable, UndecidedTimetable


def search(problem: TimetableProblem, plain: Layout, first: Sequence[int] | None) -> Timetable:
    """Minimise the aims one after the other, each within the best found for those before.

    ``first`` is a start for each meeting that respects everybody's time, or None. Raises ImpossibleTimetable with a
    smallest set found of meetings that do not fit beside the others, and UndecidedTimetable when the effort was too
    small to tell.
    """
    seeking = _Search(problem, plain, first)
    moved = seeking.minimise(seeking.stated.moved, seeking.moved())
    slots = seeking.minimise(seeking.stated.slots, seeking.slots(), fewest_slots(plain))
    idle = seeking.minimise(waiting(seeking.stated, plain), seeking.idle())
    table_changes = seeking.minimise(seeking.stated.table_changes, None)
    assert seeking.starts is not None  # noqa: S101 - the first aim found a timetable or raised
    return Timetable(placed(plain, seeking.starts, seeking.tables()), moved, slots, idle, table_changes)


class _Search:
    """A model, the best timetable so far, and the aims that are already held."""

    def __init__(self, problem: TimetableProblem, plain: Layout, first: Sequence[int] | None) -> None:
        self.problem, self.plain = problem, plain
        self.stated = build(problem, plain)
        for present in self.stated.present:
            self.stated.model.add(present == 1)
        self.chosen_tables: list[Hashable] | None = None
        self.starts = list(first) if first is not None and not self.stated.at_table else None
        self._hint(first)

    def minimise(self, aim: cp_model.LinearExprT, known: int | None, least: int = 0) -> Measure:
        """Minimise an aim, hold it there, and go on from that timetable; ``known`` is what the best so far reaches."""
        if isinstance(aim, int):
            return Measure(aim, aim)
        if known == least:
            self.stated.model.add(aim <= known)
            return Measure(known, least)
        self.stated.model.minimize(aim)
        solver = _solver(self.problem)
        status = solver.solve(self.stated.model)
        if status == cp_model.INFEASIBLE:
            raise ImpossibleTimetable((_too_tight(self.problem, self.plain),))
        if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            value, least = round(solver.objective_value), max(ceil(solver.best_objective_bound - 1e-6), least)
            self._remember(solver)
        elif known is not None:
            value = known
        else:
            raise UndecidedTimetable(
                f"no timetable was found or excluded within an effort of {self.problem.effort}: raise it"
            )
        self.stated.model.add(aim <= value)
        return Measure(value, least)

    def moved(self) -> int | None:
        if self.starts is None:
            return None
        places = zip(self.plain.meetings, self.starts, self.tables(), strict=True)
        return sum(
            pair in self.problem.announced
            and self.problem.announced[pair] != Placement(self.plain.open_slots[start], table)
            for pair, start, table in places
        )

    def slots(self) -> int | None:
        if self.starts is None:
            return None
        return max((start + length for start, length in zip(self.starts, self.plain.lengths, strict=True)), default=0)

    def idle(self) -> int | None:
        return None if self.starts is None else idle_slots(self.plain, self.starts)

    def tables(self) -> list[Hashable]:
        if self.chosen_tables is not None or self.starts is None:
            return self.chosen_tables or []
        seated: dict[int, Hashable] = {}
        for positions in self.plain.of_needs().values():
            seated |= tables_in_parallel(self.plain, positions, self.starts)
        return [seated[one] for one in range(len(self.plain.meetings))]

    def _remember(self, solver: cp_model.CpSolver) -> None:
        self.starts = [solver.value(start) for start in self.stated.start]
        if self.stated.at_table:
            self.chosen_tables = [
                next(table for table, here in self.stated.at_table[one].items() if solver.boolean_value(here))
                for one in range(len(self.plain.meetings))
            ]
        self._hint(self.starts)

    def _hint(self, starts: Sequence[int] | None) -> None:
        self.stated.model.clear_hints()  # type: ignore[no-untyped-call] # the library left it untyped
        for one, start in enumerate(starts or ()):
            self.stated.model.add_hint(self.stated.start[one], start)
            for slot, begin in self.stated.begins[one].items():
                self.stated.model.add_hint(begin, slot == start)
            for table, here in self.stated.at_table.get(one, {}).items():
                if self.chosen_tables is not None:
                    self.stated.model.add_hint(here, table == self.chosen_tables[one])


def _solver(problem: TimetableProblem) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = problem.effort
    return solver


def without_room(problem: TimetableProblem, must: Collection[PairKey]) -> tuple[PairKey, ...]:
    """The fewest meetings without which all others find a place, none of `must`.

    Whoever has another meeting gives way before whoever has one. Nothing where all find a place, where those of `must`
    find none, or where the effort was too small. ValueError for a pair of `must` that is no meeting.
    """
    if not set(must) <= set(problem.meetings):
        raise ValueError("must: a pair is none of the meetings")
    return _absent(problem, layout(problem), must)


def _too_tight(problem: TimetableProblem, plain: Layout) -> TimetableConflict:
    """Place as many meetings as can be and name the others; all, where those that are held leave no timetable."""
    return TimetableConflict(TimetableConflictKind.TOO_TIGHT, _absent(problem, plain, ()) or plain.meetings)


def _absent(problem: TimetableProblem, plain: Layout, must: Collection[PairKey]) -> tuple[PairKey, ...]:
    stated = build(problem, plain)
    model, present = stated.model, stated.present
    for pair, here in zip(plain.meetings, present, strict=True):
        if pair in must:
            model.add(here == 1)
    meeting_somebody = []
    for positions in plain.of_participants().values():
        meeting_somebody.append(model.new_bool_var(""))
        model.add(meeting_somebody[-1] <= sum(present[one] for one in positions))
    model.maximize((len(present) + 1) * sum(meeting_somebody) + sum(present))
    solver = _solver(problem)
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return ()
    return tuple(pair for pair, here in zip(plain.meetings, present, strict=True) if not solver.boolean_value(here))
