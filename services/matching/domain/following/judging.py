"""Comparing a pairing with what is true now: meetings that cannot be, or not there and then, and what to ask."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.matching.domain.constraints import Obstacle, ObstacleKind
from services.matching.domain.occupancy import Taken, has_room, occupy
from services.matching.domain.pairing import Cause, Outline
from services.matching.domain.rules import STAYS_IN_FORCE, MeetupRules
from services.matching.domain.situation import Pair, ScheduledMeeting

Why = Cause | Literal["accepted"]
"""Why a pair is broken; `accepted`: somebody said yes since to a meeting that a proposal leaves out."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A pair that a rule of now stands against, and which."""

    pair: Pair
    cause: Why


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody accepted a meeting that a limit now speaks against: it stays, and an adviser asks them."""

    pair: Pair
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`out` cannot be met any more, `displaced` not there and then."""

    out: tuple[Broken, ...]
    displaced: tuple[Broken, ...]
    asks: tuple[Ask, ...]

    @property
    def holds(self) -> bool:
        """Whether every meeting may stay where it is."""
        return not (self.out or self.displaced)


def judge(rules: MeetupRules, outline: Outline, *, of_in_force: bool) -> Judgement:
    """Compare the meetings of a pairing, the one in force or a proposal, with what is true now."""
    out = {
        meeting.pair: cause
        for meeting in outline.meetings
        if (cause := _cause_against(rules, meeting.pair, of_in_force=of_in_force))
    }
    staying = [meeting for meeting in outline.meetings if meeting.pair not in out]
    out |= dict.fromkeys(_beyond_seats(rules, staying), "capacity")
    staying = [meeting for meeting in staying if meeting.pair not in out]
    return Judgement(
        out=tuple(Broken(meeting.pair, out[meeting.pair]) for meeting in outline.meetings if meeting.pair in out),
        displaced=tuple(_displaced(rules, staying)),
        asks=tuple(_asks(rules, staying)),
    )


def outdated(rules: MeetupRules, proposal: Outline) -> tuple[Broken, ...]:
    """Why a proposal cannot be approved any more; empty when it can.

    Beside what its own meetings and reserve break: a meeting that somebody accepted since, or that an adviser pinned
    since, and that the proposal leaves out.
    """
    judgement = judge(rules, proposal, of_in_force=False)
    reserve = ((pair, _cause_against(rules, pair)) for pair in proposal.reserve)
    broken = tuple(Broken(pair, cause) for pair, cause in reserve if cause)
    return (*judgement.out, *judgement.displaced, *broken, *_left_out(rules, proposal.pairs))


def _cause_against(rules: MeetupRules, pair: Pair, *, of_in_force: bool = False) -> Cause | None:
    if cause := rules.cause_against(pair, of_in_force=of_in_force):
        return cause
    return _cause_of(rules.obstacles_to_pairing(pair))


def _cause_of(found: Collection[Obstacle]) -> Cause | None:
    if not found:
        return None
    return "clash" if all(one.kind is ObstacleKind.ELSEWHERE for one in found) else "constraint"


def _beyond_seats(rules: MeetupRules, staying: Sequence[ScheduledMeeting]) -> list[Pair]:
    """The meetings that a need has no seat for any more: the last of its list, and none that was accepted."""
    of_need: dict[UUID, list[ScheduledMeeting]] = defaultdict(list)
    for meeting in sorted(staying, key=lambda one: (one.pair not in rules.accepted, one.position, one.slot)):
        of_need[meeting.need_id].append(meeting)
    return [meeting.pair for need_id, meetings in of_need.items() for meeting in meetings[rules.seats(need_id) :]]


def _displaced(rules: MeetupRules, staying: Sequence[ScheduledMeeting]) -> Iterator[Broken]:
    taken: Taken = Counter()
    for meeting in sorted(staying, key=lambda one: (one.pair not in rules.accepted, one.slot, one.table)):
        cause = _misplacement(rules, meeting) or (None if has_room(rules, taken, meeting) else "changed-meetup")
        if cause:
            yield Broken(meeting.pair, cause)
        else:
            occupy(taken, meeting)


def _misplacement(rules: MeetupRules, meeting: ScheduledMeeting) -> Cause | None:
    slots = range(meeting.slot, meeting.slot + meeting.length)
    if not set(rules.open_slots).issuperset(slots) or not rules.sits_somewhere(meeting.table, meeting.pair):
        return "changed-meetup"
    if not rules.busy(meeting.pair).isdisjoint(slots):
        return "clash"
    if meeting.slot not in rules.possible_starts(meeting.pair) or meeting.length != rules.length(
        meeting.participant_id
    ):
        return "changed-participant"
    return None if rules.is_table_of(meeting.table, meeting.pair) else "changed-participant"


def _asks(rules: MeetupRules, staying: Iterable[ScheduledMeeting]) -> Iterator[Ask]:
    accepted = [meeting for meeting in staying if meeting.pair in rules.accepted]
    held = Counter(meeting.need_id for meeting in accepted)
    for meeting in accepted:
        found = rules.obstacles(meeting.pair)
        reasons = [one.kind.value for one in found if one.kind in STAYS_IN_FORCE]
        slots = range(meeting.slot, meeting.slot + meeting.length)
        if ObstacleKind.ELSEWHERE.value not in reasons and not rules.away(meeting.participant_id).isdisjoint(slots):
            reasons.append(ObstacleKind.ELSEWHERE.value)
        if held[meeting.need_id] > rules.needs[meeting.need_id].seats:
            reasons.append("capacity")
        if reasons:
            yield Ask(meeting.pair, tuple(reasons))


def _left_out(rules: MeetupRules, proposed: Collection[Pair]) -> Iterator[Broken]:
    for pair in sorted(rules.accepted - set(proposed), key=str):
        if rules.cause_against(pair) is None:
            yield Broken(pair, "accepted")
    for pair in sorted(set(rules.truth.pins) - set(proposed), key=str):
        if rules.cause_against(pair) is None and not rules.obstacles_to_pairing(pair):
            yield Broken(pair, "pin")
