"""The words that events may use: every text on Kafka is one of these closed or patterned types.

Free text is where personal data would slip in. So an event field is an opaque id, a number, a date, or a text of one of
the types below; a test walks all contracts and refuses any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.typed_text import shown_on_one_line


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its time zone")
    return moment


def _on_one_line(text: object) -> object:
    return shown_on_one_line(text) if isinstance(text, str) else text


class Part(BaseModel):
    """A frozen piece of an event; unknown fields are ignored, since fields are only ever added."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Id = UUID
"""An opaque identifier (UUIDv7): says nothing about the person or thing behind it."""

Revision = Annotated[int, Field(ge=1)]
"""Counts the changes of one thing; the highest revision wins, in whatever order the events arrive."""

PointInTime = Annotated[datetime, AfterValidator(_aware)]
"""A point in time with its zone."""

ReferenceTable = Literal["framework", "skill", "occupation", "licence", "commune"]
"""The reference tables whose words events use. An exercise that no table holds is a workshop's own, and stays."""


@dataclass(frozen=True, slots=True)
class WordOf:
    """Marks a text as a word of a reference table: a consumer whose table lacks it puts the event aside."""

    table: ReferenceTable


FrameworkName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"), WordOf("framework")]
SkillCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"), WordOf("skill")]
OccupationCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{4}$"), WordOf("occupation")]
LicenceCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$"), WordOf("licence")]
ExerciseCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]

VenueName = Annotated[str, StringConstraints(min_length=1, max_length=80), BeforeValidator(_on_one_line)]
"""The public name of a museum or another place: the one name that travels."""

GeneratedText = Annotated[str, StringConstraints(max_length=4000)]
"""A text that the programme wrote from codes and numbers; never anything that somebody typed."""

Level = Annotated[int, Field(ge=0, le=4)]
"""How a behaviour was seen, on the anchored scale from 0 to 4."""

RequiredLevel = Annotated[int, Field(ge=1, le=4)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Transport = Literal["walk", "bicycle", "transit", "car"]
Hours = Literal["day", "evening", "night", "weekend"]
ConsentPurpose = Literal["pairing", "contact"]


class Place(Part):
    """Where something is, rounded to its commune; coordinates in degrees, absent where no list knows them."""

    commune: Annotated[str, StringConstraints(pattern=r"^[0-9AB]{5}$"), WordOf("commune")]
    latitude: Annotated[float, Field(ge=-90, le=90)] | None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None


class Pair(Part):
    """One participant with one need."""

    participant_id: Id
    need_id: Id


class Bilingual(Part):
    """The same text in French and in English."""

    fr: GeneratedText
    en: GeneratedText


class RematchReason(StrEnum):
    """Why an adviser asked for a pairing; what they typed beside it stays in matching's own tables."""

    FIRST_PAIRING = "first-pairing"
    REFUSAL = "refusal"
    WITHDRAWAL = "withdrawal"
    NEW_OBSERVATIONS = "new-observations"
    NEED_CHANGED = "need-changed"
    ADVISER_JUDGEMENT = "adviser-judgement"
    OTHER = "other"
