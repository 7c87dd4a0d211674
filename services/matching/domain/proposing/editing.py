"""An adviser changes a proposal by hand: meetings out, meetings in, everything else where it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Literal

from services.matching.domain.pairing import Cause, Change, Difference, Meeting, Pairing
from services.matching.domain.proposing.placing import NoPlace, place_again
from services.matching.domain.situation import Enrolment, Meetup, Need, Pair, ScheduledMeeting

Rule = Literal["not-in-pairing", "already-in-pairing", "not-possible", "seats", "timetable"]
"""What stands against an edit."""


class ImpossibleEdit(Exception):
    """An edit cannot be: `pair` and the `rule` against it."""

    def __init__(self, pair: Pair, rule: Rule) -> None:
        self.pair = pair
        self.rule = rule
        super().__init__(rule)


def edit(
    pairing: Pairing,
    *,
    remove: Collection[Pair],
    add: Collection[Pair],
    meetup: Meetup,
    enrolments: Collection[Enrolment],
    needs: Collection[Need],
    current: Iterable[ScheduledMeeting],
) -> Pairing:
    """The pairing with some meetings taken out and others taken from the reserve.

    The rest keeps slot and table where that is possible. The difference is the one beside `current`, the pairing in
    force. Raises `ImpossibleEdit`.
    """
    meetings = {meeting.pair: meeting for meeting in pairing.meetings}
    waiting = {place.pair: place for place in pairing.reserve}
    for pair in remove:
        if pair not in meetings:
            raise ImpossibleEdit(pair, "not-in-pairing")
    for pair in add:
        if pair in meetings:
            raise ImpossibleEdit(pair, "already-in-pairing")
        if pair not in waiting:
            raise ImpossibleEdit(pair, "not-possible")
    staying = {pair: meeting for pair, meeting in meetings.items() if pair not in set(remove)}
    _check_seats(staying, add, needs)
    try:
        placed = place_again(staying, [waiting[pair] for pair in add], meetup, enrolments)
    except NoPlace:
        raise ImpossibleEdit(next(iter(add)), "timetable") from None
    return replace(
        pairing,
        meetings=placed,
        reserve=tuple(place for place in pairing.reserve if place.pair not in set(add)),
        difference=_difference(pairing.difference, placed, current, remove, add),
    )


def _check_seats(staying: Collection[Pair], add: Collection[Pair], needs: Collection[Need]) -> None:
    seats = {need.id: need.seats for need in needs}
    for pair in add:
        taken = sum(one.need_id == pair.need_id for one in (*staying, *add))
        if taken > seats.get(pair.need_id, 0):
            raise ImpossibleEdit(pair, "seats")


def _difference(
    proposed: Difference,
    meetings: Collection[Meeting],
    current: Iterable[ScheduledMeeting],
    remove: Collection[Pair],
    add: Collection[Pair],
) -> Difference:
    """The difference beside the pairing in force; what the adviser did bears their word, the rest its earlier cause."""
    before = {one.pair: (one.slot, one.table) for one in current}
    after = {one.pair: (one.slot, one.table) for one in meetings}
    causes: dict[Pair, Cause] = {
        Pair(one.participant_id, one.need_id): one.cause
        for one in (*proposed.added, *proposed.removed, *proposed.moved)
    }
    causes.update(dict.fromkeys(remove, "forbid"))
    causes.update(dict.fromkeys(add, "pin"))

    def change(pair: Pair) -> Change:
        return Change(pair.participant_id, pair.need_id, causes.get(pair, "follows"))

    return Difference(
        added=tuple(change(pair) for pair in after if pair not in before),
        removed=tuple(change(pair) for pair in before if pair not in after),
        moved=tuple(change(pair) for pair in after if pair in before and after[pair] != before[pair]),
        kept=tuple(pair for pair in after if before.get(pair) == after[pair]),
    )
