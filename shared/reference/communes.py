"""Communes of France by any of their names: official, former, district, postal code or INSEE code.

Names may be written without accents, hyphens or article, with « St » or « Ste », with « s/ » for « sur », with
« Cedex », and with a département or a postal code to tell namesakes apart: « st omer (62) », « 59000 Lille ».

    >>> resolve("st-omer", department="62").code
    '62765'
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from shared.reference.csv_tables import WrongTable, listed, read_table, table_lines
from shared.reference.normalise import fold, fold_all
from shared.reference.packed import PackedIndex, PackedTexts
from shared.reference.spelling import NearSpelling

COLUMNS = (
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
_ARTICLES = ("l", "la", "le", "les")
_SHORT_NAME = 3
_WRITTEN_SHORT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "lez": "les"}
_FIVE_DIGITS = re.compile(r"(?:\d{2}|2[ab])\d{3}")
_ZERO_LOST = re.compile(r"[1-9]\d{3}")
_SAYS_TOO_LITTLE = frozenset({"saint", "sainte", "saints", "saintes", "notre", "sous", "sur", "les", *_ARTICLES})
_DEPARTMENT = re.compile(r"\d{2,3}|2[ab]")
_SLASH = re.compile(r"(?:\b[Ss])?/")
_IN_BRACKETS = re.compile(r"\(\s*(\d{2,3}|2[abAB])\s*\)")
_DEPARTMENT_WORD = "departement"
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
    place = table.by_code.first(code)
    if place is None:
        raise KeyError(code)
    return table.at(place)


def all_codes() -> frozenset[str]:
    """The INSEE codes of all communes, of today, former ones and districts: read apart, without the index of names."""
    return frozenset(code for (code,) in read_table("communes.csv", (COLUMNS[0],)))


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


@dataclass(frozen=True, slots=True)
class CodeMeanings:
    """What five digits may mean: as an INSEE code, and as a postal code; communes of today, the most populous first."""

    insee: tuple[Commune, ...]
    postal: tuple[Commune, ...]

    @property
    def differ(self) -> bool:
        """Whether both readings have a meaning, and not the same."""
        return bool(self.insee and self.postal) and self.insee != self.postal


@dataclass(frozen=True, slots=True)
class NameMeanings:
    """What a name may mean, communes of today, the most populous first, by how it was understood.

    `today` bear this name; `former` took in a commune that bore it; the names of `longer` only begin with it, as
    « Boulogne-sur-Mer » does with « Boulogne ». `is_placed` says that a département or a postal code beside the name
    was heeded.
    """

    today: tuple[Commune, ...] = ()
    former: tuple[Commune, ...] = ()
    longer: tuple[Commune, ...] = ()
    is_placed: bool = False

    def __bool__(self) -> bool:
        return bool(self.today or self.former or self.longer)


def code_meanings(text: str) -> CodeMeanings | None:
    """Both meanings of five digits, or of four where a spreadsheet has dropped a leading zero; None for other texts."""
    folded = _with_zero(fold(text))
    if not _FIVE_DIGITS.fullmatch(folded):
        return None
    table = _communes()
    insee, postal = table.with_code(folded), table.with_postal_code(folded)
    return CodeMeanings(tuple(table.today(insee)), tuple(table.today(postal)))


def name_meanings(text: str) -> NameMeanings:
    """What a name may mean, with or without a département or a postal code beside it, as on an envelope."""
    table = _communes()
    folded = _spelt_out(text)
    today, former = table.named(folded)
    known = {each.code for each in (*today, *former)}
    longer = [each for each in table.longer(folded) if each.code not in known]
    is_placed = not table.with_name(folded) and bool(_name_and_numbers(folded)[1])
    return NameMeanings(tuple(today), tuple(former), tuple(longer), is_placed)


def region_of(department: str) -> str | None:
    """The code of the region that a département is part of; None for an unknown one."""
    return _regions().get(department)


def code_beside_name(text: str) -> str | None:
    """The five digits written beside a name, as in « 62300 Lens »; None where there are none, or nothing else."""
    words = fold(text).split()
    codes = [_with_zero(word) for word in words if _FIVE_DIGITS.fullmatch(_with_zero(word))]
    return codes[0] if codes and len(words) > 1 else None


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
    """Return communes whose names are spelt nearly like `text`, nearest and then most populous first.

    A number beside the name that belongs to another place is passed over.
    """
    table = _communes()
    folded = _spelt_out(text)
    name = _name_and_numbers(folded)[0] or folded
    near: dict[str, tuple[int, Commune]] = {}
    for edits, known in _spelling().near(name, most=1 if len(name) <= _SHORT_NAME else 2):
        for found in table.today(table.by_name.all(known)):
            near.setdefault(found.code, (edits, found))
    ranked = sorted(near.values(), key=lambda pair: (pair[0], -(pair[1].population or 0), pair[1].code))
    return [found for _, found in ranked[:limit]]


class _Communes:
    """The table as lines of text and indexes of places in it: an object is made only for a commune asked for.

    Building 37,590 objects would cost four times the time and twice the memory; as objects of their own, even the lines
    and the words of the indexes would take 14 MB, not 4.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        header = next(lines, "")
        if tuple(header.split(";")) != COLUMNS:
            raise WrongTable(f"communes.csv: expected the columns {';'.join(COLUMNS)}")
        self.rows = PackedTexts(lines)
        places = range(len(self.rows))
        self.by_code = PackedIndex([row.partition(";")[0] for row in self.rows], places)
        self.by_name = PackedIndex([_in_full(name) if "lez" in name else name for name in self._names()], places)
        self.by_postal_code = PackedIndex(*self._postal_codes())

    def _names(self) -> list[str]:
        return fold_all(row.split(";", 2)[1] for row in self.rows)

    def _postal_codes(self) -> tuple[list[str], list[int]]:
        """The postal codes of all communes, each with the place of its commune."""
        codes, places = [], []
        for place, row in enumerate(self.rows):
            for code in listed(row.split(";", 7)[6]):
                codes.append(code)
                places.append(place)
        return codes, places

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

    def of_today(self, here: Commune) -> Commune:
        """The commune of today that a former one or a district belongs to, or itself."""
        return commune(here.current_code)

    def with_code(self, code: str) -> list[int]:
        place = self.by_code.first(code.upper())
        return [] if place is None else [place]

    def with_postal_code(self, postal_code: str) -> list[int]:
        """Places of the communes it serves; of a large city, only the districts."""
        found = self.by_postal_code.all(postal_code)
        cities = {self.at(place).current_code for place in found if self.at(place).kind == "district"}
        return [place for place in found if self.at(place).code not in cities]

    def named(self, folded: str) -> tuple[list[Commune], list[Commune]]:
        """Return the communes of today (or districts) with this name, and those that a former commune of it joined."""
        places = self.with_name(folded) or self._placed(folded, self.with_name)
        former = [place for place in places if self.at(place).kind == "former"]
        return self.today(place for place in places if place not in former), self.today(former)

    def longer(self, folded: str) -> list[Commune]:
        """Return the communes whose names only begin with this one; of a large city, not its districts."""
        places = self.with_beginning(folded) or self._placed(folded, self.with_beginning)
        return self.today(place for place in places if self.at(place).kind != "district")

    def with_name(self, name: str) -> list[int]:
        if found := self.by_name.all(name):
            return found
        first, _, rest = name.partition(" ")
        if first in _ARTICLES and (found := self.by_name.all(rest)):
            return found
        start, _, last = name.rpartition(" ")
        if last in _ARTICLES and (found := self.by_name.all(f"{last} {start}")):  # « Bassée (La) »
            return found
        with_article = [place for article in _ARTICLES for place in self.by_name.all(f"{article} {name}")]
        return with_article or self._district(name)

    def today(self, places: Iterable[int]) -> list[Commune]:
        """Turn places into communes of today and districts, each once, the most populous first."""
        found: dict[str, Commune] = {}
        for place in places:
            here = self.at(place)
            today = self.of_today(here) if here.kind == "former" else here
            found[today.code] = today
        return sorted(found.values(), key=lambda each: (-(each.population or 0), each.code))

    def _district(self, name: str) -> list[int]:
        """« Paris 13 » and « Lyon 3ème » are districts."""
        written = _DISTRICT_NAME.fullmatch(name)
        if not written:
            return []
        ordinal = "1er" if written[2] in ("1", "01") else f"{int(written[2])}e"
        return self.by_name.all(f"{written[1]} {ordinal} arrondissement")

    def with_beginning(self, name: str) -> list[int]:
        """Places whose names go on after these words, with or without an article before them."""
        if len(name) < _SHORT_NAME or name in _SAYS_TOO_LITTLE:
            return []
        beginnings = (f"{name} ", *(f"{article} {name} " for article in _ARTICLES))
        return [place for beginning in beginnings for place in self.by_name.all_beginning(beginning)]

    def _placed(self, folded: str, find: Callable[[str], list[int]]) -> list[int]:
        """The places that `find` knows by the name in an address, and that fit the numbers beside it."""
        name, numbers = _name_and_numbers(folded)
        return [place for place in find(name) if self._fits(place, numbers)] if name and name != folded else []

    def _fits(self, place: int, numbers: list[str]) -> bool:
        here = self.at(place)
        today = self.of_today(here)
        keys = {*here.postal_codes, *today.postal_codes, here.code.lower(), here.department.lower()}
        # A code that serves no commune is a company's own (Cedex): it still tells the département.
        return all(
            number in keys or (number not in self.by_postal_code and number.startswith(_postal_start(here)))
            for number in numbers
        )


