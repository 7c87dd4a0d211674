"""The exercises of the workshops, under stable codes."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from shared.reference.csv_tables import listed, read_table
from shared.reference.normalise import fold


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise: its stable code, and its title and one-sentence description in both languages."""

    code: str
    title_fr: str
    description_fr: str
    title_en: str
    description_en: str

    def title(self, language: Literal["fr", "en"] = "fr") -> str:
        """Return the title in `language`."""
        return self.title_en if language == "en" else self.title_fr

    def description(self, language: Literal["fr", "en"] = "fr") -> str:
        """Return the description in `language`: what participants do in it."""
        return self.description_en if language == "en" else self.description_fr


OTHER = Exercise(
    "other",
    "Autre exercice",
    "Un exercice propre à cet atelier.",
    "Other exercise",
    "An exercise of this workshop’s own.",
)
"""Stands for an exercise that is not among those of the programme."""


def exercises() -> tuple[Exercise, ...]:
    """Return the exercises of the programme, in the order in which a workshop usually runs them."""
    return tuple({exercise.code: exercise for exercise in _by_name().values()}.values())


def find_exercise(text: str) -> Exercise | None:
    """Return the exercise that `text` names by code, title in either language or everyday name, or None."""
    return _by_name().get(fold(text))


def exercise(code: str) -> Exercise:
    """Return the exercise with this code, and `OTHER` for any code that is not one of the programme's."""
    found = _by_name().get(fold(code))
    return found if found is not None and found.code == code else OTHER


@cache
def _by_name() -> dict[str, Exercise]:
    columns = ("code", "titre", "description", "titre_anglais", "description_anglais", "aussi_appele")
    by_name: dict[str, Exercise] = {}
    for *texts, also_called in read_table("exercices.csv", columns):
        found = Exercise(*texts)
        by_name |= {fold(name): found for name in (found.code, found.title_fr, found.title_en, *listed(also_called))}
    return by_name
