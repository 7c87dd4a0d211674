"""An adviser changes a proposal by hand: meetings out, meetings in, everything else where it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from services.matching.domain.pairing import Cause, Change, Difference, Meeting, Pairing, ReservePlace
from services.matching.domain.proposing.placing import Meetings, Spot, in_timetable_order, newcomer, place
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Pair, ScheduledMeeting

EditRule = Literal["not-in-pairing", "already-in-pairing", "not-possible", "seats", "timetable"]
"""What stands against an edit."""


class ImpossibleEdit(Exception):
    """An edit cannot be: `pair` and the `rule` against it."""

    def __init__(self, pair: Pair, rule: EditRule) -> None:
        self.pair = pair
        self.rule = rule
        super().__init__(rule)


def edit(
    rules: MeetupRules,
    pairing: Pairing,
    *,
    remove: Collection[Pair],
    add: Collection[Pair],
) -> Pairing:
    """The pairing with some meetings taken out and others taken from the reserve.

    The rest keeps slot and table where that is possible. The difference is the one beside the pairing in force. Raises
    `ImpossibleEdit`.
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
    placed = tuple(meeting for pair, meeting in meetings.items() if pair not in set(remove))
    freed = [(meetings[pair].slot, meetings[pair].table) for pair in remove]
    for pair in add:
        placed = _with(rules, placed, waiting[pair], freed)
    return replace(
        pairing,
        meetings=in_timetable_order(placed),
        reserve=tuple(place for place in pairing.reserve if place.pair not in set(add)),
        difference=_difference(pairing.difference, placed, rules.truth.current, remove, add),
    )


def _with(rules: MeetupRules, placed: Meetings, reserved: ReservePlace, freed: Sequence[Spot]) -> Meetings:
    pair = reserved.pair
    if sum(one.need_id == pair.need_id for one in placed) >= rules.seats(pair.need_id):
        raise ImpossibleEdit(pair, "seats")
    found = place(rules, placed, newcomer(rules, reserved, placed), freed)
    if found is None:
        raise ImpossibleEdit(pair, "timetable")
    return found


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
