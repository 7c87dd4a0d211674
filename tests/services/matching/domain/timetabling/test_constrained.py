"""Arrivals, double slots, shared and front tables, announced placements."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.domain.pair_key import PairKey
from services.matching.domain.timetabling import (
    ImpossibleTimetable,
    Placement,
    Table,
    TimetableConflictKind,
    TimetableProblem,
    UndecidedTimetable,
    timetable,
    without_room,
)
from tests.services.matching.domain.timetabling.checking import broken_rules, waiting

PEOPLE, NEEDS, SLOTS = ["p0", "p1", "p2"], ["n0", "n1"], 4


@st.composite
def problems(draw: st.DrawFn) -> TimetableProblem:
    """Up to three meetings in four slots, with everything that can make them hard."""
    pairs = draw(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(NEEDS)), unique=True, max_size=3))
    window = st.tuples(st.integers(0, 2), st.integers(1, 3)).filter(lambda ends: ends[0] <= ends[1])
    tables = [Table(1), Table(2, is_front=False), Table(3, need="n0")]
    return TimetableProblem(
        meetings=pairs,
        slots=SLOTS,
        breaks=draw(st.frozensets(st.integers(0, 3), max_size=1)),
        windows=draw(st.dictionaries(st.sampled_from([*PEOPLE, *NEEDS]), window, max_size=2)),
        interviewers=draw(st.dictionaries(st.sampled_from(NEEDS), st.integers(1, 2))),
        lengths={pair: draw(st.integers(1, 2)) for pair in pairs},
        tables=draw(st.sampled_from([None, tables, tables[:2]])),
        front_only=draw(st.frozensets(st.sampled_from(PEOPLE), max_size=1)),
        effort=1.0,
    )


def every_timetable(problem: TimetableProblem) -> Iterator[tuple[int, ...]]:
    """The starts of every timetable that keeps all rules, tables chosen in every way too."""
    tables = problem.tables or [Table((need, seat), need=need) for need in NEEDS for seat in (1, 2)]
    places = list(product(range(problem.slots), [table.id for table in tables]))
    kept = replace(problem, tables=tables)
    for chosen in product(places, repeat=len(problem.meetings)):
        meetings = tuple(
            _Placed(*pair, slot, table, problem.lengths.get(pair, 1))
            for pair, (slot, table) in zip(problem.meetings, chosen, strict=True)
        )
        if not broken_rules(kept, _Result(meetings)):  # type: ignore[arg-type] # only its meetings are read
            yield tuple(slot for slot, _ in chosen)


class _Placed:
    def __init__(self, participant: Hashable, need: Hashable, slot: int, table: object, length: int) -> None:
        self.participant, self.need, self.slot, self.table, self.length = participant, need, slot, table, length
        self.pair = (participant, need)


class _Result:
    def __init__(self, meetings: tuple[_Placed, ...]) -> None:
        self.meetings = meetings


def slots_used(problem: TimetableProblem, starts: tuple[int, ...]) -> int:
    """Open slots up to the end of the last meeting."""
    ends = [start + problem.lengths.get(pair, 1) for pair, start in zip(problem.meetings, starts, strict=True)]
    return sum(slot not in problem.breaks for slot in range(max(ends, default=0)))


@given(problems())
@settings(max_examples=60, deadline=None)
def test_small_timetables_are_as_good_as_any_or_refused_when_there_is_none(
    problem: TimetableProblem,
) -> None:
    best = min(
        (
            (slots_used(problem, starts), waiting(problem, dict(zip(problem.meetings, starts, strict=True))))
            for starts in every_timetable(problem)
        ),
        default=None,
    )
    if best is None:
        with pytest.raises(ImpossibleTimetable) as refusal:
            timetable(problem)
        assert all(conflict.meetings for conflict in refusal.value.conflicts)
    else:
        result = timetable(problem)
        assert broken_rules(problem, result) == []
        starts = {pair: placement.slot for pair, placement in result.placements.items()}
        assert (result.slots_used, waiting(problem, starts)) == best == (result.bound, result.idle.value)
        assert result.status == "optimal"


def test_waiting_is_counted_and_shortened_once_slots_are_fewest() -> None:
    """One need sees three people in slots 0 to 2; the other's two meetings need not be apart."""
    meetings = [("a", "x"), ("b", "x"), ("c", "x"), ("a", "y"), ("c", "y")]
    result = timetable(TimetableProblem(meetings=meetings, slots=5, windows={"b": (0, 0)}, effort=1.0))
    assert (result.slots_used, result.idle.value, result.idle.proven) == (3, 0, True)


def test_those_who_come_late_meet_late() -> None:
    result = timetable(TimetableProblem(meetings=[("a", "x"), ("b", "x")], slots=5, windows={"a": (3, 4)}))
    assert result.placements["a", "x"].slot >= 3


def test_a_double_slot_is_not_cut_by_a_break() -> None:
    problem = TimetableProblem(
        meetings=[("a", "x")], slots=5, breaks=frozenset({1, 3}), lengths={("a", "x"): 2}, windows={"a": (0, 4)}
    )
    with pytest.raises(ImpossibleTimetable) as refusal:
        timetable(problem)
    assert refusal.value.conflicts[0].kind == TimetableConflictKind.NEVER_TOGETHER


