"""What the members of proposed changes are called, and their values as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from services.registration.pages.employer_forms import CONTACT, KNOWN_EMPLOYER, SITE
from services.registration.pages.filling import Field
from services.registration.pages.need_form import need_form
from shared.language import Language
from shared.reference.levels import level
from shared.reference.skills import skill_name


@cache
def fields_of_changes() -> Mapping[str, Field]:
    """What each member of a change is called, and how its codes are told."""
    return {field.name: field for form in (KNOWN_EMPLOYER, SITE, need_form(), CONTACT) for field in form.fields}


def in_words(field: Field | None, value: Any, language: Language) -> str:
    """A value of a change as people read it: names for codes, a skill with its level and points."""
    match value:
        case None | "" | [] | ():
            return "–"
        case {"skill": skill, "level": asked, "weight": weight}:
            points = 100 * weight if weight <= 1 else weight
            return f"{skill_name(skill, language)} : {level(asked).name(language)}, {points:g} points"
        case list() | tuple():
            return ", ".join(in_words(field, each, language) for each in value)
    known = dict(field.said_options(language)) if field else {}
    return known.get(str(value)) or (_named(field, str(value)))


def _named(field: Field | None, text: str) -> str:
    """The name of a code; what somebody typed in their own words stays as it is."""
    try:
        return field.in_words(text) if field else text
    except LookupError:
        return text
