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
from services.matching.domain.rules import Rules
from services.matching.domain.situation import InvitedNeed, Pair, Situation
from tests.services.matching.domain.following.strategies import NEEDS, PEOPLE, need, situations

UNINVITED_BY_NOBODY = {"withdrawal", "refusal", "closed-need", "uninvited-need", "forbid", "changed-meetup"} | {
    "changed-participant"
}
"""Causes for which somebody who accepted may lose a meeting: never a limit, a clash, or fewer seats."""

law = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def proposed(situation: Situation) -> Pairing:
    """The pairing of a situation that has one."""
    try:
        return propose(situation)
    except ImpossiblePairing:
        assume(False)
        raise


def in_force(situation: Situation, pairing: Pairing) -> Situation:
    """The situation in which a pairing holds."""
    return replace(situation, current=pairing.outline.meetings, tables=Rules(situation).seating)


@law
@given(situations())
def test_what_is_proposed_can_be_approved(situation: Situation) -> None:
    pairing = proposed(situation)
    event(f"{len(pairing.meetings)} meetings")
    assert outdated(Rules(situation), pairing.outline) == ()


@law
@given(situations(), situations())
def test_a_mended_pairing_holds_and_mending_again_changes_nothing(then: Situation, now: Situation) -> None:
    before = proposed(then)
    now = replace(in_force(then, before), **changed(now))
    mended = mend(Rules(now), before)
    event(f"{len(mended.difference.removed)} removed, {len(mended.difference.moved)} moved")
    event(f"{len(mended.difference.added)} added")
    after = in_force(now, mended)
    assert judge(Rules(after), mended.outline, of_in_force=True).holds
    assert mend(Rules(after), mended).difference.is_empty


@law
@given(situations(), situations())
def test_nobody_who_accepted_loses_a_meeting_without_a_cause_of_their_own(then: Situation, now: Situation) -> None:
    before = proposed(then)
    now = replace(in_force(then, before), **changed(now))
    mended = mend(Rules(now), before)
    causes = {Pair(one.participant_id, one.need_id): one.cause for one in mended.difference.removed}
    lost = Rules(now).accepted - mended.pairs
    event(f"{len(lost)} lost of {len(Rules(now).accepted)}")
    assert {causes[pair] for pair in lost} <= UNINVITED_BY_NOBODY


@law
@given(situations(), situations())
def test_a_rematch_of_what_was_mended_can_be_approved(then: Situation, now: Situation) -> None:
    before = proposed(then)
    now = replace(in_force(then, before), **changed(now))
    after = in_force(now, mend(Rules(now), before))
    again = proposed(after)
    assert outdated(Rules(after), again.outline) == ()


def changed(now: Situation) -> dict[str, Any]:
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
    situation = data.draw(situations())
    pairing = proposed(situation)
    assert mend(Rules(in_force(situation, pairing)), pairing).difference.is_empty


@law
@given(situations(), st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=2))
def test_nobody_gets_a_second_seat_that_somebody_without_any_could_take(then: Situation, leaving: set[UUID]) -> None:
    before = proposed(then)
    now = in_force(then, before)
    now = replace(now, replies={**now.replies, **dict.fromkeys(leaving, "declined")})
    rules, mended = Rules(now), mend(Rules(now), before)
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
@given(situations(), st.sampled_from(NEEDS), st.integers(0, 4))
def test_one_more_need_and_a_rematch_move_nobody_who_accepted(then: Situation, extra: UUID, seats: int) -> None:
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
