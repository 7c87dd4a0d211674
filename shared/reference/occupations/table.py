"""The occupations of ROME, their job titles and which are near each other."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice

from shared.reference.csv_tables import listed, read_table
from shared.reference.normalise import fold, fold_all
from shared.reference.occupations.titles import forms
from shared.reference.packed import PackedIndex

_CODE = re.compile(r"\s*([A-Na-n])\s?(\d{4})(?!\d)")
_SMALL_WORDS = frozenset(
    (
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "ou",
        "par",
        "pour",
        "sur",
        "un",
        "une",
    )
)
_AT_ONCE = 2000
_REGULATED = {"O": True, "N": False, "": None}


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation of ROME.

    `skills` are the codes of the soft skills it asks (framework `rome-4`), `hours` its usual hours in ROME's words,
    `parent` the code of the older, wider occupation, `regulated` is None where ROME does not say.
    """

    code: str
    label: str
    parent: str
    sector: str
    domain: str
    skills: tuple[str, ...]
    hours: tuple[str, ...]
    regulated: bool | None


def occupation(code: str) -> Occupation:
    """Return the occupation with exactly this code. Raises KeyError if there is none."""
    return occupations()[code]


@cache
def occupations() -> dict[str, Occupation]:
    """Return all occupations by code, in the order of the table."""
    columns = ("code", "libelle", "code_parent", "grand_domaine", "domaine", "savoir_etre", "horaires", "reglemente")
    return {
        code: Occupation(code, label, parent, sector, domain, listed(skills), listed(hours), _REGULATED[regulated])
        for code, label, parent, sector, domain, skills, hours, regulated in read_table("rome.csv", columns)
    }


def near(code: str) -> tuple[tuple[str, int], ...]:
    """Return the occupations that ROME calls near this one, as (code, rank), nearest (rank 1) first.

    Empty if ROME names none, or does not know this one: a wish may be older or newer than this table.
    """
    return _near().get(code, ())


def titles(code: str) -> tuple[str, ...]:
    """Return the job titles of an occupation as ROME writes them. Raises KeyError if there is no such occupation."""
    return _titles_by_code().get(occupation(code).code, ())


def job_titles() -> Iterator[tuple[str, str]]:
    """Go through every job title with the code of its occupation, in the order of the table, read anew each time."""
    return ((label, code) for label, code in read_table("rome-appellations.csv", ("libelle", "code")))


@cache
def everyday_names() -> tuple[tuple[str, str], ...]:
    """Return names that people use and ROME does not, such as « femme de ménage », with the code of the occupation."""
    return tuple((name, code) for name, code in read_table("metiers-usuels.csv", ("nom", "code")))


def find_occupation(text: str) -> Occupation | None:
    """Return the occupation that `text` names by code (« N1103 », « N1103 – Préparateur »), label, job title or
    everyday name, or None.

    Case, accents, hyphens and brackets do not matter; a title may be written in its masculine or feminine form, in the
    singular or the plural, and without its small words. For what is only nearly right there is `search`.
    """
    code = _CODE.match(text)
    if code:
        return occupations().get(code[1].upper() + code[2])
    folded = fold(text)
    place = _by_title().first(folded)
    if place is None:
        place = _only_one(_by_bare_title().all(_bare(folded)))
    return None if place is None else _in_order()[place]


@cache
def _near() -> dict[str, tuple[tuple[str, int], ...]]:
    ranked: dict[str, list[tuple[int, str]]] = {}
    for code, other, rank in read_table("rome-proches.csv", ("code", "cible", "ordre")):
        ranked.setdefault(code, []).append((int(rank), other))
    return {code: tuple((other, rank) for rank, other in sorted(others)) for code, others in ranked.items()}


@cache
def _titles_by_code() -> dict[str, tuple[str, ...]]:
    by_code: dict[str, list[str]] = {}
    for label, code in job_titles():
        by_code.setdefault(code, []).append(label)
    return {code: tuple(labels) for code, labels in by_code.items()}


@cache
def _in_order() -> tuple[Occupation, ...]:
    return tuple(occupations().values())


@cache
def _by_title() -> PackedIndex:
    """Places of occupations by folded form."""
    return PackedIndex(*_folded_forms())


def _folded_forms() -> tuple[list[str], list[int]]:
    """All forms, each with the place of its occupation.

    Labels come before titles, titles before everyday names, and all as written before their forms.
    """
    places = {code: place for place, code in enumerate(occupations())}
    gendered = ((form, code) for title, code in _as_written() for form in forms(title)[1:])
    left = chain(_as_written(), gendered)
    folded, of_occupation = [], []
    while some := list(islice(left, _AT_ONCE)):
        folded += fold_all(title for title, _ in some)
        of_occupation += [places[code] for _, code in some]
    return folded, of_occupation


def _as_written() -> Iterator[tuple[str, str]]:
    labels = ((found.label, found.code) for found in occupations().values())
    return chain(labels, job_titles(), everyday_names())


@cache
def _by_bare_title() -> PackedIndex:
    """Places of occupations by title without small words and plurals."""
    titles = _by_title()
    return PackedIndex([_bare(title) for title, _ in titles.firsts()], [place for _, place in titles.firsts()])


def _only_one(places: Iterable[int]) -> int | None:
    """The place, where it is but one."""
    different = set(places)
    return different.pop() if len(different) == 1 else None


def _bare(folded: str) -> str:
    return " ".join(singular(word) for word in folded.split() if word not in _SMALL_WORDS)


def singular(word: str) -> str:
    """Return a folded word without the mark of the plural."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def meaningful_words(folded: str) -> list[str]:
    """Return the words of a folded title that tell titles apart, in the singular; all of them if all are small."""
    words = folded.split()
    return [singular(word) for word in words if word not in _SMALL_WORDS] or words
