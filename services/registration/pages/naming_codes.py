"""Filters by which templates say what codes stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from shared.language import Language
from shared.reference.communes import commune
from shared.reference.exercises import exercise
from shared.reference.levels import level
from shared.reference.occupations import occupation
from shared.reference.skills import framework, framework_names


def _skill_name(code: str, language: Language) -> str:
    known = (each for name in framework_names() for each in framework(name) if each.code == code)
    return next((each.name(language) for each in known), code)


def _asked_for(asked: Mapping[str, object]) -> str:
    """A query as it stands in an address."""
    return urlencode({name: str(value) for name, value in asked.items() if value not in (None, "")})


FILTERS: Mapping[str, Callable[..., Any]] = {
    "asked_for": _asked_for,
    "commune_name": lambda code: commune(code).full_name,
    "occupation_name": lambda code: occupation(code).label,
    "skill_name": _skill_name,
    "level_name": lambda value, language: level(value).name(language),
    "exercise_title": lambda code, language: exercise(code).title(language),
}
"""What `Pages` of registration know beside what all pages know."""
