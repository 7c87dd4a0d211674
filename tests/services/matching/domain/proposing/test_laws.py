"""What a proposal promises, read from what is true, not from the rules that made it; also after an edit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from services.matching.domain.occupancy import occupied
from services.matching.domain.pairing import Difference, Meeting, Pairing, Reasons
from services.matching.domain.proposing import ImpossibleEdit, ImpossiblePairing, edit, propose
from services.matching.domain.proposing.placing import free_place, newcomer
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Engagement, Pair, RunInputs, ScheduledMeeting
from tests.services.matching.domain.following.strategies import NEEDS, PEOPLE, run_inputs

HAS_LEFT = ("declined", "expired")
BETWEEN_MEETUPS = timedelta(hours=1)

law = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def proposed(inputs: RunInputs) -> Pairing:
    """The pairing of a situation that has one."""
    try:
        pairing = propose(inputs)
    except ImpossiblePairing:
        assume(False)
        raise
    event(f"{len(pairing.meetings)} meetings")
    return pairing


@dataclass(frozen=True)
class Edited:
    """A proposal, and the same after an adviser's edits."""

    inputs: RunInputs
    wanted: frozenset[Pair]
    after: Pairing = field(repr=False)


def in_force(inputs: RunInputs, pairing: Pairing) -> RunInputs:
    """The situation in which a pairing is in force."""
    return replace(inputs, current=pairing.outline.meetings, tables=MeetupRules(inputs).seating)


@st.composite
def edited(draw: st.DrawFn) -> Edited:
    """A proposal, and the same after an adviser took meetings out and others in."""
    inputs = draw(run_inputs())
    inputs = in_force(inputs, proposed(inputs))
    before = proposed(inputs)
    remove = draw(st.sets(st.sampled_from([one.pair for one in before.meetings]))) if before.meetings else set()
    add = draw(st.sets(st.sampled_from([one.pair for one in before.reserve]), max_size=2)) if before.reserve else set()
    assume(remove or add)
    try:
        after = edit(MeetupRules(inputs), before, remove=sorted(remove, key=str), add=sorted(add, key=str))
    except ImpossibleEdit:
        assume(False)
        raise
    return Edited(inputs, frozenset({one.pair for one in before.meetings} - remove | add), after)


@law
@given(run_inputs())
def test_nobody_meets_who_may_not_and_nobody_waits_to_who_may_not(inputs: RunInputs) -> None:
    pairing = proposed(inputs)
    may_meet = pairs_that_may_meet(inputs)
    assert {meeting.pair for meeting in pairing.meetings} <= may_meet
    assert {place.pair for place in pairing.reserve} <= may_meet


@law
@given(run_inputs())
def test_a_proposal_keeps_to_hours_tables_and_seats(inputs: RunInputs) -> None:
    check_places(inputs, proposed(inputs).meetings)


@law
@given(run_inputs(), st.sets(st.sampled_from(PEOPLE), min_size=1), st.sampled_from([70, 60, 50, 40]))
def test_whoever_meets_elsewhere_just_before_is_not_free_yet(inputs: RunInputs, away: set[UUID], minutes: int) -> None:
    begins = inputs.meetup.starts_at - timedelta(minutes=minutes)
    elsewhere = tuple(Engagement(one, NEEDS[0], begins, begins + timedelta(minutes=12)) for one in sorted(away))
    inputs = replace(inputs, elsewhere=elsewhere)
    check_places(inputs, proposed(inputs).meetings)


@law
@given(edited())
def test_an_edited_proposal_is_what_was_asked_and_keeps_to_them_too(case: Edited) -> None:
    check_places(case.inputs, case.after.meetings)
    pairs = {meeting.pair for meeting in case.after.meetings}
    assert pairs == case.wanted
    assert pairs <= pairs_that_may_meet(case.inputs)


@law
@given(run_inputs())
def test_whoever_has_nothing_worthwhile_comes_before_a_second_meeting_of_anybody(inputs: RunInputs) -> None:
    pairing, rules = proposed(inputs), MeetupRules(inputs)
    assert all(is_true(one.is_worthwhile, one.reasons, inputs) for one in pairing.meetings)
    assert all(is_true(one.is_worthwhile, one.reasons, inputs) for one in pairing.reserve)
    worthwhile = Counter(meeting.participant_id for meeting in pairing.meetings if meeting.is_worthwhile)
    for second in pairing.meetings:
        if worthwhile[second.participant_id] < 2 or second.pair in inputs.pins:
            continue
        others = tuple(meeting for meeting in pairing.meetings if meeting is not second)
        for place in pairing.reserve:
            if place.need_id != second.need_id or not place.is_worthwhile or worthwhile[place.participant_id]:
                continue
            if any(one.participant_id == place.participant_id for one in others):
                continue
            assert free_place(rules, others, occupied(others), newcomer(rules, place, others)) is None


@law
@given(run_inputs(), st.sets(st.sampled_from(PEOPLE)))
def test_a_difference_tells_all_that_changed_and_nothing_else(inputs: RunInputs, accepted: set[UUID]) -> None:
    first = proposed(inputs)
    current = first.meetings
    later = replace(
        in_force(inputs, first),
        replies={one: "accepted" for one in PEOPLE if one in accepted},
        forbids=(*inputs.forbids, *(one.pair for one in current[:1] if one.participant_id not in accepted)),
    )
    again = proposed(later)
    check_difference(again.difference, current, again.meetings)


