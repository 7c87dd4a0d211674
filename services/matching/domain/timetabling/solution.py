"""A timetable with what it achieves and what is proven of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from services.matching.domain.pair_key import PairKey
from services.matching.domain.timetabling.problem import Placement


@dataclass(frozen=True, slots=True)
class PlacedMeeting:
    """A meeting with its first slot, its length in slots, and its table."""

    participant: Hashable
    need: Hashable
    slot: int
    table: Hashable
    length: int = 1

    @property
    def pair(self) -> PairKey:
        """The participant's and the need's id."""
        return (self.participant, self.need)

    @property
    def placement(self) -> Placement:
        """Where and when."""
        return Placement(self.slot, self.table)


@dataclass(frozen=True, slots=True)
class Measure:
    """One aim: the value reached and the least that is not ruled out, given the aims before it."""

    value: int
    bound: int

    @property
    def proven(self) -> bool:
        """Whether nothing better can be."""
        return self.value == self.bound


@dataclass(frozen=True, slots=True)
class Timetable:
    """Placed meetings, and the aims in their order.

    ``moved`` counts announced placements that changed; ``slots`` the open slots up to the end of the last meeting;
    ``idle`` the open slots that participants and needs wait between their meetings; ``table_changes`` the tables that
    needs use beyond one an interviewer.
    """

    meetings: tuple[PlacedMeeting, ...]
    moved: Measure
    slots: Measure
    idle: Measure
    table_changes: Measure

    @property
    def slots_used(self) -> int:
        """Open slots up to the end of the last meeting."""
        return self.slots.value

    @property
    def bound(self) -> int:
        """The fewest slots that are not ruled out."""
        return self.slots.bound

    @property
    def status(self) -> Literal["optimal", "feasible"]:
        """Tell whether fewer moves and fewer slots are proven impossible; each other aim has a proof of its own."""
        return "optimal" if self.moved.proven and self.slots.proven else "feasible"

    @property
    def placements(self) -> dict[PairKey, Placement]:
        """Each pair's slot and table, as the next timetable's ``announced``."""
        return {meeting.pair: meeting.placement for meeting in self.meetings}


class UndecidedTimetable(Exception):
    """The search ended within its effort without a timetable and without a proof that there is none."""
