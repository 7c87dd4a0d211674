"""Who is taken when: participants, needs and tables, slot by slot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import ScheduledMeeting

Taken = Counter[tuple[str, object, int]]
"""How many meetings each participant, need and table has in each slot."""


def occupy(taken: Taken, meeting: ScheduledMeeting) -> None:
    """Note that a meeting takes its slots."""
    for slot in range(meeting.slot, meeting.slot + meeting.length):
        taken.update(_holders(meeting, slot))


def has_room(rules: MeetupRules, taken: Taken, meeting: ScheduledMeeting) -> bool:
    """Whether a meeting fits beside those that take their slots already."""
    interviewers = rules.invited[meeting.need_id].interviewers
    for slot in range(meeting.slot, meeting.slot + meeting.length):
        person, need, table = _holders(meeting, slot)
        if taken[person] or taken[table] or taken[need] >= interviewers:
            return False
    return True


def occupied(meetings: Iterable[ScheduledMeeting]) -> Taken:
    """What these meetings take."""
    taken: Taken = Counter()
    for meeting in meetings:
        occupy(taken, meeting)
    return taken


def _holders(meeting: ScheduledMeeting, slot: int) -> tuple[tuple[str, object, int], ...]:
    return (
        ("participant", meeting.participant_id, slot),
        ("need", meeting.need_id, slot),
        ("table", meeting.table, slot),
    )