@law
@given(edited())
def test_the_difference_after_an_edit_tells_all_that_changed(case: Edited) -> None:
    check_difference(case.after.difference, case.inputs.current, case.after.meetings)


@law
@given(run_inputs())
def test_an_edit_that_is_taken_back_leaves_the_same_meetings(inputs: RunInputs) -> None:
    before, rules = proposed(inputs), MeetupRules(inputs)
    assume(before.reserve)
    for place in before.reserve[:2]:
        with suppress(ImpossibleEdit):
            with_one_more = edit(rules, before, remove=[], add=[place.pair])
            back = edit(rules, with_one_more, remove=[place.pair], add=[])
            assert {one.pair for one in back.meetings} == {one.pair for one in before.meetings}


def is_true(is_worthwhile: bool, reasons: Reasons, inputs: RunInputs) -> bool:
    """Whether what is said to be worthwhile is."""
    return is_worthwhile == (reasons.utility >= inputs.policy.worthwhile)


def pairs_that_may_meet(inputs: RunInputs) -> set[Pair]:
    """Of all pairs those to which nobody said no: of people who take part, for needs that are open."""
    invited = {one.need_id for one in inputs.meetup.needs}
    people = {one.id for one in inputs.participants} & {one.participant_id for one in inputs.enrolments}
    staying = {one for one in people & set(inputs.consenting) if inputs.replies.get(one) not in HAS_LEFT}
    needs = {need.id for need in inputs.needs if need.is_open} & invited
    return {Pair(person, need) for person in staying for need in needs} - set(inputs.forbids)


def check_places(inputs: RunInputs, meetings: Sequence[Meeting]) -> None:
    """Everybody meets while they are there and not elsewhere, at a table of the need, and one at a time."""
    meetup, enrolments = inputs.meetup, {one.participant_id: one for one in inputs.enrolments}
    for one in meetings:
        enrolment, slots = enrolments[one.participant_id], range(one.slot, one.slot + one.length)
        last = meetup.slots - 1
        first, last = enrolment.first_slot or 0, last if enrolment.last_slot is None else enrolment.last_slot
        assert one.length == (2 if enrolment.double_slot else 1)
        assert first <= slots.start
        assert slots.stop - 1 <= min(last, meetup.slots - 1)
        assert not set(slots) & set(meetup.breaks)
        assert not meets_elsewhere(inputs, one)
        if enrolment.front_table and meetup.front_tables is not None:
            assert one.table <= meetup.front_tables
    taken = Counter(
        where
        for one in meetings
        for slot in range(one.slot, one.slot + one.length)
        for where in (("person", one.participant_id, slot), ("table", one.table, slot))
    )
    assert set(taken.values()) <= {1}
    check_numbers(inputs, meetings)


def check_numbers(inputs: RunInputs, meetings: Sequence[Meeting]) -> None:
    """A need has no more meetings than seats, nor at once than interviewers; nobody meets the same need twice."""
    assert len({one.pair for one in meetings}) == len(meetings)
    seats = {need.id: need.seats for need in inputs.needs}
    held = Counter(one.need_id for one in meetings)
    assert all(count <= seats[need_id] for need_id, count in held.items())
    interviewers = {one.need_id: one.interviewers for one in inputs.meetup.needs}
    at_once = Counter((one.need_id, slot) for one in meetings for slot in range(one.slot, one.slot + one.length))
    assert all(count <= interviewers[need_id] for (need_id, _), count in at_once.items())


def meets_elsewhere(inputs: RunInputs, meeting: Meeting) -> bool:
    """Whether the participant meets somebody at another meetup then, or is on the way."""
    begins, ends = (hour_of(inputs, slot) for slot in (meeting.slot, meeting.slot + meeting.length))
    return any(
        begins < one.ends + BETWEEN_MEETUPS and one.begins - BETWEEN_MEETUPS < ends
        for one in inputs.elsewhere
        if one.participant_id == meeting.participant_id
    )


def hour_of(inputs: RunInputs, slot: int) -> datetime:
    """When a slot begins."""
    return inputs.meetup.starts_at + slot * timedelta(minutes=inputs.meetup.slot_minutes)


def check_difference(found: Difference, before: Sequence[ScheduledMeeting], after: Sequence[Meeting]) -> None:
    """What is added, moved and kept is what there is; what is removed, moved and kept is what there was."""
    was = {one.pair: (one.slot, one.table) for one in before}
    now = {one.pair: (one.slot, one.table) for one in after}
    added, removed, moved = (
        [Pair(one.participant_id, one.need_id) for one in changes]
        for changes in (found.added, found.removed, found.moved)
    )
    assert sorted(added, key=str) == sorted(now.keys() - was.keys(), key=str)
    assert sorted(removed, key=str) == sorted(was.keys() - now.keys(), key=str)
    assert sorted(moved, key=str) == sorted((one for one in now if one in was and was[one] != now[one]), key=str)
    assert sorted(found.kept, key=str) == sorted((one for one in now if was.get(one) == now[one]), key=str)
