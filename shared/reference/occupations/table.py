"""The occupations of ROME, their job titles and which are near each other."""

import re
from dataclasses import dataclass
from functools import cache

from shared.reference.csv_tables import listed, read_table
from shared.reference.normalise import fold, fold_all
from shared.reference.occupations.titles import forms

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


@cache
def job_titles() -> tuple[tuple[str, str], ...]:
    """Return every job title with the code of its occupation, in the order of the table."""
    return tuple((label, code) for label, code in read_table("rome-appellations.csv", ("libelle", "code")))


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
    found = _codes_by_title().get(folded) or _codes_by_bare_title().get(_bare(folded))
    return occupation(found) if found else None


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
def _codes_by_title() -> dict[str, str]:
    """Code by folded form: labels win over titles, titles over everyday names, all as written over their forms."""
    labels = [(found.label, found.code) for found in occupations().values()]
    as_written = [*labels, *job_titles(), *everyday_names()]
    written = as_written + [(form, code) for title, code in as_written for form in forms(title)]
    by_title: dict[str, str] = {}
    for title, (_, code) in zip(fold_all(title for title, _ in written), written, strict=True):
        by_title.setdefault(title, code)
    return by_title


@cache
def _codes_by_bare_title() -> dict[str, str]:
    """Code by title without small words and plurals, where only one occupation has such a title."""
    by_title: dict[str, str] = {}
    for title, code in _codes_by_title().items():
        bare = _bare(title)
        if by_title.setdefault(bare, code) != code:
            by_title[bare] = ""
    return by_title


def _bare(folded: str) -> str:
    return " ".join(singular(word) for word in folded.split() if word not in _SMALL_WORDS)


def singular(word: str) -> str:
    """Return a folded word without the mark of the plural."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def meaningful_words(folded: str) -> list[str]:
    """Return the words of a folded title that tell titles apart, in the singular; all of them if all are small."""
    words = folded.split()
    return [singular(word) for word in words if word not in _SMALL_WORDS] or words
