"""What a timetable is asked for, and what follows at once from it: open slots, possible starts, allowed tables."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from services.matching.domain.pair_key import PairKey
from services.matching.domain.records import records, whole


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the meetup; where ``need`` is set, only that need sits there, else anybody."""

    id: Hashable
    is_front: bool = True
    need: Hashable | None = None


class Placement(NamedTuple):
    """A meeting's first slot and its table's id."""

    slot: int
    table: Hashable


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableProblem:
    """The meetings of a plan and what time and place allow.

    meetings
        Pairs, each once.
    slots
        Number of slots of the meetup, numbered from 0.
    breaks
        Slots in which nobody meets.
    windows
        First and last slot (both included) of a participant or a need who is not there all the time.
    busy
        Slots in which a pair cannot meet, although both are there.
    interviewers
        How many people see candidates in parallel for a need; 1 where absent.
    lengths
        Slots in a row that a meeting takes; 1 where absent (a "double slot" is 2).
    tables
        All tables, own and common ones; None gives each interviewer a table ``(need, 1)``, ``(need, 2)``…
    front_only
        Participants who meet at front tables only.
    announced
        Placements already told to people: as few as possible of them change.
    held
        Pairs whose announced placement does not change.
    effort
        Limit of each aim's search in deterministic seconds of CP-SAT: the same on every machine.
    seed
        Text that names the run; with the ids it settles what the aims leave open.

    Mappings are keyed by participant, need or pair (typed Any, since the key of a Mapping is invariant).
    """

    meetings: Sequence[PairKey]
    slots: int
    breaks: frozenset[int] = frozenset()
    windows: Mapping[Any, tuple[int, int]] = field(default_factory=dict)
    busy: Mapping[Any, frozenset[int]] = field(default_factory=dict)
    interviewers: Mapping[Any, int] = field(default_factory=dict)
    lengths: Mapping[Any, int] = field(default_factory=dict)
    tables: Sequence[Table] | None = None
    front_only: frozenset[Hashable] = frozenset()
    announced: Mapping[Any, Placement] = field(default_factory=dict)
    held: frozenset[PairKey] = frozenset()
    effort: float = 2.0
    seed: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError when a number makes no sense or an id stands twice."""
        object.__setattr__(self, "meetings", tuple(map(_pair, self.meetings)))
        if self.tables is not None:
            object.__setattr__(self, "tables", records(Table, self.tables, "tables"))
        self._make_plain()
        if self.slots < 0:
            raise ValueError("slots: negative number")
        if not 0 <= self.effort < math.inf:
            raise ValueError(f"effort: a finite number ≥ 0 is expected, not {self.effort}")
        if len(set(self.meetings)) < len(self.meetings):
            raise ValueError("meetings: a pair stands twice")
        if any(length < 1 for length in self.lengths.values()):
            raise ValueError("lengths: a meeting takes at least one slot")
        if any(number < 1 for number in self.interviewers.values()):
            raise ValueError("interviewers: at least one a need is expected")
        if not self.held <= self.announced.keys():
            raise ValueError("held: a pair has no announced placement")
        if self.tables is not None and len({table.id for table in self.tables}) < len(self.tables):
            raise ValueError("tables: an id stands twice")

    def _make_plain(self) -> None:
        """Make every number a plain one: one of eight bits would wrap, and NaN is less than nothing."""
        lengths = {pair: whole(length, "lengths") for pair, length in self.lengths.items()}
        interviewers = {need: whole(number, "interviewers") for need, number in self.interviewers.items()}
        windows = {
            one: (whole(first, "windows"), whole(last, "windows")) for one, (first, last) in self.windows.items()
        }
        announced = {pair: Placement(whole(slot, "announced"), table) for pair, (slot, table) in self.announced.items()}
        for name, value in (
            ("slots", whole(self.slots, "slots")),
            ("lengths", lengths),
            ("interviewers", interviewers),
            ("windows", windows),
            ("announced", announced),
            ("held", frozenset(_pair(pair, "held") for pair in self.held)),
        ):
            object.__setattr__(self, name, value)


def _pair(meeting: Sequence[Hashable], argument: str = "meetings") -> PairKey:
    if isinstance(meeting, str) or not isinstance(meeting, Sequence) or len(meeting) != 2:
        kind = type(meeting).__name__
        raise ValueError(
            f"{argument}: pairs of a participant's and a need's id are needed, like Plan.pairs, not {kind}"
        )
    return meeting[0], meeting[1]


@dataclass(frozen=True, slots=True)
class Layout:
    """A problem made plain: open slots renumbered without the breaks, meetings in an order set by the seed.

    ``starts`` gives, for each meeting, the open slots in which it can begin; ``tables`` its tables, own ones first.
    """

    open_slots: tuple[int, ...]
    meetings: tuple[PairKey, ...]
    lengths: tuple[int, ...]
    starts: tuple[tuple[int, ...], ...]
    tables: tuple[tuple[Hashable, ...], ...]
    interviewers: Mapping[Hashable, int]
    all_tables: tuple[Table, ...]

    def of_participants(self) -> dict[Hashable, list[int]]:
        """Positions of each participant's meetings."""
        return self._grouped(0)

    def of_needs(self) -> dict[Hashable, list[int]]:
        """Positions of each need's meetings."""
        return self._grouped(1)

    def _grouped(self, side: int) -> dict[Hashable, list[int]]:
        groups: dict[Hashable, list[int]] = {}
        for position, pair in enumerate(self.meetings):
            groups.setdefault(pair[side], []).append(position)
        return groups


