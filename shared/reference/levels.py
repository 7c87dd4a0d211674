"""The anchored scale from 0 to 4: for each level a short name and a sentence that says what was seen."""

from dataclasses import dataclass
from functools import cache

from shared.language import Language
from shared.reference.csv_tables import read_table

LOWEST = 0
HIGHEST = 4


@dataclass(frozen=True, slots=True)
class ScaleLevel:
    """One level of the scale with its texts."""

    value: int
    name_fr: str
    anchor_fr: str
    name_en: str
    anchor_en: str

    def name(self, language: Language = "fr") -> str:
        """Return the level's short name in `language`, such as « bien montré »."""
        return self.name_en if language == "en" else self.name_fr

    def anchor(self, language: Language = "fr") -> str:
        """Return the sentence in `language` that describes the behaviour seen at this level."""
        return self.anchor_en if language == "en" else self.anchor_fr


@cache
def levels() -> tuple[ScaleLevel, ...]:
    """Return the five levels from 0 to 4; the level of value v is at place v."""
    rows = read_table("niveaux.csv", ("niveau", "nom", "phrase", "nom_anglais", "phrase_anglais"))
    return tuple(ScaleLevel(int(value), *texts) for value, *texts in rows)


def level(value: int) -> ScaleLevel:
    """Return the level of this value. Raises ValueError outside 0 to 4."""
    if not LOWEST <= value <= HIGHEST:
        raise ValueError(f"a level lies between {LOWEST} and {HIGHEST}, not {value}")
    return levels()[value]
