"""Driving licences and certificates that a need can require and a participant can hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from shared.reference.csv_tables import listed, read_table
from shared.reference.normalise import fold

LicenceKind = Literal["licence", "certificate"]

_KINDS: dict[str, LicenceKind] = {"permis": "licence", "certificat": "certificate"}


@dataclass(frozen=True, slots=True)
class Licence:
    """A driving licence or a certificate; `includes` are the codes of those that whoever holds it holds as well."""

    code: str
    kind: LicenceKind
    label_fr: str
    label_en: str
    also_called: tuple[str, ...]
    includes: tuple[str, ...]

    def label(self, language: Literal["fr", "en"] = "fr") -> str:
        """Return the label in `language`."""
        return self.label_en if language == "en" else self.label_fr


def licences(kind: LicenceKind | None = None) -> tuple[Licence, ...]:
    """Return the driving licences, the certificates, or (without `kind`) both."""
    return tuple(found for found in _by_code().values() if kind in (None, found.kind))


def travelling_codes(codes: Iterable[str] | None = None) -> tuple[str, ...]:
    """These codes, or all, as they travel: in lower case, in one order.

    What somebody holds travels with all that it includes (see `held_with`), so that no consumer has to reckon.
    """
    return tuple(sorted({code.lower() for code in (_by_code() if codes is None else codes)}))


def find_licence(text: str) -> Licence | None:
    """Return the licence or certificate that `text` names by code, label or everyday name, or None.

    « CACES 1 », « caces n° 1 », « Permis B » and « b » are all understood.
    """
    folded = fold(text)
    return _by_name().get(folded) or _by_name().get(
        " ".join(word for word in folded.split() if word not in ("n", "no"))
    )


def held_with(codes: Iterable[str]) -> frozenset[str]:
    """Return the codes given and those they include: who may drive a bus (D) may drive a car (B).

    A code that is not known stands for itself.
    """
    held: set[str] = set()
    left = list(codes)
    while left:
        code = left.pop()
        if code not in held:
            held.add(code)
            known = _by_code().get(code)
            left.extend(known.includes if known else ())
    return frozenset(held)


@cache
def _by_code() -> dict[str, Licence]:
    columns = ("code", "nature", "libelle", "libelle_anglais", "aussi_appele", "comprend")
    return {
        code: Licence(code, _KINDS[kind], label, label_en, listed(also_called), listed(includes))
        for code, kind, label, label_en, also_called, includes in read_table("permis-certificats.csv", columns)
    }


@cache
def _by_name() -> dict[str, Licence]:
    return {
        fold(name): found
        for found in _by_code().values()
        for name in (found.code, found.label_fr, found.label_en, *found.also_called)
    }