def layout(problem: TimetableProblem) -> Layout:
    """Make a problem plain."""
    meetings = tuple(sorted(problem.meetings, key=lambda pair: _hash(problem.seed, pair)))
    needs = {need: None for _, need in meetings}
    interviewers = {need: problem.interviewers.get(need, 1) for need in needs}
    all_tables = tuple(problem.tables) if problem.tables is not None else _own_tables(interviewers)
    open_slots = tuple(slot for slot in range(problem.slots) if slot not in problem.breaks)
    lengths = tuple(problem.lengths.get(pair, 1) for pair in meetings)
    return Layout(
        open_slots=open_slots,
        meetings=meetings,
        lengths=lengths,
        starts=tuple(
            _starts(problem, pair, length, open_slots) for pair, length in zip(meetings, lengths, strict=True)
        ),
        tables=_allowed_tables(problem, meetings, all_tables),
        interviewers=interviewers,
        all_tables=all_tables,
    )


def _hash(seed: str, pair: PairKey) -> bytes:
    return blake2b(f"{seed}\x1f{pair[0]}\x1f{pair[1]}".encode(), digest_size=16).digest()


def _own_tables(interviewers: Mapping[Hashable, int]) -> tuple[Table, ...]:
    return tuple(Table((need, seat + 1), need=need) for need, number in interviewers.items() for seat in range(number))


def _starts(problem: TimetableProblem, pair: PairKey, length: int, open_slots: tuple[int, ...]) -> tuple[int, ...]:
    windows = [problem.windows[one] for one in pair if one in problem.windows]
    first = max((window[0] for window in windows), default=0)
    last = min((window[1] for window in windows), default=problem.slots - 1)
    unbroken = set(open_slots) - problem.busy.get(pair, frozenset())
    return tuple(
        position
        for position, slot in enumerate(open_slots)
        if first <= slot and slot + length - 1 <= last and unbroken.issuperset(range(slot, slot + length))
    )


def _allowed_tables(
    problem: TimetableProblem, meetings: tuple[PairKey, ...], all_tables: tuple[Table, ...]
) -> tuple[tuple[Hashable, ...], ...]:
    common = [table for table in all_tables if table.need is None]
    own: dict[Hashable, list[Table]] = {}
    for table in all_tables:
        if table.need is not None:
            own.setdefault(table.need, []).append(table)
    return tuple(
        tuple(
            table.id
            for table in (*own.get(need, ()), *common)
            if table.is_front or participant not in problem.front_only
        )
        for participant, need in meetings
    )


def sits_at_own_tables(plain: Layout) -> bool:
    """Whether every need has an own table for each interviewer, and each of its meetings may be at any of them."""
    own: dict[Hashable, set[Hashable]] = {}
    for table in plain.all_tables:
        own.setdefault(table.need, set()).add(table.id)
    return all(
        len(own.get(need, ())) >= plain.interviewers[need] and own[need].issubset(allowed)
        for (_, need), allowed in zip(plain.meetings, plain.tables, strict=True)
    )
