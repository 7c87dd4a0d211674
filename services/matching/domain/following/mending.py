"""Mending a pairing in force: out goes what cannot be, the rest keeps its place, and freed seats are filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import cast
from uuid import UUID

from services.matching.domain.following.judging import judge
from services.matching.domain.pairing import Cause, Change, Difference, Meeting, Pairing
from services.matching.domain.proposing.filling import Freed, fill
from services.matching.domain.proposing.placing import in_timetable_order, settle
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Pair

LOST_THROUGH_NOBODYS_FAULT: frozenset[Cause] = frozenset({"closed-need", "uninvited-need", "changed-meetup"})
"""Whoever had accepted and lost a meeting so comes first wherever a seat is free."""


def mend(rules: MeetupRules, pairing: Pairing) -> Pairing:
    """The pairing as it can hold now, with the difference beside what it was; the same when everything holds.

    Meetings move only when their place is gone; nobody who accepted loses a meeting that has a place anywhere. Freed
    seats are filled from the reserve that was approved with the pairing.
    """
    judgement = judge(rules, pairing.outline, of_in_force=True)
    if judgement.holds:
        return replace(pairing, difference=Difference(kept=tuple(one.pair for one in pairing.meetings)))
    out = {one.pair: cast("Cause", one.cause) for one in judgement.out}
    displaced = {one.pair: cast("Cause", one.cause) for one in judgement.displaced}
    staying = [meeting for meeting in pairing.meetings if meeting.pair not in out]
    settled, homeless = settle(rules, staying, displaced)
    out |= {pair: displaced.get(pair, "changed-meetup") for pair in homeless}
    meetings = fill(rules, settled, pairing.reserve, _freed(rules, pairing, out))
    met = {meeting.pair for meeting in meetings}
    people = {meeting.participant_id for meeting in meetings}
    needs = {meeting.need_id for meeting in meetings}
    return replace(
        pairing,
        meetings=in_timetable_order(meetings),
        reserve=tuple(
            place for place in pairing.reserve if place.pair not in met and rules.cause_against(place.pair) is None
        ),
        unmet_needs=tuple(need.id for need in rules.needs.values() if need.id not in needs and need.is_open),
        without_meeting=tuple(one.id for one in rules.free_participants() if one.id not in people),
        difference=_difference(pairing, meetings, out, displaced),
    )


def _freed(rules: MeetupRules, pairing: Pairing, out: Mapping[Pair, Cause]) -> Freed:
    """The seats and places that became free, and who may take any seat since they lost theirs."""
    gone = [meeting for meeting in pairing.meetings if meeting.pair in out]
    bereft = Counter(
        meeting.participant_id
        for meeting in gone
        if _had_accepted(rules, meeting.participant_id) and out[meeting.pair] in LOST_THROUGH_NOBODYS_FAULT
    )
    return Freed(
        seats=Counter(meeting.need_id for meeting in gone),
        places=tuple((meeting.slot, meeting.table) for meeting in gone),
        bereft=bereft,
    )


def _had_accepted(rules: MeetupRules, participant_id: UUID) -> bool:
    return rules.truth.replies.get(participant_id) == "accepted"


def _difference(
    before: Pairing, after: tuple[Meeting, ...], out: Mapping[Pair, Cause], displaced: Mapping[Pair, Cause]
) -> Difference:
    was = {meeting.pair: (meeting.slot, meeting.table, meeting.length) for meeting in before.meetings}
    now = {meeting.pair: (meeting.slot, meeting.table, meeting.length) for meeting in after}
    return Difference(
        added=tuple(Change(pair.participant_id, pair.need_id, "reserve") for pair in now if pair not in was),
        removed=tuple(Change(pair.participant_id, pair.need_id, out[pair]) for pair in was if pair not in now),
        moved=tuple(
            Change(pair.participant_id, pair.need_id, displaced.get(pair, "follows"))
            for pair in now
            if pair in was and was[pair] != now[pair]
        ),
        kept=tuple(pair for pair in now if was.get(pair) == now[pair]),
    )
