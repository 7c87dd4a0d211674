"""From codes to numbers and bits: what shortlisting reads instead of words.

A country's people name the same codes again and again, so each is worked out once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.constraints import Hours, known_hours
from services.matching.domain.likings import Near, known_likings
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
        self._likings_of = cache(self._like)

    def licence_bits(self, held: Codes) -> tuple[int, ...]:
        """The licences held, a bit each, in `words` words."""
        return self._licence_bits(_each(held, "licences"))

    def hour_bits(self, hours: Codes) -> int:
        """The hours that can be worked, a bit each."""
        return self._hour_bits(_each(hours, "hours"))

    def likings_of(self, wish: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The occupations, by number, whose liking a wish tells, and that liking: see `likings.known_likings`."""
        return self._likings_of(wish)

    def _like(self, wish: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        known = known_likings((wish,), (), self._near)
        told = [(self.occupations[code], value) for code, value in known.items() if code in self.occupations]
        return np.array([number for number, _ in told], np.int64), np.array([value for _, value in told], np.float64)

    def _set_licences(self, held: tuple[str, ...]) -> tuple[int, ...]:
        words = [0] * self.words
        for word, bit in (self._places[licence] for licence in held if licence in self._places):
            words[word] |= 1 << bit
        return tuple(words)


def hour_bits(hours: Iterable[str]) -> int:
    """Hours as a bit set, in the order of `Hours`; ValueError names one that is not among them."""
    worked = known_hours(hours)
    return sum(1 << place for place, hour in enumerate(Hours) if hour in worked)


def in_a_row(given: Sequence[Codes], argument: str) -> tuple[list[str], NDArray[np.int64]]:
    """The codes of many collections, one behind the other, and of which collection each is."""
    codes = list(chain.from_iterable(_each(one, argument) for one in given))
    return codes, np.repeat(np.arange(len(given)), np.fromiter(map(len, given), np.int64, len(given)))


def _each(given: Codes, argument: str) -> tuple[str, ...]:
    """The codes of a collection; a single text is one of letters."""
    if isinstance(given, str):
        raise TypeError(f"{argument} must be a collection of codes, not {given!r}")
    return tuple(given)


def _remembering(work_out: Callable[[tuple[str, ...]], _Coded]) -> Callable[[tuple[str, ...]], _Coded]:
    return lru_cache(REMEMBERED)(work_out)
