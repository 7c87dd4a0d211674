"""Arrivals, breaks for some, longer slots, common or ground-floor tables, announced placements: a search with bounds.

With any of these the problem is NP-complete, so the result says what was proven. The search is CP-SAT with one worker,
a fixed seed and a limit in deterministic time: the same problem gives the same timetable on every machine.
"""

from __future__ import annotations

from collections.abc import Hashable
from math import ceil

from ortools.sat.python import cp_model

from services.matching.domain.timetabling.assembly import idle_slots, placed, tables_in_parallel
from services.matching.domain.timetabling.conflicts import (
    ImpossibleTimetable,
    TimetableConflict,
    TimetableConflictKind,
)
from services.matching.domain.timetabling.model import TimetableModel, build
from services.matching.domain.timetabling.problem import Layout, TimetableProblem
from services.matching.domain.timetabling.solution import Measure, Timetable, UndecidedTimetable


def search(problem: TimetableProblem, plain: Layout) -> Timetable:
    """Minimise the aims one after the other, each within the best found for those before.

    Raises ImpossibleTimetable with a smallest set found of meetings that do not fit beside the others, and
    UndecidedTimetable when the effort was too small to tell.
    """
    stated = build(problem, plain)
    for present in stated.present:
        stated.model.add(present == 1)
    solver = _solver(problem)
    moved = _minimise(solver, stated, stated.moved, problem, plain)
    slots = _minimise(solver, stated, stated.slots, problem, plain)
    idle = _minimise(solver, stated, stated.idle, problem, plain)
    table_changes = _minimise(solver, stated, stated.table_changes, problem, plain)
    starts = [solver.value(start) for start in stated.start]
    return Timetable(
        meetings=placed(plain, starts, _tables(solver, stated, plain, starts)),
        moved=moved,
        slots=slots,
        idle=Measure(idle_slots(plain, starts), idle.bound),
        table_changes=table_changes,
    )


def _solver(problem: TimetableProblem) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = problem.effort
    return solver


def _minimise(
    solver: cp_model.CpSolver,
    stated: TimetableModel,
    aim: cp_model.LinearExprT,
    problem: TimetableProblem,
    plain: Layout,
) -> Measure:
    """Minimise one aim, hold it there for those that follow, and start them from this timetable."""
    if isinstance(aim, int):
        return Measure(aim, aim)
    stated.model.minimize(aim)
    status = solver.solve(stated.model)
    if status == cp_model.INFEASIBLE:
        raise ImpossibleTimetable((_too_tight(problem, plain),))
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        raise UndecidedTimetable(f"no timetable was found or excluded within an effort of {problem.effort}: raise it")
    value = round(solver.objective_value)
    stated.model.add(aim <= value)
    stated.model.clear_hints()  # type: ignore[no-untyped-call] # the library left it untyped
    for one in range(len(stated.model.proto.variables)):
        variable = stated.model.get_int_var_from_proto_index(one)
        stated.model.add_hint(variable, solver.value(variable))
    return Measure(value, min(ceil(solver.best_objective_bound - 1e-6), value))


def _tables(solver: cp_model.CpSolver, stated: TimetableModel, plain: Layout, starts: list[int]) -> list[Hashable]:
    if stated.at_table:
        return [
            next(table for table, here in stated.at_table[one].items() if solver.boolean_value(here))
            for one in range(len(plain.meetings))
        ]
    seated: dict[int, Hashable] = {}
    for positions in plain.of_needs().values():
        seated |= tables_in_parallel(plain, positions, starts)
    return [seated[one] for one in range(len(plain.meetings))]


def _too_tight(problem: TimetableProblem, plain: Layout) -> TimetableConflict:
    """Place as many meetings as can be and name the others."""
    stated = build(problem, plain)
    stated.model.maximize(sum(stated.present))
    solver = _solver(problem)
    solver.solve(stated.model)
    left = tuple(
        pair for pair, present in zip(plain.meetings, stated.present, strict=True) if not solver.boolean_value(present)
    )
    return TimetableConflict(TimetableConflictKind.TOO_TIGHT, left)
