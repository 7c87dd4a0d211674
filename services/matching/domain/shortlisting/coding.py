"""From codes to numbers and bits: what shortlisting reads instead of words.

A country's people name the same codes again and again, so each is worked out once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeVar

from services.matching.domain.constraints import Hours, known_hours
from services.matching.domain.likings import NEVER, Near, known_likings
from services.matching.domain.scoring import HIGHEST_LEVEL, RequiredSkill

WORD = 64
"""Licences in one word of a bit set."""

REMEMBERED = 1 << 16
"""So many combinations of codes are remembered; there are more than anybody holds."""

Codes = Collection[str]
_Coded = TypeVar("_Coded")


@dataclass(frozen=True, slots=True)
class Codebook:
    """The codes that columns number: skills (features), occupations, and the licences that needs may require."""

    skills: tuple[str, ...]
    occupations: tuple[str, ...]
    licences: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("skills", "occupations", "licences"):
            twice = [code for code, count in Counter(getattr(self, name)).items() if count > 1]
            if twice:
                raise ValueError(f"The codebook holds {', '.join(twice)} twice among its {name}: give each once.")

    def feature(self, requirement: RequiredSkill) -> int:
        """The column of P(level ≥ ℓ − ½) for the requirement's skill and level; ValueError for a skill it lacks."""
        if requirement.skill not in self.skills:
            raise ValueError(f"Unknown skill: {requirement.skill}. Add it to the codebook.")
        return self.skills.index(requirement.skill) * HIGHEST_LEVEL + requirement.level - 1


class Coding:
    """What codes of people are in numbers, by a codebook; `near` gives the occupations near one.

    Licences, wishes and refusals that the codebook lacks are left out: no need of the codebook asks for them. Hours are
    the same for everybody, so an unknown one is refused with ValueError.
    """

    def __init__(self, codebook: Codebook, near: Near) -> None:
        self.codebook = codebook
        self.words = max(1, -(-len(codebook.licences) // WORD))
        self.occupations = {occupation: number for number, occupation in enumerate(codebook.occupations)}
        """The number of each."""
        self._places = {licence: divmod(number, WORD) for number, licence in enumerate(codebook.licences)}
        self._near = near
        self._licence_bits = _remembering(self._set_licences)
        self._hour_bits = _remembering(hour_bits)
        self._likings_of_wish = cache(self._like)

    def licence_bits(self, held: Codes) -> tuple[int, ...]:
        """The licences held, a bit each, in `words` words."""
        return self._licence_bits(_each(held, "licences"))

    def hour_bits(self, hours: Codes) -> int:
        """The hours that can be worked, a bit each."""
        return self._hour_bits(_each(hours, "hours"))

    def likings(self, wishes: Codes, refused: Codes) -> dict[int, float]:
        """Every occupation, by its number, about whose liking something is known: see `likings.known_likings`."""
        first, *further = [self._likings_of_wish(wish) for wish in _each(wishes, "wishes")] or [()]
        found = dict(first)
        for liked in further:
            for number, value in liked:
                if value > found.get(number, NEVER):
                    found[number] = value
        for occupation in _each(refused, "refused"):
            if occupation in self.occupations:
                found[self.occupations[occupation]] = NEVER
        return found

    def _like(self, wish: str) -> tuple[tuple[int, float], ...]:
        known = known_likings((wish,), (), self._near).items()
        return tuple((self.occupations[code], value) for code, value in known if code in self.occupations)

    def _set_licences(self, held: tuple[str, ...]) -> tuple[int, ...]:
        words = [0] * self.words
        for word, bit in (self._places[licence] for licence in held if licence in self._places):
            words[word] |= 1 << bit
        return tuple(words)


def hour_bits(hours: Iterable[str]) -> int:
    """Hours as a bit set, in the order of `Hours`; ValueError names one that is not among them."""
    worked = known_hours(hours)
    return sum(1 << place for place, hour in enumerate(Hours) if hour in worked)


def _each(given: Codes, argument: str) -> tuple[str, ...]:
    """The codes of a collection; a single text is one of letters."""
    if isinstance(given, str):
        raise TypeError(f"{argument} must be a collection of codes, not {given!r}")
    return tuple(given)


def _remembering(work_out: Callable[[tuple[str, ...]], _Coded]) -> Callable[[tuple[str, ...]], _Coded]:
    return lru_cache(REMEMBERED)(work_out)
