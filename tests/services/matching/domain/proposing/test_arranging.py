"""The plan fits the hours: what finds no room is left out, and nobody who accepted moves for others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, event, given, settings

from services.matching.domain.proposing import ImpossibleEdit, ImpossiblePairing, edit, propose
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import (
    Engagement,
    Enrolment,
    InvitedNeed,
    Meetup,
    Pair,
    RunInputs,
    ScheduledMeeting,
)
from tests.services.matching.domain.following.strategies import MEETUP, NEEDS, PEOPLE, need, participant, run_inputs

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
    pairing = propose(
        replace(
            inputs,
            meetup=meetup_with(inputs, slots=4),
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


@law
@given(run_inputs())
def test_whoever_accepted_is_not_moved_into_an_hour_at_which_they_are_elsewhere(inputs: RunInputs) -> None:
    """Two who come from another meetup can be there in the second slot only; one of them said yes to it."""
    accepted, other = PEOPLE[:2]
    until = inputs.meetup.starts_at - timedelta(hours=1) + timedelta(minutes=2)
    told = ScheduledMeeting(MEETUP, accepted, NEEDS[0], slot=1, table=1, length=1, position=1)
    inputs = replace(
        inputs,
        meetup=meetup_with(inputs, slots=2),
        participants=tuple(participant(one, 60.0) for one in (accepted, other)),
        enrolments=(Enrolment(accepted), Enrolment(other)),
        consenting=(accepted, other),
        needs=(need(NEEDS[0], seats=2, hours=("day",), is_open=True),),
        replies={accepted: "accepted"},
        current=(told,),
        tables={1: NEEDS[0]},
        pins=(),
        forbids=(),
        forbids_at_once=(),
        elsewhere=tuple(Engagement(one, NEEDS[1], until - timedelta(minutes=12), until) for one in (accepted, other)),
    )
    pairing = propose(inputs)
    assert [(one.participant_id, one.slot) for one in pairing.meetings] == [(accepted, 1)]
    with pytest.raises(ImpossibleEdit, match="timetable"):
        edit(MeetupRules(inputs), pairing, remove=[], add=[Pair(other, NEEDS[0])])


def meetup_with(inputs: RunInputs, *, slots: int) -> Meetup:
    """The meetup with one need, with so many slots and no break."""
    return replace(
        inputs.meetup,
        slots=slots,
        slot_minutes=12,
        breaks=(),
        front_tables=None,
        needs=(InvitedNeed(NEEDS[0], 1),),
    )
