"""Which commune a text means to somebody of an agency: certain, doubtful, to be asked about, or unknown.

A wrong commune is worse than none: nobody would notice it until somebody is sent too far. So what can mean two places
is asked about, and what was understood only because it is near by is said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from shared.reference.communes import (
    CodeMeanings,
    Commune,
    NameMeanings,
    code_beside_name,
    code_meanings,
    name_meanings,
    region_of,
)

MOST_LONGER_NAMES = 40
"""Words with which more names begin say nothing of a place."""


class Digits(Enum):
    """What five digits in a column are, where they can be read in two ways."""

    INSEE = "INSEE"
    POSTAL = "postal"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class FoundCommune:
    """What a text was found to mean.

    `commune` is None where it is unknown, or asked about: then `asked` are the communes to choose from. `is_doubtful`
    says that somebody should look.
    """

    commune: Commune | None = None
    is_doubtful: bool = False
    asked: tuple[Commune, ...] = ()


class DigitsOfColumn:
    """Tells from all of a column what its five digits are: what can be read in one way only is evidence for the rest.

    A column that holds evidence of both kinds, or of none, does not tell.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._evidence: set[Digits] = set()
        self.is_settling = False
        """Whether the column holds digits that can be read in two ways."""

    def see(self, text: str) -> None:
        """Take another cell of the column into account."""
        if text not in self._seen and any(letter.isdigit() for letter in text):
            self._seen.add(text)
            self._weigh(text)

    @property
    def digits(self) -> Digits:
        """What the column's five digits are."""
        return next(iter(self._evidence)) if len(self._evidence) == 1 else Digits.UNTOLD

    def _weigh(self, text: str) -> None:
        codes = code_meanings(text)
        if codes is None:
            self._weigh_address(text)
        elif codes.differ:
            self.is_settling = True
        elif codes.postal != codes.insee:
            self._evidence.add(Digits.POSTAL if codes.postal else Digits.INSEE)

    def _weigh_address(self, text: str) -> None:
        """« 62300 Lens » says that the column writes postal codes, « 62498 Lens » that it writes INSEE codes."""
        code, found = code_beside_name(text), name_meanings(text).today
        if code is not None and len(found) == 1:
            if code in found[0].postal_codes:
                self._evidence.add(Digits.POSTAL)
            elif code == found[0].code:
                self._evidence.add(Digits.INSEE)


@lru_cache(maxsize=8192)
def choose(text: str, departments: frozenset[str], digits: Digits = Digits.INSEE) -> FoundCommune:
    """What a text means where the départements given are near by."""
    codes = code_meanings(text)
    if codes is not None:
        return _by_code(codes, departments, digits)
    meanings = name_meanings(text)
    if meanings.is_placed:
        return _one_of(meanings.today or meanings.former or meanings.longer)
    return _by_name(meanings, departments)


def _by_code(codes: CodeMeanings, departments: Collection[str], digits: Digits) -> FoundCommune:
    if codes.differ and digits is Digits.UNTOLD:
        return FoundCommune(asked=tuple(dict.fromkeys((*codes.postal, *codes.insee))))
    found = codes.postal or codes.insee if digits is Digits.POSTAL else codes.insee or codes.postal
    near = _near(found, departments)
    return _one_of(near if len(near) == 1 else found)


def _by_name(meanings: NameMeanings, departments: Collection[str]) -> FoundCommune:
    says_much = len(meanings.longer) <= MOST_LONGER_NAMES
    longer = meanings.longer if says_much else _near(meanings.longer, departments)
    here = _near(meanings.today, departments)
    if here:
        return _one_of(here)
    if meanings.today:
        return _of_today(meanings, longer, departments)
    known = (*meanings.former, *longer)
    near_former = _near(meanings.former, departments)
    near = _near(known, departments)
    if len(near_former) == 1 and near == near_former:
        return FoundCommune(near_former[0], is_doubtful=len(known) > 1)
    return _doubtful(near) if near else _far(known, departments)


def _of_today(meanings: NameMeanings, longer: Sequence[Commune], departments: Collection[str]) -> FoundCommune:
    """A name that communes bear today, none of them near by."""
    near_former, near_longer = _near(meanings.former, departments), _near(longer, departments)
    if len(meanings.today) > 1:
        return FoundCommune(asked=(*near_former, *near_longer, *meanings.today))
    only = meanings.today[0]
    if near_former and not near_longer:
        return _doubtful(near_former)
    rivals = near_longer or [each for each in longer if (each.population or 0) > (only.population or 0)]
    return FoundCommune(asked=(*near_former, *rivals, only)) if rivals else FoundCommune(only)


def _far(known: Sequence[Commune], departments: Collection[str]) -> FoundCommune:
    """Former or short names, none of them near by: one alone in the region is taken, others are asked about."""
    regions = {region_of(each) for each in departments}
    in_region = [each for each in known if each.region in regions]
    if len(known) == 1 and (in_region or not departments):
        return _doubtful(known)
    others = [each for each in known if each not in in_region]
    return FoundCommune(asked=(*in_region, *others))


def _near(found: Sequence[Commune], departments: Collection[str]) -> tuple[Commune, ...]:
    return tuple(each for each in found if each.department in departments)


def _one_of(found: Sequence[Commune]) -> FoundCommune:
    return FoundCommune(found[0]) if len(found) == 1 else FoundCommune(asked=tuple(found))


def _doubtful(found: Sequence[Commune]) -> FoundCommune:
    return FoundCommune(found[0], is_doubtful=True) if len(found) == 1 else FoundCommune(asked=tuple(found))
