"""The timetable as a constraint programme for CP-SAT."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ortools.sat.python import cp_model

from services.matching.domain.pair_key import PairKey
from services.matching.domain.timetabling.assembly import busy_slots, everybody, fewest_slots
from services.matching.domain.timetabling.problem import Layout, TimetableProblem, sits_at_own_tables


@dataclass(slots=True)
class TimetableModel:
    """Variables by meeting position, and aims; ``at_table`` is empty where tables are no choice."""

    model: cp_model.CpModel
    present: list[cp_model.IntVar]
    begins: list[dict[int, cp_model.IntVar]]
    start: list[cp_model.IntVar]
    at_table: dict[int, dict[Hashable, cp_model.IntVar]]
    moved: cp_model.LinearExprT
    slots: cp_model.IntVar
    table_changes: cp_model.LinearExprT


def build(problem: TimetableProblem, plain: Layout) -> TimetableModel:
    """State all constraints and aims; a meeting that is not ``present`` takes no time and no table."""
    model = cp_model.CpModel()
    horizon = len(plain.open_slots)
    present = [model.new_bool_var("") for _ in plain.meetings]
    begins = [{slot: model.new_bool_var("") for slot in starts} for starts in plain.starts]
    start = [model.new_int_var(0, horizon, "") for _ in plain.meetings]
    for one, choices in enumerate(begins):
        model.add(sum(choices.values()) == present[one])
        model.add(start[one] == sum(slot * begin for slot, begin in choices.items()))
    _nobody_twice_at_once(model, plain, begins)
    at_table = _seat(model, problem, plain, present, start)
    stays = _stays(model, problem, plain, begins, at_table)
    for pair in problem.held.intersection(plain.meetings):
        model.add(stays[pair] == 1)
    return TimetableModel(
        model=model,
        present=present,
        begins=begins,
        start=start,
        at_table=at_table,
        moved=len(stays) - sum(stays.values()),
        slots=_slots(model, plain, start),
        table_changes=_table_changes(model, plain, at_table),
    )


def _nobody_twice_at_once(model: cp_model.CpModel, plain: Layout, begins: list[dict[int, cp_model.IntVar]]) -> None:
    for positions, parallel in everybody(plain):
        for slot in range(len(plain.open_slots)):
            running = [
                begin
                for one in positions
                for first, begin in begins[one].items()
                if first <= slot < first + plain.lengths[one]
            ]
            if parallel == 1 and len(running) > 1:
                model.add_at_most_one(running)
            elif len(running) > parallel:
                model.add(sum(running) <= parallel)


def _seat(
    model: cp_model.CpModel,
    problem: TimetableProblem,
    plain: Layout,
    present: list[cp_model.IntVar],
    start: list[cp_model.IntVar],
) -> dict[int, dict[Hashable, cp_model.IntVar]]:
    """Choose tables, except where a need's interviewers sit at tables of their own that are all alike."""
    if sits_at_own_tables(plain) and not _told_tables(problem, plain):
        return {}
    at_table: dict[int, dict[Hashable, cp_model.IntVar]] = {}
    taken: dict[Hashable, list[cp_model.IntervalVar]] = {}
    for one, allowed in enumerate(plain.tables):
        at_table[one] = {table: model.new_bool_var("") for table in allowed}
        model.add(sum(at_table[one].values()) == present[one])
        for table, here in at_table[one].items():
            end = start[one] + plain.lengths[one]
            interval = model.new_optional_interval_var(start[one], plain.lengths[one], end, here, "")
            taken.setdefault(table, []).append(interval)
    for intervals in taken.values():
        model.add_no_overlap(intervals)
    return at_table


def _told_tables(problem: TimetableProblem, plain: Layout) -> bool:
    """Whether people were told a table among several of one need."""
    return any(pair in problem.announced and len(plain.tables[one]) > 1 for one, pair in enumerate(plain.meetings))


def _stays(
    model: cp_model.CpModel,
    problem: TimetableProblem,
    plain: Layout,
    begins: list[dict[int, cp_model.IntVar]],
    at_table: dict[int, dict[Hashable, cp_model.IntVar]],
) -> dict[PairKey, cp_model.LinearExprT]:
    """Whether each announced meeting keeps its placement."""
    stays: dict[PairKey, cp_model.LinearExprT] = {}
    for one, pair in enumerate(plain.meetings):
        if pair not in problem.announced:
            continue
        slot, table = problem.announced[pair]
        position = plain.open_slots.index(slot) if slot in plain.open_slots else None
        if position not in begins[one] or table not in plain.tables[one]:
            stays[pair] = model.new_constant(0)
            continue
        stays[pair] = there = model.new_bool_var("")
        model.add_implication(there, begins[one][position])
        if one in at_table:
            model.add_implication(there, at_table[one][table])
    return stays


def _slots(model: cp_model.CpModel, plain: Layout, start: list[cp_model.IntVar]) -> cp_model.IntVar:
    fewest = fewest_slots(plain)
    # Where not all meetings are present the fewest that all would take may be more than there are.
    slots = model.new_int_var(fewest, max(fewest, len(plain.open_slots)), "")
    for one, first in enumerate(start):
        model.add(first + plain.lengths[one] <= slots)
    return slots


def waiting(stated: TimetableModel, plain: Layout) -> cp_model.LinearExprT:
    """Add the waiting of participants and needs to the model, and return its sum."""
    horizon = len(plain.open_slots)
    waits: list[cp_model.IntVar] = []
    for positions, parallel in everybody(plain):
        if len(positions) > 1:
            first, last, wait = (stated.model.new_int_var(0, horizon, "") for _ in range(3))
            for one in positions:
                stated.model.add(first <= stated.start[one])
                stated.model.add(last >= stated.start[one] + plain.lengths[one])
            stated.model.add(wait >= last - first - busy_slots(plain, positions, parallel))
            waits.append(wait)
    return sum(waits)


def _table_changes(
    model: cp_model.CpModel, plain: Layout, at_table: dict[int, dict[Hashable, cp_model.IntVar]]
) -> cp_model.LinearExprT:
    changes: list[cp_model.IntVar] = []
    for need, positions in plain.of_needs().items():
        tables = {table for one in positions for table in at_table.get(one, ())}
        used = {table: model.new_bool_var("") for table in tables if len(tables) > plain.interviewers[need]}
        for one in positions:
            for table, here in at_table.get(one, {}).items():
                if table in used:
                    model.add_implication(here, used[table])
        if used:
            beyond = model.new_int_var(0, len(used), "")
            model.add(beyond >= sum(used.values()) - plain.interviewers[need])
            changes.append(beyond)
    return sum(changes)
