"""The languages in which the programme speaks to people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same text in French and in English."""

    fr: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in one of both languages."""
        return self.en if language == "en" else self.fr
