"""After a plan: what a new one changes and why, and how a refusal is filled from the approved reserve.

changes = Changes(refusals=frozenset({("p1", "n1")}))
found = difference(before.placements, after.placements, changes)
[(change.pair, change.cause, change.because) for change in found.added]
filling = fill_from_reserve(timetable, problem, refused=("p1", "n1"), reserve=["p7", "p3"], maximum={"p7": 4, "p3": 4})
filling.pair, filling.moved  # ("p7", "n1"), ()
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from services.matching.domain.timetabling import (
    ImpossibleTimetable,
    PlacedMeeting,
    Placement,
    Timetable,
    TimetableProblem,
    UndecidedTimetable,
    timetable,
)
from services.matching.domain.timetabling.assembly import remeasured
from services.matching.domain.timetabling.problem import Layout, Pair, layout


class Cause(StrEnum):
    """Why a meeting changed. FOLLOWS means: because another change touched the same participant, need or table."""

    PIN = "pin"
    FORBID = "forbid"
    REFUSAL = "refusal"
    WITHDRAWAL = "withdrawal"
    CLOSED_NEED = "closed-need"
    CHANGED_NEED = "changed-need"
    CAPACITY = "capacity"
    ARRIVAL = "arrival"
    CHANGED_PARTICIPANT = "changed-participant"
    OBSERVATIONS = "observations"
    FOLLOWS = "follows"
    POLICY = "policy"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What happened since the plan that is compared.

    ``capacity`` names needs whose seats or interviewers changed and participants whose maximum did; ``arrivals`` those
    enrolled or added since; ``changed_participants`` those whose constraints or wishes changed; ``observations`` those
    newly observed; ``policy`` says that thresholds, stability or weights changed.
    """

    pins: frozenset[Pair] = frozenset()
    forbids: frozenset[Pair] = frozenset()
    refusals: frozenset[Pair] = frozenset()
    withdrawals: frozenset[Hashable] = frozenset()
    closed_needs: frozenset[Hashable] = frozenset()
    changed_needs: frozenset[Hashable] = frozenset()
    capacity: frozenset[Hashable] = frozenset()
    arrivals: frozenset[Hashable] = frozenset()
    changed_participants: frozenset[Hashable] = frozenset()
    observations: frozenset[Hashable] = frozenset()
    policy: bool = False


