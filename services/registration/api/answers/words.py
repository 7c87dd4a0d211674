"""How the words to choose from are told: occupations, skills, exercises, texts, licences, communes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.registration.api.answers.common import CodeOfOccupation, Told
from services.registration.domain.participants import Purpose


class Labelled(Told):
    """Something by its code, with what it is called."""

    code: str
    label: str


class OccupationData(Told):
    """An occupation, with the soft skills that ROME asks of it."""

    code: CodeOfOccupation
    label: str
    skills: Sequence[Labelled]


class OccupationFound(OccupationData):
    """An occupation, with the job title by which it was found."""

    title: str


class OccupationShown(OccupationData):
    """An occupation, with those near it."""

    near: Sequence[Labelled]


class EquivalentSkill(Told):
    """What stands for a skill in another framework, and how nearly."""

    framework: str
    code: str
    nearness: str


class SkillLevel(Told):
    """What a level of a skill looks like."""

    level: int
    sentence: str
    sentence_en: str


class SkillShown(Told):
    """A skill of a framework."""

    code: str
    label: str
    label_en: str
    definition: str
    equivalent: EquivalentSkill | None
    levels: Sequence[SkillLevel]


class LevelShown(Told):
    """A level of the scale."""

    level: int
    name: str
    anchor: str


class SkillsShown(Told):
    """The skills of a framework, and the levels of the scale."""

    framework: str
    items: Sequence[SkillShown]
    levels: Sequence[LevelShown]


class ExerciseShown(Told):
    """An exercise of the workshops."""

    code: str
    title: str
    title_en: str
    description: str
    description_en: str


class ConsentTextShown(Told):
    """A text to which people agree, and whether it is the one to show today."""

    purpose: Purpose
    version: int
    since: date
    is_shown: bool
    text: str
    text_en: str


class LicenceShown(Told):
    """A driving licence or certificate."""

    code: str
    kind: str
    label: str


class CommuneShown(Told):
    """A commune by its INSEE code."""

    code: str
    name: str
    department: str
