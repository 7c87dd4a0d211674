"""What each table is made of: official rows in, rows of ours out, checked and in a stable order."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean

from shared.reference import communes
from shared.reference.normalise import fold
from shared.reference.occupations import occupations
from shared.reference.rebuild.official import (
    COG_COMMUNES,
    COG_OVERSEAS,
    COORDINATES,
    POPULATIONS,
    POSTAL_CODES,
    ROME_CONTEXTS,
    ROME_DOMAINS,
    ROME_LINKS,
    ROME_NEAR,
    ROME_OCCUPATIONS,
    ROME_SKILLS,
    ROME_TITLES,
    SourceError,
    Sources,
)
from shared.reference.skills import framework

TableRow = tuple[str, ...]

_ROME_CODE = re.compile(r"[A-Z]\d{4}")
_INSEE_CODE = re.compile(r"(\d{2}|2[AB])\d{3}")
_KINDS = {
    "COM": "commune",
    "ARM": "arrondissement-municipal",
    "COMD": "commune-deleguee",
    "COMA": "commune-associee",
}
_SKILLS_BLOCK, _SOFT_SKILLS, _CONTEXTS_BLOCK = "5", "2", "6"


@dataclass(frozen=True, slots=True)
class RebuiltTable:
    """A table that can be rebuilt: its file and columns, what identifies a row of it, and what makes its rows."""

    file: str
    columns: TableRow
    key: Callable[[TableRow], TableRow]
    build: Callable[[Sources], Iterator[TableRow]]


def _job_titles(sources: Sources) -> Iterator[TableRow]:
    yield from sorted((row["libelle appellation court"], _rome(row["code rome"])) for row in sources.rows(ROME_TITLES))


def _near(sources: Sources) -> Iterator[TableRow]:
    yield from sorted(
        (_rome(row["code rome"]), _rome(row["code rome cible"]), _rank(row["numero ordre"]))
        for row in sources.rows(ROME_NEAR)
    )


def _occupations(sources: Sources) -> Iterator[TableRow]:
    domains = {row["code rome"]: row for row in sources.rows(ROME_DOMAINS)}
    skills, hours = _asked_skills(sources), _usual_hours(sources)
    for row in sorted(sources.rows(ROME_OCCUPATIONS), key=lambda row: row["code rome"]):
        code = _rome(row["code rome"])
        if code not in domains:
            raise SourceError(f"occupation {code} has no domain in the file of {ROME_DOMAINS.title}")
        yield (
            code,
            row["libelle rome"],
            _rome(row["code rome parent"]),
            domains[code]["libelle grand domaine"],
            domains[code]["libelle domaine professionel"],
            "|".join(sorted(skills[code])),
            "|".join(hours[code]),
            row.get("emploi reglemente", ""),
        )


def _asked_skills(sources: Sources) -> dict[str, set[str]]:
    """Codes of the soft skills by occupation: ROME links it to their labels under « savoir-être »."""
    codes = {}
    for row in sources.rows(ROME_SKILLS):
        skill = framework().find(row["libelle competence"])
        if skill:
            codes[row["code ogr"]] = skill.code
    asked: dict[str, set[str]] = defaultdict(set)
    for row in sources.rows(ROME_LINKS):
        if (row["code compo bloc"], row["code rubrique"]) == (_SKILLS_BLOCK, _SOFT_SKILLS):
            if row["code ogr"] not in codes:
                raise SourceError(f"ROME has a soft skill (code_ogr {row['code ogr']}) that savoir-etre.csv lacks")
            asked[row["code rome"]].add(codes[row["code ogr"]])
    return asked


def _usual_hours(sources: Sources) -> dict[str, list[str]]:
    """Working hours by occupation: those contexts whose category speaks of hours, or that were hours until now."""
    until_now = {hours for found in occupations().values() for hours in found.hours}
    labels = {}
    for row in sources.rows(ROME_CONTEXTS):
        about_hours = any("horaire" in fold(row[column]) for column in row if "type" in column or "categorie" in column)
        if about_hours or row["libelle contexte"] in until_now:
            labels[row["code ogr"]] = row["libelle contexte"]
    usual: dict[str, list[str]] = defaultdict(list)
    for row in sources.rows(ROME_LINKS):
        if row["code compo bloc"] == _CONTEXTS_BLOCK and row["code ogr"] in labels:
            usual[row["code rome"]].append(labels[row["code ogr"]])
    return defaultdict(list, {code: sorted(set(hours)) for code, hours in usual.items()})


def _communes(sources: Sources) -> Iterator[TableRow]:
    places = {(row["com"], row["typecom"]): row for row in sources.rows(COG_COMMUNES)}
    postal_codes = _postal_codes(sources)
    coordinates = _coordinates(sources, postal_codes)
    populations = {row["com"]: row["pmun"] for row in sources.rows(POPULATIONS)} if POPULATIONS in sources else {}
    overseas: list[TableRow] = [
        (row["com comer"], row["libelle"], "commune", "", row["comer"], row["comer"])
        for row in (sources.rows(COG_OVERSEAS) if COG_OVERSEAS in sources else ())
    ]
    for head in sorted([_commune_head(row, places) for row in places.values()] + overseas):
        code, _, kind, current, *_ = head
        own = coordinates.get(code) or coordinates.get(current) or ("", "")
        former = kind in (_KINDS["COMD"], _KINDS["COMA"])
        served = "" if former else "|".join(postal_codes.get(code, ()))
        yield (*head, served, *own, "" if former else populations.get(code, ""))


def _commune_head(row: dict[str, str], places: dict[tuple[str, str], dict[str, str]]) -> TableRow:
    """Code, name, kind, today's commune, département and region; the last two from today's commune if need be."""
    if row["typecom"] not in _KINDS:
        raise SourceError(f"unknown kind of commune: {row['typecom']}")
    code, current = _insee(row["com"]), row["comparent"]
    today = places.get((current, "COM")) if current else row
    if today is None:
        raise SourceError(f"{row['typecom']} {code} belongs to {current}, which the file does not hold")
    return code, row["libelle"], _KINDS[row["typecom"]], current, today["dep"], today["reg"]


def _postal_codes(sources: Sources) -> dict[str, list[str]]:
    served: dict[str, set[str]] = defaultdict(set)
    for row in sources.rows(POSTAL_CODES):
        served[_insee(row["code commune insee"])].add(row["code postal"])
    return {code: sorted(postal_codes) for code, postal_codes in served.items()}


def _coordinates(sources: Sources, postal_codes: dict[str, list[str]]) -> dict[str, tuple[str, str]]:
    """Coordinates to four decimals (ten metres); where there are none, the mean over the same postal code."""
    known: dict[str, tuple[float, float]] = {}
    for row in sources.rows(COORDINATES):
        if row["latitude"] and row["longitude"]:
            known[row["code insee"]] = (_number(row["latitude"]), _number(row["longitude"]))
    around: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for code, served in postal_codes.items():
        for postal_code in served if code in known else ():
            around[postal_code].append(known[code])
    for code, served in postal_codes.items():
        neighbours = [place for postal_code in served for place in around[postal_code]]
        if code not in known and neighbours:
            known[code] = (fmean(place[0] for place in neighbours), fmean(place[1] for place in neighbours))
    return {code: (_decimal(latitude), _decimal(longitude)) for code, (latitude, longitude) in known.items()}


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError as problem:
        raise SourceError(f"not a number of degrees: {text!r}") from problem


def _rank(text: str) -> str:
    if not text.isdecimal():
        raise SourceError(f"not a rank: {text!r}")
    return str(int(text))


def _decimal(degrees: float) -> str:
    return f"{degrees:.4f}".rstrip("0").rstrip(".")


def _rome(code: str) -> str:
    if not _ROME_CODE.fullmatch(code):
        raise SourceError(f"not a code of ROME: {code!r}")
    return code


def _insee(code: str) -> str:
    if not _INSEE_CODE.fullmatch(code):
        raise SourceError(f"not an INSEE code: {code!r}")
    return code


TABLES = {
    "communes": RebuiltTable(
        "communes.csv",
        communes.COLUMNS,
        lambda row: (row[0], row[2]),
        _communes,
    ),
    "occupations": RebuiltTable(
        "rome.csv",
        ("code", "libelle", "code_parent", "grand_domaine", "domaine", "savoir_etre", "horaires", "reglemente"),
        lambda row: row[:1],
        _occupations,
    ),
    "titles": RebuiltTable("rome-appellations.csv", ("libelle", "code"), lambda row: row, _job_titles),
    "near": RebuiltTable("rome-proches.csv", ("code", "cible", "ordre"), lambda row: row[:2], _near),
}
