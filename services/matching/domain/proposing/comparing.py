"""What a proposal changes beside the pairing in force, each change with its cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast
from uuid import UUID

from services.matching.domain.pairing import Change, Difference
from services.matching.domain.plan_difference import ChangedMeeting, Changes, difference
from services.matching.domain.proposing.problems import Key, key
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import GONE, Pair, RunInputs, ScheduledMeeting
from services.matching.domain.timetabling import Placement


def compare(inputs: RunInputs, meetings: Iterable[ScheduledMeeting]) -> Difference:
    """The difference between the pairing in force and these meetings; all is new where none was in force."""
    if not inputs.current:
        return Difference(added=tuple(Change(one.participant_id, one.need_id, "first-pairing") for one in meetings))
    found = difference(_placements(inputs.current), _placements(meetings), _changes(inputs))
    return Difference(
        added=_named(found.added),
        removed=_named(found.removed),
        moved=_named(found.moved),
        kept=tuple(Pair(cast("UUID", participant), cast("UUID", need)) for participant, need in found.kept),
    )


def _changes(inputs: RunInputs) -> Changes:
    there = {one.participant_id for one in inputs.enrolments} & set(inputs.consenting)
    open_needs = {need.id for need in inputs.needs if need.is_open}
    invited = {need.need_id for need in inputs.meetup.needs}
    rules = MeetupRules(inputs)
    since = inputs.since
    return Changes(
        pins=frozenset(key(pair) for pair in inputs.pins),
        forbids=frozenset(key(pair) for pair in inputs.forbids),
        refusals=frozenset(key(one.pair) for one in inputs.current if inputs.replies.get(one.participant_id) in GONE),
        withdrawals=frozenset(one.participant_id for one in inputs.current if one.participant_id not in there),
        closed_needs=frozenset(one.need_id for one in inputs.current if one.need_id in invited - open_needs),
        uninvited_needs=frozenset(one.need_id for one in inputs.current if one.need_id not in invited),
        changed_needs=frozenset(since.changed_needs),
        arrivals=frozenset(since.arrivals),
        changed_participants=frozenset(since.changed_participants),
        observations=frozenset(since.observed),
        clashes=frozenset(one.participant_id for one in inputs.elsewhere if rules.away(one.participant_id)),
        meetup=since.meetup_changed,
        mended=since.mended,
        policy=since.policy_changed,
    )


def _placements(meetings: Iterable[ScheduledMeeting]) -> Mapping[Key, Placement | None]:
    return {key(one.pair): Placement(one.slot, one.table) for one in meetings}


def _named(changed: Iterable[ChangedMeeting]) -> tuple[Change, ...]:
    return tuple(Change(cast("UUID", one.pair[0]), cast("UUID", one.pair[1]), one.cause) for one in changed)
