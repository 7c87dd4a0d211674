"""The two problems behind a pairing: which meetings, and when and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

import numpy as np

from services.matching.domain.constraints import Obstacle
from services.matching.domain.planning import PlanProblem
from services.matching.domain.proposing.weighing import Weighing
from services.matching.domain.rules import MeetupRules, window
from services.matching.domain.situation import Pair, Participant, RunInputs, ScheduledMeeting
from services.matching.domain.timetabling import Placement, Table, TimetableProblem

Key = tuple[UUID, UUID]
"""A participant's id and a need's id, as the planner and the timetable know a pair."""


def plan_problem(inputs: RunInputs, weighing: Weighing) -> PlanProblem:
    """Which meetings: utilities of the pairs that can be, and everything that binds the plan."""
    rules = MeetupRules(inputs)
    participants, needs = rules.free_participants(), list(rules.needs.values())
    free = {participant.id for participant in participants}
    kept = frozenset(key(pair) for pair in rules.accepted if pair in weighing.possible)
    return PlanProblem(
        participants=[participant.id for participant in participants],
        needs=[need.id for need in needs],
        utility=np.array(
            [[_utility(weighing, participant, need.id) for need in needs] for participant in participants]
        ).reshape(len(participants), len(needs)),
        seats=[rules.seats(need.id) for need in needs],
        maximum=[_maximum(rules, participant, kept) for participant in participants],
        kept=kept,
        pins=frozenset(key(pair) for pair in inputs.pins if pair.participant_id in free),
        forbids=frozenset(key(pair) for pair in inputs.forbids),
        current=frozenset(key(meeting.pair) for meeting in inputs.current),
        worthwhile=inputs.policy.worthwhile,
        stability=inputs.policy.stability,
        seed=inputs.seed,
        obstacles={key(pair): [_in_words(one) for one in found] for pair, found in weighing.impossible.items()},
    )


def timetable_problem(
    rules: MeetupRules,
    pairs: Collection[Pair],
    told: Iterable[ScheduledMeeting],
    held: Collection[Pair] = (),
) -> TimetableProblem:
    """When and where: what the meetup, its people and its tables allow for these pairs.

    `told` are meetings of whose place people know: none of those that are `held` moves, and as few as possible of the
    others.
    """
    meetup, people = rules.meetup, {pair.participant_id for pair in pairs}
    enrolled = [one for person, one in rules.enrolments.items() if person in people]
    placed = [one for one in told if one.pair in set(pairs)]
    return TimetableProblem(
        meetings=[key(pair) for pair in pairs],
        slots=meetup.slots,
        breaks=frozenset(meetup.breaks),
        windows={
            one.participant_id: window(meetup, one)
            for one in enrolled
            if (one.first_slot, one.last_slot) != (None, None)
        },
        busy={key(pair): busy for pair in pairs if (busy := rules.busy(pair))},
        interviewers={need.need_id: need.interviewers for need in meetup.needs},
        lengths={key(pair): length for pair in pairs if (length := rules.length(pair.participant_id)) > 1},
        tables=_tables(rules, placed),
        front_only=frozenset(one.participant_id for one in enrolled if one.front_table),
        announced={key(one.pair): Placement(one.slot, one.table) for one in placed},
        held=frozenset(key(one.pair) for one in placed if one.pair in held),
        seed=str(meetup.id),
    )


def key(pair: Pair) -> Key:
    """A pair as the planner and the timetable know it."""
    return pair.participant_id, pair.need_id


def _utility(weighing: Weighing, participant: Participant, need_id: UUID) -> float:
    weighed = weighing.possible.get(Pair(participant.id, need_id))
    return weighed.utility if weighed else float("nan")


def _maximum(rules: MeetupRules, participant: Participant, kept: Collection[Key]) -> int:
    """What a participant may have: what the policy grants and their time allows, and never less than was accepted."""
    accepted = sum(participant_id == participant.id for participant_id, _ in kept)
    return max(min(rules.truth.policy.maximum, rules.fitting(participant.id)), accepted)


def _tables(rules: MeetupRules, placed: Collection[ScheduledMeeting]) -> list[Table]:
    """A table for each interviewer; where some stand in front, all are common."""
    if not rules.common_tables:
        return [Table(table, need=need_id) for table, need_id in rules.seating.items()]
    return [Table(table, is_front=rules.is_front_table(table)) for table in rules.tables(one.table for one in placed)]


def _in_words(obstacle: Obstacle) -> str:
    facts = ", ".join(f"{name}={fact}" for name, fact in obstacle.facts.items())
    return f"{obstacle.kind.value}: {facts}" if facts else obstacle.kind.value
