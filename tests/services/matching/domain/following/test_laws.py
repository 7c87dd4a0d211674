"""The law of following: whatever changed, a mended pairing breaks nothing that holds now, and mending ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from services.matching.domain.following.judging import judge, outdated
from services.matching.domain.following.mending import mend
from services.matching.domain.occupancy import occupied
from services.matching.domain.pairing import Pairing
from services.matching.domain.proposing import ImpossiblePairing, propose
from services.matching.domain.proposing.placing import free_place, newcomer
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import InvitedNeed, Pair, RunInputs
from tests.services.matching.domain.following.strategies import NEEDS, PEOPLE, need, run_inputs

UNINVITED_BY_NOBODY = {"withdrawal", "refusal", "closed-need", "uninvited-need", "forbid", "changed-meetup"} | {
    "changed-participant"
}
"""Causes for which somebody who accepted may lose a meeting: never a limit, a clash, or fewer seats."""

law = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def proposed(inputs: RunInputs) -> Pairing:
    """The pairing of inputs that have one."""
    try:
        return propose(inputs)
    except ImpossiblePairing:
        assume(False)
        raise


def in_force(inputs: RunInputs, pairing: Pairing) -> RunInputs:
    """The inputs of a pairing that holds."""
    return replace(inputs, current=pairing.outline.meetings, tables=MeetupRules(inputs).seating)


@law
@given(run_inputs())
def test_what_is_proposed_can_be_approved(inputs: RunInputs) -> None:
    pairing = proposed(inputs)
    event(f"{len(pairing.meetings)} meetings")
    assert outdated(MeetupRules(inputs), pairing.outline) == ()


@law
@given(run_inputs(), run_inputs())
def test_a_mended_pairing_holds_and_mending_again_changes_nothing(then: RunInputs, now: RunInputs) -> None:
    before = proposed(then)
    now = replace(in_force(then, before), **changed(now))
    mended = mend(MeetupRules(now), before)
    event(f"{len(mended.difference.removed)} removed, {len(mended.difference.moved)} moved")
    event(f"{len(mended.difference.added)} added")
    after = in_force(now, mended)
    assert judge(MeetupRules(after), mended.outline, of_in_force=True).holds
    assert mend(MeetupRules(after), mended).difference.is_empty


@law
@given(run_inputs(), run_inputs())
def test_nobody_who_accepted_loses_a_meeting_without_a_cause_of_their_own(then: RunInputs, now: RunInputs) -> None:
    before = proposed(then)
    now = replace(in_force(then, before), **changed(now))
    mended = mend(MeetupRules(now), before)
    causes = {Pair(one.participant_id, one.need_id): one.cause for one in mended.difference.removed}
    lost = MeetupRules(now).accepted - mended.pairs
    event(f"{len(lost)} lost of {len(MeetupRules(now).accepted)}")
    assert {causes[pair] for pair in lost} <= UNINVITED_BY_NOBODY


@law
@given(run_inputs(), run_inputs())
def test_a_rematch_of_what_was_mended_can_be_approved(then: RunInputs, now: RunInputs) -> None:
    before = proposed(then)
    now = replace(in_force(then, before), **changed(now))
    after = in_force(now, mend(MeetupRules(now), before))
    again = proposed(after)
    assert outdated(MeetupRules(after), again.outline) == ()


def changed(now: RunInputs) -> dict[str, Any]:
    """What may have become true since, beside what is in force."""
    names = (
        "meetup",
        "participants",
        "enrolments",
        "consenting",
        "needs",
        "replies",
        "pins",
        "forbids",
        "forbids_at_once",
        "elsewhere",
    )
    return {name: getattr(now, name) for name in names}


@given(st.data())
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_changed_mends_nothing(data: st.DataObject) -> None:
    inputs = data.draw(run_inputs())
    pairing = proposed(inputs)
    assert mend(MeetupRules(in_force(inputs, pairing)), pairing).difference.is_empty


@law
@given(run_inputs(), st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=2))
def test_nobody_gets_a_second_seat_that_somebody_without_any_could_take(then: RunInputs, leaving: set[UUID]) -> None:
    before = proposed(then)
    now = in_force(then, before)
    now = replace(now, replies={**now.replies, **dict.fromkeys(leaving, "declined")})
    rules, mended = MeetupRules(now), mend(MeetupRules(now), before)
    having = Counter(meeting.participant_id for meeting in mended.meetings)
    event(f"{len(mended.difference.added)} added")
    for added in mended.difference.added:
        if having[added.participant_id] == 1:
            continue
        others = tuple(one for one in mended.meetings if one.pair != Pair(added.participant_id, added.need_id))
        passed_over = [
            reserved
            for reserved in before.reserve
            if reserved.need_id == added.need_id
            and not having[reserved.participant_id]
            and not rules.cause_against(reserved.pair)
            and not rules.obstacles_to_pairing(reserved.pair)
            and free_place(rules, others, occupied(others), newcomer(rules, reserved, others))
        ]
        assert passed_over == []


@law
@given(run_inputs(), st.sampled_from(NEEDS), st.integers(0, 4))
def test_one_more_need_and_a_rematch_move_nobody_who_accepted(then: RunInputs, extra: UUID, seats: int) -> None:
    """The need comes with the smallest id of all, so that any numbering by ids would move everybody."""
    then = replace(then, meetup=replace(then.meetup, needs=tuple(o for o in then.meetup.needs if o.need_id != extra)))
    before = proposed(replace(then, needs=tuple(one for one in then.needs if one.id != extra)))
    people = {meeting.participant_id for meeting in before.meetings}
    now = replace(in_force(then, before), replies={**then.replies, **dict.fromkeys(people, "accepted")})
    smallest = UUID(int=1)
    invited = (InvitedNeed(smallest), *now.meetup.needs)
    needs = (need(smallest, seats=seats + 1, hours=("day",), is_open=True), *now.needs)
    again = proposed(replace(now, meetup=replace(now.meetup, needs=invited), needs=needs, pins=()))
    places = {meeting.pair: (meeting.slot, meeting.table) for meeting in again.meetings}
    assert {one.pair: (one.slot, one.table) for one in before.meetings}.items() <= places.items()
