"""The plan fits the hours: what finds no room is left out, and nobody who accepted moves for others."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, assume, event, given, settings

from services.matching.domain.proposing import ImpossiblePairing, propose
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Enrolment, InvitedNeed, Meetup, RunInputs
from tests.services.matching.domain.following.strategies import NEEDS, PEOPLE, need, participant, run_inputs

law = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@law
@given(run_inputs())
def test_where_nobody_demands_anything_there_is_always_a_pairing(inputs: RunInputs) -> None:
    pairing = propose(replace(inputs, pins=()))
    event(f"{len(pairing.meetings)} meetings, {pairing.proof.plan_status}")


@law
@given(run_inputs(), run_inputs())
def test_nobody_who_accepted_moves_where_their_place_still_stands(then: RunInputs, now: RunInputs) -> None:
    """Whatever else changed: more people, more needs, other limits; the hours and tables of the meetup are the same."""
    try:
        before = propose(then)
        now = replace(
            then, participants=now.participants, needs=now.needs, observations=now.observations, policy=now.policy
        )
        now = replace(
            now,
            current=before.outline.meetings,
            tables=MeetupRules(then).seating,
            replies={**then.replies, **{one.participant_id: "accepted" for one in before.meetings}},
            pins=(),
        )
        again = propose(now)
    except ImpossiblePairing:
        assume(False)
        raise
    places = {one.pair: (one.slot, one.table) for one in before.meetings}
    stayed = [one for one in again.meetings if one.pair in places]
    event(f"{len(stayed)} stayed of {len(places)}, {again.proof.plan_status}")
    assert [one.pair for one in stayed if (one.slot, one.table) != places[one.pair]] == []


@law
@given(run_inputs())
def test_more_people_than_hours_are_met_as_far_as_the_hours_allow(inputs: RunInputs) -> None:
    """Everybody is there for the first slot only: one of them meets the need, the others wait in its reserve."""
    meetup = Meetup(
        id=inputs.meetup.id,
        agency_id=inputs.meetup.agency_id,
        venue=inputs.meetup.venue,
        starts_at=inputs.meetup.starts_at,
        slot_minutes=12,
        slots=4,
        breaks=(),
        ground_floor_tables=None,
        needs=(InvitedNeed(NEEDS[0], 1),),
    )
    pairing = propose(
        replace(
            inputs,
            meetup=meetup,
            participants=tuple(participant(one, 60.0) for one in PEOPLE),
            enrolments=tuple(Enrolment(one, last_slot=0) for one in PEOPLE),
            consenting=PEOPLE,
            needs=(need(NEEDS[0], seats=3, hours=("day",), is_open=True),),
            replies={},
            pins=(),
            forbids=(),
            forbids_at_once=(),
            elsewhere=(),
        )
    )
    assert [one.slot for one in pairing.meetings] == [0]
    assert {one.participant_id for one in pairing.reserve} == set(PEOPLE) - {pairing.meetings[0].participant_id}
    assert pairing.proof.plan_status == "feasible"
