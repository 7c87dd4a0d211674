"""Which words the tables of this version know: what an event names beyond them comes from a newer producer."""

from __future__ import annotations

from functools import cache
from typing import get_args

from shared.contracts.vocabulary import ReferenceTable
from shared.contracts.words import Word
from shared.reference.communes import all_codes
from shared.reference.licences import travelling_codes
from shared.reference.occupations import occupations
from shared.reference.skills import framework, framework_names


def load() -> None:
    """Read all the tables now: done at the first word, it takes longer than an event loop may be silent."""
    for table in get_args(ReferenceTable):
        if table != "skill":
            _codes(table)
    for name in framework_names():
        _skills(name)


def is_known(word: Word) -> bool:
    """Whether a table of this version holds the word."""
    if word.table == "skill":
        return word.framework is not None and word.code in _skills(word.framework)
    return word.code in _codes(word.table)


@cache
def _skills(name: str) -> frozenset[str]:
    return frozenset(skill.code for skill in framework(name).skills) if name in framework_names() else frozenset()


@cache
def _codes(table: ReferenceTable) -> frozenset[str]:
    match table:
        case "framework":
            return frozenset(framework_names())
        case "occupation":
            return frozenset(occupations())
        case "licence":
            return frozenset(travelling_codes())
        case "commune":
            return all_codes()
        case _:
            raise ValueError(f"{table} is no table of its own")
