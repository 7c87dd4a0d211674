"""Topic `observations`: what was seen in the workshops. Key: the participant."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.contracts.envelope import Event
from shared.contracts.vocabulary import ExerciseCode, FrameworkName, Id, Level, Revision, SkillCode, VenueName


class LevelSeen(Event):
    """A level that a rater saw; the note beside it stays in registration."""

    key: ClassVar[str] = "participant_id"

    participant_id: Id
    observation_id: Id
    revision: Revision
    rater_id: Id
    workshop_id: Id
    venue: VenueName
    exercise: ExerciseCode
    seen_on: date
    framework: FrameworkName
    skill: SkillCode
    level: Level


class SkillObserved(LevelSeen):
    """A skill was seen in an exercise."""

    type: ClassVar[str] = "vernissage.skill.observed.v1"


class ObservationCorrected(LevelSeen):
    """An observation was corrected; the event holds all of it."""

    type: ClassVar[str] = "vernissage.skill.corrected.v1"


class ObservationRetracted(Event):
    """An observation was taken back."""

    type: ClassVar[str] = "vernissage.skill.retracted.v1"
    key: ClassVar[str] = "participant_id"

    participant_id: Id
    observation_id: Id
    revision: Revision


EVENTS: tuple[type[Event], ...] = (SkillObserved, ObservationCorrected, ObservationRetracted)