@dataclass(frozen=True, slots=True)
class ChangedMeeting:
    """One added, removed or moved meeting; ``because`` is the changed meeting from which it follows, if it follows."""

    pair: Pair
    cause: Cause
    because: Pair | None = None
    before: Placement | None = None
    after: Placement | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new plan changes; ``kept`` are the pairs that stay as they are."""

    added: tuple[ChangedMeeting, ...]
    removed: tuple[ChangedMeeting, ...]
    moved: tuple[ChangedMeeting, ...]
    kept: tuple[Pair, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.added or self.removed or self.moved)


def difference(
    before: Mapping[Any, Placement | None], after: Mapping[Any, Placement | None], changes: Changes
) -> Difference:
    """Compare two plans, pair by pair with slot and table (None where there is no timetable), and give causes.

    A change that ``changes`` does not explain by itself follows from the nearest one that it does, by way of shared
    participants and needs, or of a slot at a table taken over.
    """
    added = [pair for pair in after if pair not in before]
    removed = [pair for pair in before if pair not in after]
    moved = [pair for pair in before if pair in after and before[pair] != after[pair]]
    touched = {pair: _own_cause(pair, pair in before, pair in after, changes) for pair in (*added, *removed, *moved)}
    explained = _explain(touched, before, after, changes)

    def changed(pairs: list[Pair]) -> tuple[ChangedMeeting, ...]:
        return tuple(ChangedMeeting(pair, *explained[pair], before.get(pair), after.get(pair)) for pair in pairs)

    kept = tuple(pair for pair in before if pair in after and pair not in touched)
    return Difference(changed(added), changed(removed), changed(moved), kept)


def _own_cause(pair: Pair, was: bool, is_now: bool, changes: Changes) -> Cause | None:
    """The first recorded fact that explains the change without looking at other meetings."""
    participant, need = pair
    facts = (
        (Cause.PIN, is_now and pair in changes.pins),
        (Cause.FORBID, not is_now and pair in changes.forbids),
        (Cause.REFUSAL, not is_now and pair in changes.refusals),
        (Cause.WITHDRAWAL, not is_now and participant in changes.withdrawals),
        (Cause.CLOSED_NEED, not is_now and need in changes.closed_needs),
        (Cause.CHANGED_NEED, need in changes.changed_needs),
        (Cause.CAPACITY, participant in changes.capacity or need in changes.capacity),
        (Cause.ARRIVAL, not was and (participant in changes.arrivals or need in changes.arrivals)),
        (Cause.CHANGED_PARTICIPANT, participant in changes.changed_participants),
        (Cause.OBSERVATIONS, participant in changes.observations),
    )
    return next((cause for cause, applies in facts if applies), None)


def _explain(
    touched: Mapping[Pair, Cause | None],
    before: Mapping[Pair, Placement | None],
    after: Mapping[Pair, Placement | None],
    changes: Changes,
) -> dict[Pair, tuple[Cause, Pair | None]]:
    """Breadth first from the changes that explain themselves to their neighbours."""
    sharing: dict[Hashable, list[Pair]] = {}
    for pair in touched:
        for place in _places(pair, before, after):
            sharing.setdefault(place, []).append(pair)
    explained: dict[Pair, tuple[Cause, Pair | None]] = {
        pair: (cause, None) for pair, cause in touched.items() if cause is not None
    }
    waiting = deque(explained)
    while waiting:
        origin = waiting.popleft()
        for place in _places(origin, before, after):
            for pair in sharing[place]:
                if pair not in explained:
                    explained[pair] = (Cause.FOLLOWS, origin)
                    waiting.append(pair)
    rest = Cause.POLICY if changes.policy else Cause.UNEXPLAINED
    return {pair: explained.get(pair, (rest, None)) for pair in touched}


def _places(
    pair: Pair, before: Mapping[Pair, Placement | None], after: Mapping[Pair, Placement | None]
) -> Iterator[Hashable]:
    yield ("participant", pair[0])
    yield ("need", pair[1])
    for placement in (before.get(pair), after.get(pair)):
        if placement is not None:
            yield placement


@dataclass(frozen=True, slots=True)
class Filling:
    """A filling: ``pair`` is who comes instead (None: nobody can), ``moved`` the meetings that had to move."""

    timetable: Timetable
    pair: Pair | None
    moved: tuple[Pair, ...] = ()


def fill_from_reserve(
    current: Timetable,
    problem: TimetableProblem,
    *,
    refused: Pair,
    reserve: Sequence[Hashable],
    maximum: Mapping[Any, int],
    impossible: frozenset[Pair] = frozenset(),
) -> Filling:
    """Take the refused meeting out and fill it from the need's approved reserve.

    The first of the reserve who fits without touching anybody else's meeting comes, in the freed slot if they can, else
    in another free slot of the need. Only when nobody fits so, the one comes for whom the fewest meetings move (the
    earlier in the reserve among equals). ``problem`` states the times and tables of the meetup; ``maximum`` is how many
    meetings each of the reserve may have (absent: none); ``impossible`` are pairs ruled out since the reserve was
    approved.

    Raises ValueError when the refused pair is not in the timetable.
    """
    if refused not in current.placements:
        raise ValueError("refused: the pair is not in the timetable")
    freed = current.placements[refused]
    remaining = tuple(meeting for meeting in current.meetings if meeting.pair != refused)
    candidates = list(_available(remaining, refused, reserve, maximum, impossible))
    without = replace(problem, meetings=[meeting.pair for meeting in remaining])
    for participant in candidates:
        if newcomer := _free_place(without, remaining, (participant, refused[1]), freed):
            return Filling(remeasured(without, (*remaining, newcomer)), newcomer.pair)
    return _fewest_moves(without, remaining, refused[1], candidates)


def _available(
    remaining: Sequence[PlacedMeeting],
    refused: Pair,
    reserve: Sequence[Hashable],
    maximum: Mapping[Hashable, int],
    impossible: frozenset[Pair],
) -> Iterator[Hashable]:
    having = Counter(meeting.participant for meeting in remaining)
    there = {meeting.participant for meeting in remaining if meeting.need == refused[1]}
    for participant in reserve:
        ruled_out = participant in there or participant == refused[0] or (participant, refused[1]) in impossible
        if not ruled_out and having[participant] < maximum.get(participant, 0):
            yield participant


def _free_place(
    without: TimetableProblem, remaining: Sequence[PlacedMeeting], pair: Pair, freed: Placement
) -> PlacedMeeting | None:
    """Find a slot and table where the pair can meet beside all others: the freed one first, then the earliest."""
    plain = layout(replace(without, meetings=[*without.meetings, pair], announced={}))
    position = plain.meetings.index(pair)
    length = plain.lengths[position]
    taken = _occupied(remaining)
    places = [
        Placement(plain.open_slots[start], table)
        for start in plain.starts[position]
        for table in plain.tables[position]
    ]
    for slot, table in sorted(places, key=lambda place: (place != freed, place.slot != freed.slot)):
        if all(_room(plain, taken, pair, table, slot + step) for step in range(length)):
            return PlacedMeeting(*pair, slot, table, length)
    return None


def _occupied(meetings: Sequence[PlacedMeeting]) -> Counter[tuple[str, Hashable, int]]:
    return Counter(
        (role, one, slot)
        for meeting in meetings
        for slot in range(meeting.slot, meeting.slot + meeting.length)
        for role, one in (("participant", meeting.participant), ("need", meeting.need), ("table", meeting.table))
    )


def _room(plain: Layout, taken: Counter[tuple[str, Hashable, int]], pair: Pair, table: Hashable, slot: int) -> bool:
    return (
        not taken["participant", pair[0], slot]
        and not taken["table", table, slot]
        and taken["need", pair[1], slot] < plain.interviewers[pair[1]]
    )


def _fewest_moves(
    without: TimetableProblem, remaining: tuple[PlacedMeeting, ...], need: Hashable, candidates: Sequence[Hashable]
) -> Filling:
    told = {meeting.pair: meeting.placement for meeting in remaining}
    best = Filling(remeasured(without, remaining), None)
    for participant in candidates:
        pair = (participant, need)
        try:
            tried = timetable(replace(without, meetings=[*told, pair], announced=told))
        except (ImpossibleTimetable, UndecidedTimetable):
            continue
        moved = tuple(one for one, place in tried.placements.items() if one in told and told[one] != place)
        if best.pair is None or len(moved) < len(best.moved):
            best = Filling(tried, pair, moved)
    return best
