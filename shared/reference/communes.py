"""Communes of France by any of their names: official, former, district, postal code or INSEE code.

Names may be written without accents, hyphens or article, with « St » or « Ste », with « s/ » for « sur », with
« Cedex », and with a département or a postal code to tell namesakes apart: « st omer (62) », « 59000 Lille ».

    >>> resolve("st-omer", department="62").code
    '62765'
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from shared.reference.csv_tables import WrongTable, listed, table_text
from shared.reference.normalise import fold, fold_all
from shared.reference.spelling import NearSpelling

_COLUMNS = (
    "code_insee",
    "nom",
    "type",
    "commune_actuelle",
    "departement",
    "region",
    "codes_postaux",
    "latitude",
    "longitude",
    "population",
)
_COMMUNE, _DISTRICT = "commune", "arrondissement-municipal"
_FORMER = ("commune-deleguee", "commune-associee")
_ARTICLES = ("l", "la", "le", "les")
_SHORT_NAME = 3
_WRITTEN_SHORT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "lez": "les"}
_FIVE_DIGITS = re.compile(r"(?:\d{2}|2[ab])\d{3}")
_DEPARTMENT = re.compile(r"\d{2,3}|2[ab]")
_SLASH = re.compile(r"(?:\b[Ss])?/")
_DISTRICT_NAME = re.compile(r"(\w+) (\d{1,2})(?:er|e|eme)?(?: arrondissement)?")


class UnknownCommune(ValueError):
    """No commune has this name or code."""

    def __init__(self) -> None:
        """Say so without repeating the name: it may be part of somebody's address."""
        super().__init__("no commune has this name or code")


