"""Finding a place for meetings in a timetable whose other meetings stay where they are if they can."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import replace
from typing import cast
from uuid import NAMESPACE_OID, UUID, uuid5

from services.matching.domain.occupancy import Taken, has_room, occupied
from services.matching.domain.pairing import Meeting, ReservePlace
from services.matching.domain.proposing.problems import timetable_problem
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Pair
from services.matching.domain.timetabling import (
    ImpossibleTimetable,
    PlacedMeeting,
    UndecidedTimetable,
    timetable,
)

Meetings = tuple[Meeting, ...]
Spot = tuple[int, int]
"""A slot and a table."""


def settle(rules: MeetupRules, meetings: Sequence[Meeting], displaced: Container[Pair]) -> tuple[Meetings, list[Pair]]:
    """The meetings with a place for each that is displaced, and those for which there is none.

    Nobody who accepted gives way to somebody who has not.
    """
    steady = tuple(meeting for meeting in meetings if meeting.pair not in displaced)
    placed, homeless = _settle(rules, steady, _in_turn(rules, [one for one in meetings if one.pair in displaced]))
    if any(pair in rules.accepted for pair in homeless):
        return _settle(rules, (), _in_turn(rules, meetings))
    return placed, homeless


def _in_turn(rules: MeetupRules, meetings: Iterable[Meeting]) -> list[Meeting]:
    """Whoever accepted first, then whoever stands first for the need."""
    return sorted(meetings, key=lambda one: (one.pair not in rules.accepted, one.position, one.slot, one.table))


def _settle(rules: MeetupRules, placed: Meetings, coming: Iterable[Meeting]) -> tuple[Meetings, list[Pair]]:
    homeless: list[Pair] = []
    for meeting in coming:
        found = place(rules, placed, meeting)
        if found is None:
            homeless.append(meeting.pair)
        else:
            placed = found
    return placed, homeless


def place(rules: MeetupRules, meetings: Meetings, coming: Meeting, preferred: Sequence[Spot] = ()) -> Meetings | None:
    """The meetings with one more: where it was told, else in a place that is free, else as few move as possible.

    None when there is no place at all.
    """
    told = (coming.slot, coming.table)
    if found := free_place(rules, meetings, occupied(meetings), coming, (told, *preferred)):
        slot, table = found
        return (*meetings, replace(coming, slot=slot, table=table, length=rules.length(coming.participant_id)))
    return _place_again(rules, meetings, coming)


def free_place(
    rules: MeetupRules, meetings: Meetings, taken: Taken, coming: Meeting, preferred: Sequence[Spot] = ()
) -> Spot | None:
    """A slot and table where a meeting can be beside all others: a preferred one first, then the earliest.

    `taken` is what the others take.
    """
    length = rules.length(coming.participant_id)
    tables = [table for table in rules.tables(one.table for one in meetings) if rules.is_table_of(table, coming.pair)]
    places = [(slot, table) for slot in rules.possible_starts(coming.pair) for table in tables]
    for slot, table in sorted(places, key=lambda one: _turn(one, preferred)):
        if has_room(rules, taken, replace(coming, slot=slot, table=table, length=length)):
            return slot, table
    return None


def _turn(one: Spot, preferred: Sequence[Spot]) -> tuple[int, Spot]:
    return preferred.index(one) if one in preferred else len(preferred), one


def _place_again(rules: MeetupRules, meetings: Meetings, coming: Meeting) -> Meetings | None:
    """A timetable with one more meeting that moves as few of the others as possible; None when there is none.

    Nobody who accepted moves for somebody who has not.
    """
    of_pair = {meeting.pair: meeting for meeting in (*meetings, coming)}
    held = [one.pair for one in meetings if rules.can_stay(one.pair, one.slot, one.table)]
    if coming.pair in rules.accepted:
        held = []
    try:
        placed = timetable(timetable_problem(rules, list(of_pair), meetings, held)).meetings
    except (ImpossibleTimetable, UndecidedTimetable):
        return None
    return tuple(
        replace(of_pair[pair_of(one)], slot=one.slot, table=cast("int", one.table), length=one.length) for one in placed
    )


def newcomer(rules: MeetupRules, reserved: ReservePlace, before: Collection[Meeting]) -> Meeting:
    """A meeting of somebody in reserve, not placed yet; it stands after those whom the need meets already."""
    positions = [meeting.position for meeting in before if meeting.need_id == reserved.need_id]
    return Meeting(
        id=meeting_id(rules.meetup.id, reserved.pair),
        participant_id=reserved.participant_id,
        need_id=reserved.need_id,
        slot=-1,
        table=0,
        length=rules.length(reserved.participant_id),
        position=max(positions, default=0) + reserved.position,
        is_pinned=False,
        is_kept=False,
        is_worthwhile=reserved.is_worthwhile,
        reasons=reserved.reasons,
    )


def pair_of(placed: PlacedMeeting) -> Pair:
    """Who meets whom."""
    return Pair(cast("UUID", placed.participant), cast("UUID", placed.need))


def meeting_id(meetup_id: UUID, pair: Pair) -> UUID:
    """The id of a meeting: the same pair at the same meetup is the same meeting in every pairing."""
    return uuid5(NAMESPACE_OID, f"{meetup_id}/{pair.participant_id}/{pair.need_id}")


def in_timetable_order(meetings: Iterable[Meeting]) -> Meetings:
    """By slot, then by table."""
    return tuple(sorted(meetings, key=lambda meeting: (meeting.slot, meeting.table)))
