"""Topic `meetups`: where and when people meet, who is enrolled, what came of it. Key: the meetup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from shared.contracts.envelope import Event
from shared.contracts.vocabulary import Id, Part, Place, PointInTime, Revision, VenueName

Slot = Annotated[int, Field(ge=0)]
"""The number of a slot of the timetable, from 0."""


FORMER_NAMES: Mapping[str, str] = {
    "ground_floor_tables": "front_tables",
    "ground_floor": "front_table",
    "longer_slot": "double_slot",
}
"""Names of fields in older events, which told what somebody needs and not what the timetable must respect."""


def under_present_names(said: Any) -> Any:
    """What an event says, its fields under their present names."""
    return {FORMER_NAMES.get(name, name): value for name, value in said.items()} if isinstance(said, dict) else said


class InvitedNeed(Part):
    """A need that comes to a meetup, with as many people who hold interviews side by side."""

    need_id: Id
    interviewers: Annotated[int, Field(ge=1)] = 1


class MeetupState(Event):
    """A meetup: place, start, slots, needs.

    ``front_tables`` is how many tables, the first by their numbers, stand in front: some people meet there only. Where
    it is absent, all tables are alike, and nobody is bound to any.

    ``directions`` counts the versions of how people find it (street, access), which itself does not travel: whoever
    told them asks for it anew.
    """

    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    revision: Revision
    agency_id: Id
    venue: VenueName
    place: Place
    directions: Revision = 1
    starts_at: PointInTime
    slot_minutes: Annotated[int, Field(ge=1, le=240)]
    slots: Annotated[int, Field(ge=1, le=200)]
    breaks: tuple[Slot, ...] = ()
    front_tables: Annotated[int, Field(ge=0)] | None = None
    needs: tuple[InvitedNeed, ...]

    _read_older = model_validator(mode="before")(under_present_names)


class MeetupScheduled(MeetupState):
    """A meetup has a date."""

    type: ClassVar[str] = "vernissage.meetup.scheduled.v1"


class MeetupChanged(MeetupState):
    """A meetup changed; the event holds all of it."""

    type: ClassVar[str] = "vernissage.meetup.changed.v1"


class MeetupCancelled(Event):
    """A meetup will not take place."""

    type: ClassVar[str] = "vernissage.meetup.cancelled.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    revision: Revision


class ParticipantEnrolled(Event):
    """A participant may be paired at a meetup, and what the timetable must respect, for whatever reason.

    They are there from ``first_slot`` to ``last_slot``; with ``double_slot`` each of their meetings takes two slots in
    a row; with ``front_table`` they meet at front tables only, which is told where the meetup has some, nowhere else.
    """

    type: ClassVar[str] = "vernissage.meetup.participant-enrolled.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    participant_id: Id
    revision: Revision
    first_slot: Slot | None = None
    last_slot: Slot | None = None
    double_slot: bool = False
    front_table: bool = False

    _read_older = model_validator(mode="before")(under_present_names)


class ParticipantUnenrolled(Event):
    """A participant will not come to a meetup."""

    type: ClassVar[str] = "vernissage.meetup.participant-unenrolled.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    participant_id: Id
    revision: Revision


class AttendanceRecorded(Event):
    """Whether a participant came."""

    type: ClassVar[str] = "vernissage.meetup.attendance-recorded.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    participant_id: Id
    revision: Revision
    present: bool


class OutcomeRecorded(Event):
    """What came of a meeting."""

    type: ClassVar[str] = "vernissage.meetup.outcome-recorded.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    participant_id: Id
    need_id: Id
    revision: Revision
    outcome: Literal["hired", "trial", "second-meeting", "training", "none"]
    happened_on: date | None = None


EVENTS: tuple[type[Event], ...] = (
    MeetupScheduled,
    MeetupChanged,
    MeetupCancelled,
    ParticipantEnrolled,
    ParticipantUnenrolled,
    AttendanceRecorded,
    OutcomeRecorded,
)