def _name_and_numbers(folded: str) -> tuple[str, list[str]]:
    """The name in an address, and the départements, postal or INSEE codes beside it."""
    words = folded.split()
    if "cedex" in words:
        words = words[: words.index("cedex")]
    numbers = [word for word in words if _DEPARTMENT.fullmatch(word) or _FIVE_DIGITS.fullmatch(_with_zero(word))]
    name = " ".join(word for word in words if word not in numbers and word != _DEPARTMENT_WORD)
    return name, [_with_zero(number) for number in numbers]


def _with_zero(text: str) -> str:
    """A code with the leading zero that spreadsheets drop."""
    return f"0{text}" if _ZERO_LOST.fullmatch(text) else text


def _postal_start(place: Commune) -> str:
    """How the postal codes of a commune's département begin."""
    return "20" if place.department in ("2A", "2B") else place.department.lower()


def _in_department(found: list[Commune], department: str) -> list[Commune]:
    return [each for each in found if each.department == department.upper()]


def _spelt_out(text: str) -> str:
    """Fold a name as typed and write its short words in full, as the index has them.

    « Marseille (13) » is the city in its département, not its district number 13.
    """
    return _in_full(fold(_IN_BRACKETS.sub(rf" {_DEPARTMENT_WORD} \1", _SLASH.sub(" sur ", text))))


def _in_full(folded: str) -> str:
    return " ".join(_WRITTEN_SHORT.get(word, word) for word in folded.split())


@cache
def _communes() -> _Communes:
    return _Communes(table_lines("communes.csv"))


@cache
def _regions() -> dict[str, str]:
    return {row[4]: row[5] for row in (line.split(";", 6) for line in _communes().rows)}


@cache
def _spelling() -> NearSpelling:
    return NearSpelling(name for name, _ in _communes().by_name.firsts())
