"""The two problems behind a pairing: which meetings, and when and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

import numpy as np

from services.matching.domain.constraints import Obstacle
from services.matching.domain.planning import PlanProblem
from services.matching.domain.proposing.weighing import Weighing, accepted_pairs, free_participants
from services.matching.domain.situation import Enrolment, Meetup, Pair, Participant, ScheduledMeeting, Situation
from services.matching.domain.timetabling import Placement, Table, TimetableProblem

Key = tuple[UUID, UUID]
"""A participant's id and a need's id, as the planner and the timetable know a pair."""


def plan_problem(situation: Situation, weighing: Weighing) -> PlanProblem:
    """Which meetings: utilities of the pairs that can be, and everything that binds the plan."""
    participants = free_participants(situation)
    free = {participant.id for participant in participants}
    kept = frozenset(key(pair) for pair in accepted_pairs(situation) if pair in weighing.possible)
    return PlanProblem(
        participants=[participant.id for participant in participants],
        needs=[need.id for need in situation.needs],
        utility=np.array(
            [[_utility(weighing, participant, need.id) for need in situation.needs] for participant in participants]
        ).reshape(len(participants), len(situation.needs)),
        seats=[_seats(situation.meetup, need.id, need.seats) for need in situation.needs],
        maximum=[_maximum(situation, participant, kept) for participant in participants],
        kept=kept,
        pins=frozenset(key(pair) for pair in situation.pins if pair.participant_id in free),
        forbids=frozenset(key(pair) for pair in situation.forbids),
        current=frozenset(key(meeting.pair) for meeting in situation.current),
        worthwhile=situation.policy.worthwhile,
        stability=situation.policy.stability,
        seed=situation.seed,
        obstacles={key(pair): [_in_words(one) for one in found] for pair, found in weighing.impossible.items()},
    )


def timetable_problem(
    meetup: Meetup,
    enrolments: Collection[Enrolment],
    pairs: Collection[Pair],
    current: Iterable[ScheduledMeeting],
    seed: str,
) -> TimetableProblem:
    """When and where: what the meetup, its people and its tables allow for these pairs."""
    windowed = [one for one in enrolments if (one.first_slot, one.last_slot) != (None, None)]
    longer = {one.participant_id for one in enrolments if one.longer_slot}
    return TimetableProblem(
        meetings=[key(pair) for pair in pairs],
        slots=meetup.slots,
        breaks=frozenset(meetup.breaks),
        windows={one.participant_id: window(meetup, one) for one in windowed},
        interviewers={need.need_id: need.interviewers for need in meetup.needs},
        # Whoever needs a longer slot has two in a row at each need of the meetup, also at one they may yet fill.
        lengths={(person, need.need_id): 2 for person in longer for need in meetup.needs},
        tables=_tables(meetup),
        ground_floor=frozenset(one.participant_id for one in enrolments if one.ground_floor),
        announced={key(one.pair): Placement(one.slot, one.table) for one in current if one.pair in pairs},
        seed=seed,
    )


def key(pair: Pair) -> Key:
    """A pair as the planner and the timetable know it."""
    return pair.participant_id, pair.need_id


def open_slots(meetup: Meetup) -> list[int]:
    """The slots in which people meet."""
    return [slot for slot in range(meetup.slots) if slot not in meetup.breaks]


def window(meetup: Meetup, enrolment: Enrolment) -> tuple[int, int]:
    """First and last slot in which a participant is there."""
    last = meetup.slots - 1
    return (
        0 if enrolment.first_slot is None else enrolment.first_slot,
        last if enrolment.last_slot is None else min(enrolment.last_slot, last),
    )


def fitting(meetup: Meetup, enrolment: Enrolment) -> int:
    """How many meetings fit into the time that a participant is there."""
    first, last = window(meetup, enrolment)
    slots = sum(first <= slot <= last for slot in open_slots(meetup))
    return slots // 2 if enrolment.longer_slot else slots


def _utility(weighing: Weighing, participant: Participant, need_id: UUID) -> float:
    weighed = weighing.possible.get(Pair(participant.id, need_id))
    return weighed.utility if weighed else float("nan")


def _seats(meetup: Meetup, need_id: UUID, seats: int) -> int:
    """What a need can hold: its seats, and no more than its interviewers have slots for."""
    interviewers = next(need.interviewers for need in meetup.needs if need.need_id == need_id)
    return min(seats, interviewers * len(open_slots(meetup)))


def _maximum(situation: Situation, participant: Participant, kept: Collection[Key]) -> int:
    """What a participant may have: what the policy grants and their time allows, and never less than was accepted."""
    enrolment = next(one for one in situation.enrolments if one.participant_id == participant.id)
    accepted = sum(participant_id == participant.id for participant_id, _ in kept)
    return max(min(situation.policy.maximum, fitting(situation.meetup, enrolment)), accepted)


def _tables(meetup: Meetup) -> list[Table]:
    """A table for each interviewer, numbered from 1; where only some are on the ground floor, all are common."""
    hosts = [need.need_id for need in meetup.needs for _ in range(need.interviewers)]
    if meetup.ground_floor_tables is None:
        return [Table(number, need=host) for number, host in enumerate(hosts, start=1)]
    return [Table(number, ground_floor=number <= meetup.ground_floor_tables) for number in range(1, len(hosts) + 1)]


def _in_words(obstacle: Obstacle) -> str:
    facts = ", ".join(f"{name}={fact}" for name, fact in obstacle.facts.items())
    return f"{obstacle.reason.value}: {facts}" if facts else obstacle.reason.value
