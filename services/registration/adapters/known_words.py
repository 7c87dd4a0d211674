"""The words that people use for places, occupations, licences and skills, read with the reference data.

Each function notes what it does not know at the given field and hands on what it does. The tables are loaded when the
first word asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from services.registration.adapters.choosing_communes import Digits, choose
from services.registration.domain import kinds
from services.registration.domain.findings import Kind, Notes
from services.registration.domain.places import Place
from shared.reference import communes, exercises, licences, occupations, skills
from shared.reference.communes import Commune
from shared.reference.normalise import fold

MOST_CHOICES = 8

_AGENCY_WORDS = re.compile(
    r"^\s*(?:france\s+travail|p[oô]le\s+emploi|agence|mission\s+locale)?\s*(?:de\s+la|de\s+l['’]|des|du|de|d['’]|-|–)?\s*",
    re.IGNORECASE,
)


def read_place(
    text: str,
    departments: Collection[str],
    notes: Notes,
    where: str,
    digits: Digits = Digits.INSEE,
    *,
    with_suggestions: bool = True,
) -> Place | None:
    """The place of a commune by any of its names or codes, where the départements given are near by.

    What may mean several is refused, with the choices named, and so is what means none; what was only understood
    because it is near by is noted.
    """
    choice = choose(text, frozenset(departments), digits)
    if choice.asked:
        notes.add(kinds.AMBIGUOUS_COMMUNE, where, text, choices=_choices(choice.asked))
    elif choice.commune is None:
        suggestions = _suggestions(text) if with_suggestions else ""
        notes.add(kinds.UNKNOWN_COMMUNE, where, text, suggestions=suggestions)
    elif choice.is_doubtful:
        notes.add(kinds.DOUBTFUL_COMMUNE, where, text, name=choice.commune.full_name)
    return _place(choice.commune) if choice.commune else None


def department_of_agency(name: str) -> str | None:
    """The département of the commune in an agency's name (« Agence de Lens » → 62), where only one can be meant."""
    for text in (_AGENCY_WORDS.sub("", name, count=1), name):
        choice = choose(text, frozenset())
        if choice.commune is not None and not choice.is_doubtful:
            return choice.commune.department
    return None


def communes_of_agency(name: str) -> str:
    """The communes that an agency's name may mean, as they are told, where its département is not known for that."""
    for text in (_AGENCY_WORDS.sub("", name, count=1), name):
        choice = choose(text, frozenset())
        if choice.asked or choice.is_doubtful:
            return _choices(choice.asked or [commune for commune in (choice.commune,) if commune])
    return ""


def is_certain(text: str) -> bool:
    """Whether a commune as on an envelope means one place only."""
    choice = choose(text, frozenset())
    return choice.commune is not None and not choice.is_doubtful


def department_of_commune(code: str) -> str | None:
    """The département of a commune by its INSEE code, where it is known."""
    try:
        return communes.commune(code).department
    except KeyError:
        return None


def name_of_commune(code: str) -> str:
    """What people call a commune, by its INSEE code; the code itself where no list knows it."""
    try:
        return communes.commune(code).name
    except KeyError:
        return code


def in_french(number: float) -> str:
    """A number as French writes it, without needless digits."""
    return f"{number:.6g}".replace(".", ",")


def read_occupations(texts: Sequence[str], notes: Notes, where: str) -> tuple[str, ...]:
    """The ROME codes of wishes by code or job title; an unknown one is left aside with a warning."""
    codes = {text: _occupation(text) for text in texts}
    for text, code in codes.items():
        if code is None:
            notes.add(kinds.UNKNOWN_WISH, where, text, suggestions=_near_titles(text, notes))
    return tuple(dict.fromkeys(code for code in codes.values() if code is not None))


def read_occupation(text: str, notes: Notes, where: str) -> str | None:
    """The ROME code of a need's occupation; an unknown one is refused."""
    code = _occupation(text)
    if code is None:
        notes.add(kinds.UNKNOWN_OCCUPATION, where, text, suggestions=_near_titles(text, notes))
    return code


def read_licences(texts: Sequence[str], notes: Notes, where: str) -> tuple[str, ...]:
    """The codes of licences and certificates that somebody holds; an unknown one is left aside with a warning."""
    return _known_codes(texts, _licence, kinds.UNKNOWN_LICENCE, notes, where)


def read_required_licences(texts: Sequence[str], notes: Notes, where: str) -> tuple[str, ...]:
    """The codes of licences and certificates that a need requires; an unknown one is refused."""
    return _known_codes(texts, _licence, kinds.UNKNOWN_REQUIRED_LICENCE, notes, where)


def is_certificate(code: str) -> bool:
    """Whether a code is that of a certificate, and not of a driving licence."""
    return any(each.code == code for each in licences.licences("certificate"))


def is_framework(name: str) -> bool:
    """Whether a framework of skills has this name."""
    try:
        skills.framework(name)
    except KeyError:
        return False
    return True


def read_skill(text: str, notes: Notes, where: str, framework: str = skills.DEFAULT_FRAMEWORK) -> str | None:
    """The code of a skill by code, label or everyday name; an unknown one is refused."""
    code = _skill(text, framework)
    if code is None:
        notes.add(kinds.UNKNOWN_SKILL, where, text, framework=framework)
    return code


def read_exercise(text: str, notes: Notes, where: str) -> str:
    """The code of an exercise; an unknown one becomes “other”, with a warning."""
    code = _exercise(text)
    if code is None:
        notes.add(kinds.UNKNOWN_EXERCISE, where, text)
        return exercises.OTHER.code
    return code


def _known_codes(
    texts: Sequence[str], find: Callable[[str], str | None], unknown: Kind, notes: Notes, where: str
) -> tuple[str, ...]:
    codes: dict[str, None] = {}
    for text in texts:
        code = find(text)
        if code is None:
            notes.add(unknown, where, text)
        else:
            codes[code] = None
    return tuple(codes)


def _place(commune: Commune) -> Place:
    return Place(commune.code, commune.latitude, commune.longitude)


def _choices(found: Sequence[Commune]) -> str:
    names = [commune.full_name for commune in found[:MOST_CHOICES]]
    return ", ".join(names) + ("…" if len(found) > MOST_CHOICES else "")


@lru_cache(maxsize=4096)
def _suggestions(text: str) -> str:
    near = communes.suggest(text, limit=3)
    return f" Vouliez-vous dire {', '.join(commune.full_name for commune in near)} ?" if near else ""


def _near_titles(text: str, notes: Notes) -> str:
    """Job titles near to what somebody types; an export has too many rows, and nobody who would choose."""
    if not notes.is_strict:
        return ""
    titles = dict.fromkeys(each.title for each in occupations.search(text, 3))
    return f" Vouliez-vous dire {' ou '.join(titles)} ?" if titles else ""


@lru_cache(maxsize=4096)
def _occupation(text: str) -> str | None:
    found = occupations.find_occupation(text)
    return found.code if found else None


@lru_cache(maxsize=1024)
def _licence(text: str) -> str | None:
    found = licences.find_licence(text)
    return found.code if found else None


@lru_cache(maxsize=4096)
def _skill(text: str, framework: str) -> str | None:
    try:
        found = skills.framework(framework).find(text)
    except KeyError:
        return None
    return found.code if found else None


@lru_cache(maxsize=1024)
def _exercise(text: str) -> str | None:
    if fold(text) == exercises.OTHER.code:
        return exercises.OTHER.code
    found = exercises.find_exercise(text)
    return found.code if found else None