def test_a_front_table_is_kept_and_costs_a_table_change_only_when_it_must() -> None:
    tables = [Table("upstairs", is_front=False), Table("hall")]
    problem = TimetableProblem(
        meetings=[("a", "x"), ("b", "x")], slots=3, tables=tables, front_only=frozenset({"a"}), effort=1.0
    )
    result = timetable(problem)
    assert {meeting.table for meeting in result.meetings} == {"hall"}
    assert result.table_changes.value == 0


def test_without_a_front_table_the_meeting_is_named() -> None:
    problem = TimetableProblem(
        meetings=[("a", "x")], slots=3, tables=[Table(1, is_front=False)], front_only=frozenset({"a"})
    )
    with pytest.raises(ImpossibleTimetable, match="No table suits") as refusal:
        timetable(problem)
    assert refusal.value.conflicts[0].meetings == (("a", "x"),)


def test_meetings_that_fit_alone_but_not_together_are_named() -> None:
    """Three meetings at one shared table in two slots: two fit, one is named."""
    problem = TimetableProblem(meetings=[("a", "x"), ("b", "y"), ("c", "z")], slots=2, tables=[Table(1)])
    with pytest.raises(ImpossibleTimetable) as refusal:
        timetable(problem)
    (conflict,) = refusal.value.conflicts
    assert conflict.kind == TimetableConflictKind.TOO_TIGHT
    assert len(conflict.meetings) == 1


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_as_few_as_possible_are_without_room_and_first_those_who_meet_another(
    problem: TimetableProblem, data: st.DataObject
) -> None:
    pairs = list(problem.meetings)
    must = data.draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    fitting = [kept for kept in subsets(pairs) if must <= kept and is_possible(replace(problem, meetings=tuple(kept)))]

    left_out = set(without_room(problem, must))

    if not fitting:
        assert left_out == set()
        return
    assert set(pairs) - left_out in fitting
    assert value(set(pairs) - left_out) == max(map(value, fitting))


def subsets(pairs: list[PairKey]) -> Iterator[set[PairKey]]:
    """Every set of these pairs."""
    return (set(some) for size in range(len(pairs) + 1) for some in combinations(pairs, size))


def is_possible(problem: TimetableProblem) -> bool:
    """Whether there is a timetable at all."""
    return next(every_timetable(problem), None) is not None


def value(kept: set[PairKey]) -> tuple[int, int]:
    """How many people meet somebody, then how many meetings there are."""
    return len({participant for participant, _ in kept}), len(kept)


def test_what_is_held_stays_and_a_meeting_that_needs_its_place_has_no_room() -> None:
    """Two slots; the only front table is taken in the first one, and the need meets one at a time."""
    told = {("a", "x"): Placement(0, 1)}
    problem = TimetableProblem(
        meetings=[*told, ("a", "y"), ("b", "y")],
        slots=2,
        tables=[Table(1), Table(2, is_front=False)],
        front_only=frozenset({"b"}),
        announced=told,
        held=frozenset(told),
    )
    with pytest.raises(ImpossibleTimetable):
        timetable(problem)
    assert without_room(problem, told) == (("a", "y"),)
    rest = replace(problem, meetings=[*told, ("b", "y")])
    assert timetable(rest).placements == {**told, ("b", "y"): Placement(1, 1)}
    assert timetable(replace(problem, held=frozenset())).moved.value == 1


def test_what_is_held_was_announced() -> None:
    with pytest.raises(ValueError, match="held: a pair has no announced placement"):
        TimetableProblem(meetings=[("a", "x")], slots=2, held=frozenset({("a", "x")}))


def test_announced_placements_stay_even_if_slots_could_be_saved() -> None:
    told = {("a", "x"): Placement(4, ("x", 1)), ("b", "x"): Placement(2, ("x", 1))}
    problem = TimetableProblem(meetings=[*told, ("c", "x")], slots=6, announced=told)
    result = timetable(problem)
    assert {pair: result.placements[pair] for pair in told} == told
    assert (result.moved.value, result.status) == (0, "optimal")
    assert broken_rules(problem, result) == []


def test_as_few_announced_placements_as_possible_move() -> None:
    """The newcomer can only come in slot 0, at the one table: who was there moves, nobody else."""
    told = {("a", "x"): Placement(0, ("x", 1)), ("b", "x"): Placement(1, ("x", 1))}
    problem = TimetableProblem(meetings=[*told, ("c", "x")], slots=4, announced=told, windows={"c": (0, 0)})
    result = timetable(problem)
    assert result.moved.value == 1
    assert result.placements["b", "x"] == told["b", "x"]
    assert result.placements["c", "x"].slot == 0


def test_the_same_timetable_comes_back_when_all_of_it_was_announced() -> None:
    problem = TimetableProblem(
        meetings=[("a", "x"), ("a", "y"), ("b", "x"), ("b", "z"), ("c", "y")],
        slots=6,
        windows={"b": (1, 5)},
        interviewers={"x": 2},
        lengths={("c", "y"): 2},
        effort=1.0,
    )
    first = timetable(problem)
    assert timetable(replace(problem, announced=first.placements)).placements == first.placements


def test_too_little_effort_is_said_and_never_called_impossible() -> None:
    people, tables = range(24), [Table(number) for number in range(4)]
    meetings = [(f"p{one}", f"n{(one + step) % 12}") for one in people for step in range(3)]
    with pytest.raises(UndecidedTimetable, match="raise it"):
        timetable(TimetableProblem(meetings=meetings, slots=18, tables=tables, effort=1e-6))
