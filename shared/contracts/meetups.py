"""Topic `meetups`: where and when people meet, who is enrolled, what came of it. Key: the meetup."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.envelope import Event
from shared.contracts.vocabulary import Id, Part, Place, PointInTime, Revision, VenueName

Slot = Annotated[int, Field(ge=0)]
"""The number of a slot of the timetable, from 0."""


class InvitedNeed(Part):
    """A need that comes to a meetup, with as many people who hold interviews side by side."""

    need_id: Id
    interviewers: Annotated[int, Field(ge=1)] = 1


class MeetupState(Event):
    """A meetup: place, start, slots, needs. ``ground_floor_tables`` absent means that all are on the ground floor.

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
    ground_floor_tables: Annotated[int, Field(ge=0)] | None = None
    needs: tuple[InvitedNeed, ...]


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
    """A participant may be paired at a meetup. What the timetable must respect arrives without a reason."""

    type: ClassVar[str] = "vernissage.meetup.participant-enrolled.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    participant_id: Id
    revision: Revision
    first_slot: Slot | None = None
    last_slot: Slot | None = None
    longer_slot: bool = False
    ground_floor: bool = False


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


EVENTS: tuple[type[Event], ...] = (
    MeetupScheduled,
    MeetupChanged,
    MeetupCancelled,
    ParticipantEnrolled,
    ParticipantUnenrolled,
    AttendanceRecorded,
    OutcomeRecorded,
)
