"""Names as they are compared: in any order, without accents, and with the slips of whoever typed what they heard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from shared.reference.normalise import fold
from shared.reference.spelling import allowed_edits


class Agreement(IntEnum):
    """How near two values of one field are; the lower, the nearer."""

    SAME = 0
    NEAR = 1
    """As one slip of the hand or of the ear leaves it."""
    PART = 2
    """One holds a part of the other: a double name, an initial."""
    DIFFERENT = 3


PARTICLES = frozenset(
    {
        "al",
        "ap",
        "ben",
        "bin",
        "d",
        "da",
        "das",
        "de",
        "del",
        "della",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "du",
        "el",
        "la",
        "le",
        "les",
        "l",
        "of",
        "ten",
        "van",
        "von",
        "y",
    }
)

_SOUNDS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(written), heard)
    for written, heard in (
        (r"eaux?|aux?|ault|aud|o[ts]$", "o"),
        (r"ph", "f"),
        (r"ck|qu|q|ch(?=[lr])|c(?![eiyh])", "k"),
        (r"sch|sh|ch", "x"),
        (r"c(?=[eiy])|ss|sc(?=[eiy])", "s"),
        (r"g(?=[eiy])", "j"),
        (r"h", ""),
        (r"ai|ei|ay|ey|ee", "e"),
        (r"[ae][nm](?![aeiouynm])", "an"),
        (r"(?:y|i)[nm](?![aeiouynm])", "in"),
        (r"y|ll(?=e)", "i"),
        (r"w", "v"),
        (r"z", "s"),
        (r"(.)\1+", r"\1"),
        (r"(?<=..)(?:es|e|s|t|d|x)$", ""),
    )
)
"""What French ears take for the same, in the order in which it is asked; what is mute at the end goes last."""


def compare_names(one: tuple[str, str], other: tuple[str, str]) -> tuple[Agreement, Agreement]:
    """How near the first and the last names of two people are, folded, in whichever order brings them nearer."""
    if sorted(" ".join(one).split()) == sorted(" ".join(other).split()):
        return Agreement.SAME, Agreement.SAME
    straight = (agreement_of(one[0], other[0]), agreement_of(one[1], other[1]))
    if straight == (Agreement.SAME, Agreement.SAME):
        return straight
    # Crossed, nobody knows which is the last name: what is nearer counts as the first one, which tells less.
    nearer, farther = sorted((agreement_of(one[0], other[1]), agreement_of(one[1], other[0])))
    return min(straight, (nearer, farther), key=sum)


def agreement_of(one: str, other: str) -> Agreement:
    """How near two folded names are."""
    if one.replace(" ", "") == other.replace(" ", ""):
        return Agreement.SAME
    mine, theirs = _telling_words(one), _telling_words(other)
    if _are_spelt_nearly_alike("".join(mine), "".join(theirs)) or sounds_of(one) == sounds_of(other):
        return Agreement.NEAR
    return Agreement.PART if _is_part(mine, theirs) or _is_part(theirs, mine) else Agreement.DIFFERENT


def name_key(first_name: str, last_name: str) -> str:
    """What finds the records whose names may be the same: how the words sound, in alphabetical order."""
    return " ".join(sorted(sounds_of(fold(f"{first_name} {last_name}"))))


@lru_cache(maxsize=50_000)
def sounds_of(folded: str) -> tuple[str, ...]:
    """How each word of a folded name sounds, without particles."""
    return tuple(_sound(word) for word in _telling_words(folded))


def _telling_words(folded: str) -> list[str]:
    """The words that tell people apart; all of them where a name has particles only."""
    words = folded.split()
    return [word for word in words if word not in PARTICLES] or words


def _sound(word: str) -> str:
    for written, heard in _SOUNDS:
        word = written.sub(heard, word)
    return word


def _are_spelt_nearly_alike(one: str, other: str) -> bool:
    most = allowed_edits(min(one, other, key=len))
    return OSA.distance(one, other, score_cutoff=most) <= most


def _is_part(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether each word is one of the other name's, or its initial."""
    return all(any(word == each or (len(word) == 1 and each.startswith(word)) for each in longer) for word in shorter)
