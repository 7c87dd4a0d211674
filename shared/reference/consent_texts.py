"""The texts to which people agree or do not, by purpose, in numbered versions: the newest one is shown.

A text that was shown never changes: other words are another version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from shared.reference.csv_tables import read_table


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of the text of one purpose, in both languages, and the day from which on it is shown."""

    purpose: str
    version: int
    since: date
    text_fr: str
    text_en: str

    def text(self, language: Literal["fr", "en"] = "fr") -> str:
        """Return the text in `language`."""
        return self.text_en if language == "en" else self.text_fr


@cache
def consent_texts() -> tuple[ConsentText, ...]:
    """Return all texts, by purpose, the oldest first."""
    columns = ("objet", "version", "depuis", "texte", "texte_anglais")
    rows = read_table("textes-accords.csv", columns)
    texts = [ConsentText(row[0], int(row[1]), date.fromisoformat(row[2]), row[3], row[4]) for row in rows]
    return tuple(sorted(texts, key=lambda each: (each.purpose, each.version)))


def texts_shown_until(purpose: str, day: date) -> Sequence[ConsentText]:
    """Return the texts of a purpose that were shown until a day, the oldest first: the last one is shown on it."""
    return [each for each in consent_texts() if each.purpose == purpose and each.since <= day]