class AmbiguousCommune(ValueError):
    """Several communes have this name; `choices` are they, the most populous first."""

    def __init__(self, choices: "Sequence[Commune]") -> None:
        """Keep the choices, so that somebody can be asked."""
        super().__init__(f"{len(choices)} communes have this name or code")
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today, a former one, or a district of Paris, Lyon or Marseille.

    `code`, `department` and `region` are INSEE's; `current_code` is the commune of today that a former one or a
    district belongs to, and else its own code. Latitude and longitude are degrees (WGS 84), None where unknown.
    """

    code: str
    name: str
    kind: Literal["commune", "former", "district"]
    current_code: str
    department: str
    region: str
    postal_codes: tuple[str, ...]
    latitude: float | None
    longitude: float | None
    population: int | None

    @property
    def full_name(self) -> str:
        """The name with its département, such as « Saint-Omer (62) »."""
        return f"{self.name} ({self.department})"


def commune(code: str) -> Commune:
    """Return the commune with exactly this INSEE code, one of today before a former one. Raises KeyError if none."""
    table = _communes()
    return table.at(table.by_code[code])


def all_communes() -> Iterator[Commune]:
    """Go through the whole table: communes of today, former ones and districts."""
    table = _communes()
    return (table.at(row) for row in range(len(table.rows)))


def find_communes(text: str) -> list[Commune]:
    """Return every commune of today, or district, that `text` may mean; the most populous first; empty if none.

    A name of today goes before the same name of a former commune, a full name before one without its article. Five
    digits are looked up both as INSEE code and as postal code.
    """
    table = _communes()
    folded = _spelt_out(text)
    if _FIVE_DIGITS.fullmatch(folded):
        return table.today([*table.with_code(folded), *table.with_postal_code(folded)])
    today, former = table.named(folded)
    return today or former


def resolve(text: str, department: str | None = None) -> Commune:
    """Return the one commune that `text` means, where namesakes are settled by `department` if it is given.

    Five digits are read as an INSEE code if there is such a code, else as a postal code. Raises UnknownCommune, or
    AmbiguousCommune with the choices.
    """
    table = _communes()
    folded = _spelt_out(text)
    if _FIVE_DIGITS.fullmatch(folded):
        found = table.today(table.with_code(folded) or table.with_postal_code(folded))
        former: list[Commune] = []
    else:
        found, former = table.named(folded)
    if department is not None:
        near_by = _in_department(found, department) or _in_department(former, department)
        found = near_by or found
    found = found or former
    if not found:
        raise UnknownCommune
    if len(found) > 1:
        raise AmbiguousCommune(found)
    return found[0]


def suggest(text: str, limit: int = 5) -> list[Commune]:
    """Return communes whose names are spelt nearly like `text`, nearest and then most populous first."""
    table = _communes()
    name = _spelt_out(text)
    near: dict[str, tuple[int, Commune]] = {}
    for edits, known in _spelling().near(name, most=1 if len(name) <= _SHORT_NAME else 2):
        for found in table.today(table.by_name[known]):
            near.setdefault(found.code, (edits, found))
    ranked = sorted(near.values(), key=lambda pair: (pair[0], -(pair[1].population or 0), pair[1].code))
    return [found for _, found in ranked[:limit]]


class _Communes:
    """The table as lines of text and an index of places in it: an object is made only for a commune asked for.

    Building 37,590 objects would cost four times the time and twice the memory.
    """

    def __init__(self, text: str) -> None:
        header, *rows = text.splitlines()
        if tuple(header.split(";")) != _COLUMNS:
            raise WrongTable(f"communes.csv: expected the columns {';'.join(_COLUMNS)}")
        self.rows = rows
        self.by_code: dict[str, int] = {}
        self.by_name: dict[str, tuple[int, ...]] = {}
        self.by_postal_code: dict[str, tuple[int, ...]] = {}
        names = fold_all(row.split(";", 2)[1] for row in rows)
        for place, (row, name) in enumerate(zip(rows, names, strict=True)):
            cells = row.split(";", 7)
            self.by_code.setdefault(cells[0], place)
            _file(self.by_name, _in_full(name) if "lez" in name else name, place)
            for postal_code in listed(cells[6]):
                _file(self.by_postal_code, postal_code, place)

    def at(self, place: int) -> Commune:
        code, name, kind, current, department, region, postal_codes, *numbers = self.rows[place].split(";")
        latitude, longitude, population = numbers
        return Commune(
            code,
            name,
            "commune" if kind == _COMMUNE else "district" if kind == _DISTRICT else "former",
            current or code,
            department,
            region,
            listed(postal_codes),
            float(latitude) if latitude else None,
            float(longitude) if longitude else None,
            int(population) if population else None,
        )

    def with_code(self, code: str) -> list[int]:
        place = self.by_code.get(code.upper())
        return [] if place is None else [place]

    def with_postal_code(self, postal_code: str) -> list[int]:
        """Places of the communes it serves; of a large city, only the districts."""
        found = list(self.by_postal_code.get(postal_code, ()))
        cities = {self.at(place).current_code for place in found if self.at(place).kind == "district"}
        return [place for place in found if self.at(place).code not in cities]

    def named(self, folded: str) -> tuple[list[Commune], list[Commune]]:
        """Return the communes of today (or districts) with this name, and those that a former commune of it joined."""
        places = self.with_name(folded)
        if not places:
            places = list(self._told_apart(folded))
        former = [place for place in places if self.at(place).kind == "former"]
        return self.today(place for place in places if place not in former), self.today(former)

    def with_name(self, name: str) -> list[int]:
        if name in self.by_name:
            return list(self.by_name[name])
        first, _, rest = name.partition(" ")
        if first in _ARTICLES and rest in self.by_name:
            return list(self.by_name[rest])
        with_article = [place for article in _ARTICLES for place in self.by_name.get(f"{article} {name}", ())]
        return with_article or self._district(name)

    def today(self, places: Iterable[int]) -> list[Commune]:
        """Turn places into communes of today and districts, each once, the most populous first."""
        found: dict[str, Commune] = {}
        for place in places:
            here = self.at(place)
            today = self.at(self.by_code[here.current_code]) if here.kind == "former" else here
            found[today.code] = today
        return sorted(found.values(), key=lambda each: (-(each.population or 0), each.code))

    def _district(self, name: str) -> list[int]:
        """« Paris 13 » and « Lyon 3ème » are districts."""
        written = _DISTRICT_NAME.fullmatch(name)
        if not written:
            return []
        ordinal = "1er" if written[2] in ("1", "01") else f"{int(written[2])}e"
        return list(self.by_name.get(f"{written[1]} {ordinal} arrondissement", ()))

    def _told_apart(self, folded: str) -> Iterator[int]:
        """Places with the name in `folded` once its numbers are taken out, that fit the numbers."""
        words = folded.split()
        if "cedex" in words:
            words = words[: words.index("cedex")]
        numbers = [word for word in words if _FIVE_DIGITS.fullmatch(word) or _DEPARTMENT.fullmatch(word)]
        name = " ".join(word for word in words if word not in numbers)
        article_last = name.rpartition(" ")
        if article_last[2] in _ARTICLES:  # « Bassée (La) »
            name = f"{article_last[2]} {article_last[0]}"
        if name == folded:
            return
        for place in self.with_name(name):
            here = self.at(place)
            today = self.at(self.by_code[here.current_code])
            keys = {*here.postal_codes, *today.postal_codes, here.code.lower(), here.department.lower()}
            if keys.issuperset(numbers):
                yield place


def _file(index: dict[str, tuple[int, ...]], key: str, place: int) -> None:
    index[key] = (*index[key], place) if key in index else (place,)


def _in_department(found: list[Commune], department: str) -> list[Commune]:
    return [each for each in found if each.department == department.upper()]


def _spelt_out(text: str) -> str:
    """Fold a name as typed and write its short words in full, as the index has them."""
    return _in_full(fold(_SLASH.sub(" sur ", text)))


def _in_full(folded: str) -> str:
    return " ".join(_WRITTEN_SHORT.get(word, word) for word in folded.split())


@cache
def _communes() -> _Communes:
    return _Communes(table_text("communes.csv"))


@cache
def _spelling() -> NearSpelling:
    return NearSpelling(_communes().by_name)
