"""The whole computation of one run, in the order in which an adviser would tell it."""

from __future__ import annotations

from collections import defaultdict
from typing import cast
from uuid import UUID

from services.matching.domain.pairing import DroppedPair, Meeting, Pairing, Proof, ReservePlace
from services.matching.domain.proposing.arranging import Arranged, arrange, pair_planned
from services.matching.domain.proposing.comparing import compare
from services.matching.domain.proposing.placing import in_timetable_order, meeting_id, pair_of
from services.matching.domain.proposing.ranking import rank
from services.matching.domain.proposing.telling import Teller
from services.matching.domain.proposing.weighing import Weighed, Weighing, weigh
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Pair, RunInputs

Ranked = dict[UUID, list[Weighed]]
"""Each need's candidates, the best first."""


def propose(inputs: RunInputs) -> Pairing:
    """Work out the pairing of a meetup.

    The same inputs always give the same pairing. Raises `ImpossiblePairing` when pins, forbids, accepted meetings,
    seats and slots contradict each other.
    """
    weighing, teller = weigh(inputs), Teller(inputs)
    arranged = arrange(inputs, weighing)
    ranked = _rank(inputs, weighing)
    meetings = _meetings(inputs, weighing, arranged, ranked, teller)
    return Pairing(
        meetings=meetings,
        reserve=_reserve(inputs, {meeting.pair for meeting in meetings}, ranked, teller),
        dropped=tuple(
            DroppedPair(pair.participant_id, pair.need_id, tuple(obstacle.kind.value for obstacle in found))
            for pair, found in sorted(weighing.impossible.items(), key=str)
        ),
        unmet_needs=tuple(need.id for need in inputs.needs if need.id in arranged.plan.unmet_needs),
        without_meeting=_without_meeting(inputs, meetings),
        difference=compare(inputs, meetings),
        proof=_proof(arranged),
    )


def _rank(inputs: RunInputs, weighing: Weighing) -> Ranked:
    of_need: dict[UUID, list[Weighed]] = defaultdict(list)
    forbidden = set(inputs.forbids)
    for pair, weighed in weighing.possible.items():
        if pair not in forbidden:
            of_need[pair.need_id].append(weighed)
    return {
        need_id: rank(candidates, inputs.exposure, inputs.policy, inputs.seed)
        for need_id, candidates in of_need.items()
    }


def _meetings(
    inputs: RunInputs, weighing: Weighing, arranged: Arranged, ranked: Ranked, teller: Teller
) -> tuple[Meeting, ...]:
    of_plan = {pair_planned(meeting): meeting for meeting in arranged.plan.meetings}
    positions = _positions(set(of_plan), ranked)
    meetings = []
    for place in arranged.timetable.meetings:
        pair = pair_of(place)
        meetings.append(
            Meeting(
                id=meeting_id(inputs.meetup.id, pair),
                participant_id=pair.participant_id,
                need_id=pair.need_id,
                slot=place.slot,
                table=cast("int", place.table),
                length=place.length,
                position=positions[pair],
                is_pinned=of_plan[pair].pinned,
                is_kept=of_plan[pair].kept,
                is_worthwhile=of_plan[pair].worthwhile,
                reasons=teller.reasons(weighing.possible[pair]),
            )
        )
    return in_timetable_order(meetings)


def _positions(chosen: set[Pair], ranked: Ranked) -> dict[Pair, int]:
    return {
        pair: position
        for candidates in ranked.values()
        for position, pair in enumerate((one.pair for one in candidates if one.pair in chosen), start=1)
    }


def _reserve(inputs: RunInputs, chosen: set[Pair], ranked: Ranked, teller: Teller) -> tuple[ReservePlace, ...]:
    return tuple(
        ReservePlace(
            participant_id=one.pair.participant_id,
            need_id=need_id,
            position=position,
            is_worthwhile=one.utility >= inputs.policy.worthwhile,
            reasons=teller.reasons(one),
        )
        for need_id, candidates in sorted(ranked.items())
        for position, one in enumerate(
            [one for one in candidates if one.pair not in chosen][: inputs.policy.reserve], start=1
        )
    )


def _without_meeting(inputs: RunInputs, meetings: tuple[Meeting, ...]) -> tuple[UUID, ...]:
    met = {meeting.participant_id for meeting in meetings}
    return tuple(one.id for one in MeetupRules(inputs).free_participants() if one.id not in met)


def _proof(arranged: Arranged) -> Proof:
    planned, placed = arranged.plan, arranged.timetable
    return Proof(
        # Of plans that the hours allow, none better was found where some meetings were left out; it is not proven.
        plan_status="feasible" if arranged.left_out else planned.status,
        objective=planned.objective,
        bound=planned.bound,
        timetable_status=placed.status,
        slots_used=placed.slots_used,
        slots_bound=placed.bound,
    )
