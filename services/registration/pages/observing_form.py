"""The form by which is noted what was seen of somebody in one exercise: a level and a few words for each skill."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Annotated
from uuid import UUID

from pydantic import Field as Ranging
from starlette.datastructures import FormData

from services.registration.domain import kinds
from services.registration.domain.findings import Notes, Severity
from services.registration.domain.workshops import HIGHEST_LEVEL, LOWEST_LEVEL, Observation, Workshop
from services.registration.intake.bodies import Body, FreeText, ObservationBody
from services.registration.pages.filling import EnteredAs, Field, FieldTexts, PageForm, Section
from services.registration.pages.record_codes import both
from shared.reference.anchors import anchors
from shared.reference.skills import DEFAULT_FRAMEWORK, Skill, framework
from shared.web.values import Day

KEPT = "kept."
"""How fields begin that say which note the form showed as kept, by skill."""

_NO_LEVEL = replace(
    kinds.MISSING_VALUE,
    message="Touchez aussi un niveau : un mot seul n’est pas gardé.",
    meaning="Tap a level as well: words alone are not kept.",
)
_NO_SUCH_DAY = replace(
    kinds.DATE_OUTSIDE_WORKSHOP,
    severity=Severity.REFUSED,
    message="Ce jour n’est pas un jour de l’atelier.",
    meaning="This day is none of the workshop’s.",
)


class SeenBody(Body):
    """What was seen of somebody in one exercise on a day: levels, and words beside them, by the skill's code."""

    day: Day
    levels: dict[str, Annotated[int, Ranging(ge=LOWEST_LEVEL, le=HIGHEST_LEVEL)]] = Ranging(default_factory=dict)
    words: dict[str, FreeText] = Ranging(default_factory=dict)


def _section(skill: Skill) -> Section:
    name = both(skill.name("fr"), skill.name("en"))
    steps = tuple(
        (str(each.level), both(each.sentence_fr, each.sentence_en)) for each in anchors(DEFAULT_FRAMEWORK, skill.code)
    )
    words = both("Un mot sur ce qui a été vu", "A word on what was seen")
    return Section(
        name,
        (
            Field(f"levels.{skill.code}", name, EnteredAs.ONE, options=steps),
            Field(f"words.{skill.code}", words),
        ),
    )


@cache
def seen_form() -> PageForm[SeenBody]:
    """The form of all skills, made when somebody first observes: until then no skill is looked up."""
    day = Field("day", both("Jour", "Day"), EnteredAs.DAY, required=True)
    return PageForm(SeenBody, (Section(None, (day,)), *(_section(each) for each in framework())))


def typed_of(day: str, kept: Mapping[str, Observation]) -> FieldTexts:
    """What stands in the form where these notes are kept, by skill."""
    levels = {f"levels.{skill}": str(each.seen.level) for skill, each in kept.items()}
    return {"day": day, **levels, **{f"words.{skill}": each.seen.note for skill, each in kept.items()}}


def taken_back_in(sent: FormData, body: SeenBody) -> dict[str, UUID]:
    """The notes that the form showed as kept and that have no level any more, by skill."""
    found = {}
    for name, text in sent.multi_items():
        skill = name.removeprefix(KEPT)
        if name.startswith(KEPT) and skill not in body.levels:
            with suppress(ValueError):
                found[skill] = UUID(str(text))
    return found


def notes_in(
    body: SeenBody, workshop: Workshop, participant_id: UUID, exercise: str, taken_back: Collection[str]
) -> list[ObservationBody]:
    """The notes that the form makes, one a skill.

    Raises `Refused` where words stand alone that belong to no note ``taken_back``, and on a day of no workshop's.
    """
    notes = Notes()
    for skill in body.words:
        if skill not in body.levels and skill not in taken_back:
            notes.add(_NO_LEVEL, f"levels.{skill}")
    if not workshop.includes(body.day):
        notes.add(_NO_SUCH_DAY, "")
    notes.raise_refusals()
    about: dict[str, object] = {"workshop_id": workshop.id, "participant_id": participant_id, "exercise": exercise}
    about["seen_on"] = body.day.isoformat()
    return [
        ObservationBody.model_validate({**about, "skill": skill, "level": level, "note": body.words.get(skill, "")})
        for skill, level in body.levels.items()
    ]
