"""Placing a few newcomers into a timetable whose other meetings stay where they are if they can."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import cast
from uuid import NAMESPACE_OID, UUID, uuid5

from services.matching.domain.pairing import Meeting, ReservePlace
from services.matching.domain.proposing.problems import timetable_problem
from services.matching.domain.situation import Enrolment, Meetup, Pair
from services.matching.domain.timetabling import (
    ImpossibleTimetable,
    PlacedMeeting,
    UndecidedTimetable,
    timetable,
)


class NoPlace(Exception):
    """The timetable holds no place for all of them."""


def place_again(
    staying: Mapping[Pair, Meeting],
    newcomers: Collection[ReservePlace],
    meetup: Meetup,
    enrolments: Collection[Enrolment],
) -> tuple[Meeting, ...]:
    """The meetings that stay and those of the newcomers, in a timetable that moves as few as possible.

    Raises `NoPlace`.
    """
    pairs = [*staying, *(place.pair for place in newcomers)]
    problem = timetable_problem(meetup, enrolments, pairs, staying.values(), str(meetup.id))
    try:
        placed = timetable(problem).meetings
    except (ImpossibleTimetable, UndecidedTimetable):
        raise NoPlace from None
    return follow(placed, staying, newcomers, meetup)


def follow(
    placed: Iterable[PlacedMeeting],
    staying: Mapping[Pair, Meeting],
    reserve: Collection[ReservePlace],
    meetup: Meetup,
) -> tuple[Meeting, ...]:
    """The meetings as a timetable has them; a newcomer brings the reasons of their place in the reserve."""
    places = {place.pair: place for place in reserve}
    meetings: list[Meeting] = []
    for one in placed:
        pair, table = pair_of(one), cast("int", one.table)
        if pair in staying:
            meetings.append(replace(staying[pair], slot=one.slot, table=table))
        else:
            meetings.append(_newcomer(places[pair], one, table, staying, meetup))
    return in_timetable_order(meetings)


def pair_of(placed: PlacedMeeting) -> Pair:
    """Who meets whom."""
    return Pair(cast("UUID", placed.participant), cast("UUID", placed.need))


def meeting_id(meetup_id: UUID, pair: Pair) -> UUID:
    """The id of a meeting: the same pair at the same meetup is the same meeting in every pairing."""
    return uuid5(NAMESPACE_OID, f"{meetup_id}/{pair.participant_id}/{pair.need_id}")


def in_timetable_order(meetings: Iterable[Meeting]) -> tuple[Meeting, ...]:
    """By slot, then by table."""
    return tuple(sorted(meetings, key=lambda meeting: (meeting.slot, meeting.table)))


def _newcomer(
    place: ReservePlace, placed: PlacedMeeting, table: int, staying: Mapping[Pair, Meeting], meetup: Meetup
) -> Meeting:
    before = [meeting.position for pair, meeting in staying.items() if pair.need_id == place.need_id]
    return Meeting(
        id=meeting_id(meetup.id, place.pair),
        participant_id=place.participant_id,
        need_id=place.need_id,
        slot=placed.slot,
        table=table,
        length=placed.length,
        position=max(before, default=0) + place.position,
        is_pinned=False,
        is_kept=False,
        is_worthwhile=place.is_worthwhile,
        reasons=place.reasons,
    )
