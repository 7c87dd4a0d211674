"""What each column of the format means, in a table that people can read: `format.csv`, beside this module.

Guides, templates and schemas are made of it and of the lists themselves: the lists say who cannot do without a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import groupby

from services.registration.use_cases.importing.lists import IN_ORDER, FileLayout
from services.registration.use_cases.importing.lists.layout import Demand
from shared.reference.csv_tables import read_rows

TABLE = "format.csv"
COLUMNS = ("liste", "colonne", "forme", "precision", "sens", "sens_anglais", "exemple_1", "exemple_2")


class CellForm(StrEnum):
    """How a cell is written; the value is how the table says it."""

    TEXT = "texte"
    LINES = "lignes"
    COMMUNE = "commune"
    DATE = "date"
    TIME = "heure"
    WHOLE = "entier"
    WHOLES = "entiers"
    DECIMAL = "decimal"
    EMAIL = "courriel"
    EMAILS = "courriels"
    PHONE = "telephone"
    WORD = "mot"
    WORDS = "mots"
    LIST = "liste"
    SKILLS = "savoir-etre"
    REFERENCE = "renvoi"


@dataclass(frozen=True, slots=True)
class DescribedColumn:
    """A column, what it means in both languages, how its cells are written, and two cells that go together.

    ``precision`` holds the words that are possible, the bounds of a number, or the column that a reference names.
    """

    name: str
    form: CellForm
    precision: str
    meaning_fr: str
    meaning_en: str
    examples: tuple[str, str]
    demand: Demand

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are possible."""
        return tuple(self.precision.split("|"))

    @property
    def bounds(self) -> tuple[str, str]:
        """The lowest and the highest number, as people write them."""
        lowest, _, highest = self.precision.partition("–")
        return lowest, highest

    @property
    def refers_to(self) -> tuple[str, str]:
        """The list and the column that a reference names."""
        of_list, _, column = self.precision.partition(".")
        return of_list, column


@dataclass(frozen=True, slots=True)
class DescribedList:
    """A list of the format: its file's name without the ending, what it is about, its key, and its columns."""

    stem: str
    about: str
    key: tuple[str, ...]
    columns: tuple[DescribedColumn, ...]


ABOUT = {
    "agences": "Comment joindre les agences.",
    "lieux": "Où se tiennent les ateliers et les rencontres.",
    "participants": "Les personnes, comment les joindre, ce qu’elles peuvent faire et ce qu’elles souhaitent.",
    "operations": "Ce qui réunit un lieu, des ateliers et une rencontre.",
    "ateliers": "Les ateliers et leur équipe.",
    "rencontres": "Quand et où des personnes rencontrent des employeurs.",
    "employeurs": "Les employeurs et leur contact principal.",
    "sites": "Où travaillent les équipes des employeurs.",
    "contacts": "À qui parler chez les employeurs, quand il y a plusieurs personnes.",
    "besoins": "Ce que cherchent les employeurs.",
    "inscriptions": "Qui est inscrit à quel atelier.",
    "seances": "Quand les ateliers ont lieu, et ce qu’on y fait.",
    "presences": "Qui est venu à quelle séance d’un atelier.",
    "observations": "Ce qui a été vu dans les ateliers.",
    "rencontre_besoins": "Quels besoins viennent à quelle rencontre.",
    "suites": "Ce qui a suivi les entretiens.",
    "rencontre_participants": "Qui peut rencontrer des employeurs à quelle rencontre, et qui est venu.",
}


@cache
def described_lists() -> tuple[DescribedList, ...]:
    """All lists, in the order in which an import reads them. Raises `KeyError` where the table lacks a column."""
    lines = (files(__package__) / TABLE).read_text(encoding="utf-8").splitlines()
    rows = {stem: list(cells) for stem, cells in groupby(read_rows(TABLE, lines, COLUMNS), key=lambda row: row[0])}
    return tuple(_described(layout, rows[layout.stem]) for layout in IN_ORDER)


def _described(layout: type[FileLayout], rows: Sequence[Sequence[str]]) -> DescribedList:
    told = {row[1]: row[2:] for row in rows}
    columns = tuple(_columns(layout, told))
    if unknown := told.keys() - {column.name for column in columns}:
        raise KeyError(f"{TABLE}: {layout.stem} has no column {', '.join(sorted(unknown))}")
    return DescribedList(layout.stem, ABOUT[layout.stem], layout.key, columns)


def _columns(layout: type[FileLayout], told: dict[str, Sequence[str]]) -> Iterator[DescribedColumn]:
    for column in layout.columns:
        form, precision, french, english, first, second = told[column.name]
        yield DescribedColumn(column.name, CellForm(form), precision, french, english, (first, second), column.demand)
