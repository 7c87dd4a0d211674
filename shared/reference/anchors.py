"""What each level of each skill looks like in a workshop: a plain sentence to compare with for whoever notes a level.

The general scale is in `levels`; here it is said of each skill. Skills of the earlier list that are the same as one of
ROME 4.0 have its sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from shared.language import Language
from shared.reference.csv_tables import WrongTable, read_table
from shared.reference.levels import levels
from shared.reference.skills import equivalents

TABLE = "ancres.csv"


@dataclass(frozen=True, slots=True)
class Anchor:
    """One level of one skill: what was seen, in both languages."""

    level: int
    sentence_fr: str
    sentence_en: str

    def sentence(self, language: Language = "fr") -> str:
        """Return the sentence in `language`."""
        return self.sentence_en if language == "en" else self.sentence_fr


def anchors(framework: str, code: str) -> tuple[Anchor, ...]:
    """Return the five levels of a skill, from 0 to 4; the general scale for a skill that no table anchors."""
    own = _by_skill().get((framework, code))
    if own is not None:
        return own
    same = equivalents(framework).get(code)
    if same is not None and same.nearness == "exact" and (same.framework, same.skill.code) in _by_skill():
        return _by_skill()[same.framework, same.skill.code]
    return tuple(Anchor(each.value, each.anchor_fr, each.anchor_en) for each in levels())


@cache
def _by_skill() -> dict[tuple[str, str], tuple[Anchor, ...]]:
    found: dict[tuple[str, str], list[Anchor]] = {}
    for framework, code, level, *sentences in read_table(
        TABLE, ("referentiel", "code", "niveau", "phrase", "phrase_anglais")
    ):
        found.setdefault((framework, code), []).append(Anchor(int(level), *sentences))
    for (framework, code), each in found.items():
        if [anchor.level for anchor in each] != [level.value for level in levels()]:
            raise WrongTable(f"{TABLE}: {code} of {framework} lacks a level")
    return {skill: tuple(each) for skill, each in found.items()}
