"""Freed seats are filled from the approved reserve in the order in which a plan is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast
from uuid import UUID

import numpy as np

from services.matching.domain.occupancy import Taken, occupied
from services.matching.domain.pairing import ReservePlace
from services.matching.domain.planning import PlanProblem, plan
from services.matching.domain.proposing.placing import Meetings, Spot, free_place, newcomer, place
from services.matching.domain.proposing.problems import key
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Pair


@dataclass(frozen=True, slots=True)
class Freed:
    """What became free: seats by need, the places at which people sat, and who lost accepted meetings, and how many."""

    seats: Counter[UUID]
    places: tuple[Spot, ...] = ()
    bereft: Mapping[UUID, int] | None = None


def fill(rules: MeetupRules, staying: Meetings, reserve: Sequence[ReservePlace], freed: Freed) -> Meetings:
    """The meetings that stay, and those of the reserve who come in.

    First whoever lost an accepted meeting, at any free seat; then whoever has no worthwhile meeting, and among them,
    and at what is left, whoever has none of any kind. Then the others. Each time in the order of planning: the numbers
    of worthwhile meetings as equal as they can be, then those of any kind, then the order of the reserve, where
    somebody who fits without moving anybody comes first. Whom a rule of now stands against is passed over.
    """
    waiting = [one for one in reserve if not rules.cause_against(one.pair) and not rules.obstacles_to_pairing(one.pair)]
    bereft = freed.bereft or {}
    having = Counter(meeting.participant_id for meeting in staying)
    meetings = _fill_round(
        rules,
        staying,
        _Round(
            [one for one in waiting if one.participant_id in bereft],
            seats={need_id: rules.seats(need_id) for need_id in rules.needs},
            maximum={person: having[person] + lost for person, lost in bereft.items()},
        ),
        freed.places,
    )
    held = Counter(meeting.need_id for meeting in staying)
    seats = {need_id: min(held[need_id] + freed.seats[need_id], rules.seats(need_id)) for need_id in rules.needs}
    meetings = _fill_round(rules, meetings, _of_those_without(meetings, waiting, seats), freed.places)
    return _fill_round(rules, meetings, _Round(waiting, seats), freed.places)


@dataclass(frozen=True, slots=True)
class _Round:
    """Who may come into which seats now, and how many meetings people may have."""

    waiting: Sequence[ReservePlace]
    seats: Mapping[UUID, int]
    maximum: Mapping[UUID, int] = field(default_factory=dict)


def _of_those_without(meetings: Meetings, waiting: Sequence[ReservePlace], seats: Mapping[UUID, int]) -> _Round:
    """One meeting for whoever has no worthwhile one: a worthwhile one, or any for whoever has nothing at all."""
    having = Counter(meeting.participant_id for meeting in meetings)
    served = {meeting.participant_id for meeting in meetings if meeting.is_worthwhile}
    theirs = [
        one
        for one in waiting
        if one.participant_id not in served and (one.is_worthwhile or not having[one.participant_id])
    ]
    return _Round(theirs, seats, {one.participant_id: having[one.participant_id] + 1 for one in theirs})


def _fill_round(rules: MeetupRules, meetings: Meetings, each: _Round, places: Sequence[Spot]) -> Meetings:
    """Fill seats as planned, and plan again without whoever finds no place in the timetable."""
    homeless: set[Pair] = set()
    while True:
        met = {meeting.pair for meeting in meetings}
        held = Counter(meeting.need_id for meeting in meetings)
        open_to = [
            one
            for one in each.waiting
            if one.pair not in met and one.pair not in homeless and held[one.need_id] < each.seats.get(one.need_id, 0)
        ]
        chosen = _choose(rules, meetings, replace(each, waiting=open_to))
        if not chosen:
            return meetings
        for reserved in chosen:
            found = place(rules, meetings, newcomer(rules, reserved, meetings), places)
            if found is None:
                homeless.add(reserved.pair)
            else:
                meetings = found


def _choose(rules: MeetupRules, meetings: Meetings, each: _Round) -> list[ReservePlace]:
    """Who comes in, by the planner: its floors first, then the reserve's order, which is what utility tells here."""
    if not each.waiting:
        return []
    having = Counter(meeting.participant_id for meeting in meetings)
    held = Counter(meeting.need_id for meeting in meetings)
    pairs = [*(meeting.pair for meeting in meetings), *(reserved.pair for reserved in each.waiting)]
    people = list(dict.fromkeys(pair.participant_id for pair in pairs))
    needs = list(dict.fromkeys(pair.need_id for pair in pairs))
    row, column = ({one: place for place, one in enumerate(ids)} for ids in (people, needs))
    utility = np.full((len(people), len(needs)), np.nan)
    for meeting in meetings:
        utility[row[meeting.participant_id], column[meeting.need_id]] = meeting.is_worthwhile
    taken = occupied(meetings)
    for reserved in each.waiting:
        attraction = _attraction(rules, meetings, taken, reserved)
        utility[row[reserved.participant_id], column[reserved.need_id]] = reserved.is_worthwhile + attraction
    planned = plan(
        PlanProblem(
            participants=people,
            needs=needs,
            utility=utility,
            seats=[max(each.seats.get(need_id, 0), held[need_id]) for need_id in needs],
            maximum=[max(_most(rules, person, each.maximum), having[person]) for person in people],
            kept=frozenset(key(meeting.pair) for meeting in meetings),
            worthwhile=1.0,
            stability=0.0,
            seed=str(rules.meetup.id),
        )
    )
    coming = {Pair(cast("UUID", one.participant), cast("UUID", one.need)) for one in planned.meetings}
    chosen = (one for one in each.waiting if one.pair in coming)
    return sorted(chosen, key=lambda one: (not one.is_worthwhile, one.position, str(one.pair)))


def _attraction(rules: MeetupRules, meetings: Meetings, taken: Taken, reserved: ReservePlace) -> float:
    """Below 1, higher for the earlier in the reserve, and highest for whoever fits without moving anybody."""
    fits = free_place(rules, meetings, taken, newcomer(rules, reserved, meetings)) is not None
    return fits / 2 + 1 / (4 + reserved.position)


def _most(rules: MeetupRules, participant_id: UUID, maximum: Mapping[UUID, int]) -> int:
    fitting = min(rules.truth.policy.maximum, rules.fitting(participant_id)) if _is_known(rules, participant_id) else 0
    return min(fitting, maximum.get(participant_id, fitting))


def _is_known(rules: MeetupRules, participant_id: UUID) -> bool:
    return participant_id in rules.enrolments
