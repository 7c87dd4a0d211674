"""When somebody leaves: their meetings are filled from the approved reserve, touching nothing else if possible."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal
from uuid import UUID

from services.matching.domain import rematching
from services.matching.domain.pairing import Change, Meeting, Pairing, ReservePlace
from services.matching.domain.proposing.comparing import difference_between
from services.matching.domain.proposing.placing import follow
from services.matching.domain.proposing.problems import fitting, key, timetable_problem
from services.matching.domain.situation import Enrolment, Meetup, Policy
from services.matching.domain.timetabling import PlacedMeeting, Timetable
from services.matching.domain.timetabling.assembly import remeasured


def release(
    pairing: Pairing,
    leaver: UUID,
    why: Literal["refusal", "withdrawal"],
    *,
    meetup: Meetup,
    enrolments: Collection[Enrolment],
    ruled_out: Collection[UUID],
    policy: Policy,
) -> Pairing:
    """The pairing without `leaver`, each of their meetings filled from its need's reserve where somebody can come.

    `ruled_out` are participants who may not be asked any more (declined, withdrawn, no longer enrolled).
    """
    leaving = [meeting for meeting in pairing.meetings if meeting.participant_id == leaver]
    meetings, reserve = pairing.meetings, tuple(place for place in pairing.reserve if place.participant_id != leaver)
    for meeting in leaving:
        meetings, reserve = _fill(meeting, meetings, reserve, meetup, enrolments, ruled_out, policy)
    gone = frozenset(key(meeting.pair) for meeting in leaving)
    changes = rematching.Changes(refusals=gone)
    if why == "withdrawal":
        changes = rematching.Changes(withdrawals=frozenset({leaver}))
    difference = difference_between(pairing.meetings, meetings, changes)
    from_reserve = tuple(Change(one.participant_id, one.need_id, "reserve") for one in difference.added)
    return replace(pairing, meetings=meetings, reserve=reserve, difference=replace(difference, added=from_reserve))


def _fill(
    left: Meeting,
    meetings: tuple[Meeting, ...],
    reserve: tuple[ReservePlace, ...],
    meetup: Meetup,
    enrolments: Collection[Enrolment],
    ruled_out: Collection[UUID],
    policy: Policy,
) -> tuple[tuple[Meeting, ...], tuple[ReservePlace, ...]]:
    problem = timetable_problem(meetup, enrolments, [one.pair for one in meetings], meetings, str(meetup.id))
    filling = rematching.fill_from_reserve(
        _as_timetable(meetings, meetup, enrolments),
        problem,
        refused=key(left.pair),
        reserve=_waiting(reserve, left.need_id, ruled_out),
        maximum={one.participant_id: min(policy.maximum, fitting(meetup, one)) for one in enrolments},
    )
    staying = {one.pair: one for one in meetings if one.pair != left.pair}
    filled = follow(filling.timetable.meetings, staying, reserve, meetup)
    met = {one.pair for one in filled}
    return filled, tuple(place for place in reserve if place.pair not in met)


def _as_timetable(meetings: Collection[Meeting], meetup: Meetup, enrolments: Collection[Enrolment]) -> Timetable:
    problem = timetable_problem(meetup, enrolments, [one.pair for one in meetings], meetings, str(meetup.id))
    return remeasured(problem, [PlacedMeeting(*key(one.pair), one.slot, one.table, one.length) for one in meetings])


def _waiting(reserve: Collection[ReservePlace], need_id: UUID, ruled_out: Collection[UUID]) -> list[UUID]:
    return [
        place.participant_id
        for place in sorted(reserve, key=lambda place: place.position)
        if place.need_id == need_id and place.participant_id not in ruled_out
    ]
