"""Filters by which templates say what codes stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from services.registration.pages.common_fields import licence_name
from services.registration.pages.invitation_words import INVITATION_STATES
from services.registration.pages.proposal_words import in_words
from services.registration.pages.record_codes import CODES
from shared.language import Bilingual, Language
from shared.reference.communes import commune
from shared.reference.exercises import exercise
from shared.reference.levels import level
from shared.reference.occupations import occupation
from shared.reference.skills import skill_name


def _in_words(words: Mapping[str, Bilingual], code: str, language: Language) -> str:
    return words[code].in_language(language) if code in words else code


def _asked_for(asked: Mapping[str, object]) -> str:
    """A query as it stands in an address."""
    return urlencode({name: str(value) for name, value in asked.items() if value not in (None, "")})


FILTERS: Mapping[str, Callable[..., Any]] = {
    "asked_for": _asked_for,
    "commune_name": lambda code: commune(code).full_name,
    "code_of": lambda code, column, language: _in_words(CODES[column], code, language),
    "told": in_words,
    "licence_name": licence_name,
    "occupation_name": lambda code: occupation(code).label,
    "skill_name": skill_name,
    "invitation_state": lambda state, language: _in_words(INVITATION_STATES, state, language),
    "level_name": lambda value, language: level(value).name(language),
    "exercise_title": lambda code, language: exercise(code).title(language),
}
"""What `Pages` of registration know beside what all pages know."""
