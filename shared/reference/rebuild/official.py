"""Reading official files as they are published, recognised by their columns, not by their names."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.reference.normalise import fold


class SourceError(ValueError):
    """An official file cannot be used. The message says which file, where and what was expected."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of official file: what it is, and the columns by which it is recognised (folded)."""

    title: str
    columns: frozenset[str]


def _format(title: str, columns: str) -> Format:
    return Format(title, frozenset(fold(column) for column in columns.split(";")))


ROME_OCCUPATIONS = _format("ROME occupations (unix_referentiel_code_rome)", "code_rome;libelle_rome;code_rome_parent")
ROME_DOMAINS = _format(
    "ROME domains (unix_cr_gd_dp)", "code_rome;libelle_rome;libelle_grand_domaine;libelle_domaine_professionel"
)
ROME_TITLES = _format(
    "ROME job titles (unix_referentiel_appellation)", "libelle_appellation_long;libelle_appellation_court;code_rome"
)
ROME_NEAR = _format("ROME near occupations (unix_rubrique_mobilite)", "code_rome;code_rome_cible;numero_ordre")
ROME_LINKS = _format("ROME links (unix_liens_rome_referentiels)", "code_rome;code_compo_bloc;code_rubrique;code_ogr")
ROME_SKILLS = _format("ROME skills (unix_referentiel_competence)", "code_ogr;libelle_competence")
ROME_CONTEXTS = _format("ROME working contexts (unix_referentiel_contexte_travail)", "code_ogr;libelle_contexte")
COG_COMMUNES = _format("INSEE communes (v_commune)", "TYPECOM;COM;REG;DEP;LIBELLE;COMPARENT")
COG_OVERSEAS = _format("INSEE overseas communities (v_commune_comer)", "COM_COMER;LIBELLE;COMER")
POSTAL_CODES = _format("La Poste postal codes (hexasmal)", "#Code_commune_INSEE;Code_postal")
COORDINATES = _format("coordinates of communes", "code_insee;latitude;longitude")
POPULATIONS = _format("INSEE populations (donnees_communes)", "COM;PMUN")

FORMATS = (
    ROME_DOMAINS,
    ROME_OCCUPATIONS,
    ROME_TITLES,
    ROME_NEAR,
    ROME_LINKS,
    ROME_SKILLS,
    ROME_CONTEXTS,
    COG_COMMUNES,
    COG_OVERSEAS,
    POSTAL_CODES,
    COORDINATES,
    POPULATIONS,
)

_ALSO_WRITTEN = {"libelle contexte travail": "libelle contexte"}


class Sources:
    """Official files by their kind."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Read and recognise the files. Raises SourceError for one that is not known, empty, or there twice."""
        self._rows: dict[Format, list[dict[str, str]]] = {}
        for path in paths:
            found, rows = _recognised(path)
            if found in self._rows:
                raise SourceError(f"{path.name}: a second file of {found.title}")
            self._rows[found] = rows

    def __contains__(self, wanted: Format) -> bool:
        """Tell whether a file of this kind was given."""
        return wanted in self._rows

    def rows(self, wanted: Format) -> Iterator[dict[str, str]]:
        """Go through the rows of a file, by folded column name. Raises SourceError if no such file was given."""
        if wanted not in self._rows:
            columns = ", ".join(sorted(wanted.columns))
            raise SourceError(f"a file is missing: {wanted.title}, with the columns {columns}")
        return iter(self._rows[wanted])


def _recognised(path: Path) -> tuple[Format, list[dict[str, str]]]:
    rows = list(_table(path))
    if len(rows) < 2:
        raise SourceError(f"{path.name}: holds no rows")
    header = [_ALSO_WRITTEN.get(fold(column), fold(column)) for column in rows[0]]
    for known in FORMATS:
        if known.columns <= set(header):
            return known, [_row(path, line, header, cells) for line, cells in enumerate(rows[1:], start=2)]
    raise SourceError(f"{path.name}: columns not recognised: {', '.join(rows[0])}")


def _row(path: Path, line: int, header: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(header):
        raise SourceError(f"{path.name}: row {line} has {len(cells)} cells, the header has {len(header)}")
    return {column: cell.strip() for column, cell in zip(header, cells, strict=True)}


def _table(path: Path) -> Iterator[list[str]]:
    """The non-empty rows of a file in UTF-8 or Windows-1252, separated by the sign that its header holds most of."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    header = text.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    return (row for row in csv.reader(text.splitlines(), delimiter=separator) if row)
