"""The guide of the format, in plain French: which files, which columns, how cells are written."""

from __future__ import annotations

from collections.abc import Iterator

from services.registration.use_cases.importing.described import (
    CellForm,
    DescribedColumn,
    DescribedList,
    described_lists,
)
from services.registration.use_cases.importing.lists.layout import Demand

INTRODUCTION = """\
# Les fichiers d’un import

Un import lit un dossier de fichiers CSV. Chaque fichier est une liste ; chaque ligne est une fiche. Un fichier peut
venir seul, plus tard, et dans n’importe quel ordre.

- Une liste peut aussi être une feuille d’un classeur .xlsx ou .ods, et des fichiers une archive .zip. Une feuille
  masquée n’est pas lue ; la valeur d’une formule compte telle qu’elle a été calculée.
- La première ligne donne les noms des colonnes. L’ordre des colonnes est libre ; une colonne inconnue est ignorée.
- Le fichier est en UTF-8 ou en Windows-1252. Le séparateur est « ; », « , » ou une tabulation.
- Une cellule peut contenir plusieurs choses, séparées par « | », comme « jour|soir ».
- Une date s’écrit 31/12/2026 ou 2026-12-31, une heure 09:30, un nombre 7,5 ou 7.5.
- Une colonne absente ne change rien. Une cellule vide efface ce qui était connu, sauf un accord :
  seul « non » le retire.
- Importer deux fois le même fichier ne change rien la deuxième fois.
- Une ligne refusée ne bloque pas les autres. Le rapport dit où, pourquoi, et que faire.

« oui » : la colonne est indispensable. « nouvelle fiche » : elle l’est pour une fiche que
Vernissage ne connaît pas encore.
"""

DEMANDS = {Demand.EVERY_FILE: "oui", Demand.NEW_RECORDS: "nouvelle fiche", Demand.NOBODY: ""}

FORMS = {
    CellForm.TEXT: "texte",
    CellForm.LINES: "texte",
    CellForm.COMMUNE: "nom, code postal ou code INSEE",
    CellForm.DATE: "date",
    CellForm.TIME: "heure",
    CellForm.EMAIL: "adresse électronique",
    CellForm.EMAILS: "adresses électroniques, séparées par « \\| »",
    CellForm.PHONE: "numéro de téléphone",
    CellForm.LIST: "liste, séparée par « \\| »",
    CellForm.SKILLS: "nom:niveau:poids, séparés par « \\| »",
}


def guide() -> str:
    """The whole guide, in Markdown."""
    return "\n".join([INTRODUCTION, *(_chapter(each) for each in described_lists())])


def _chapter(described: DescribedList) -> str:
    lines = [
        f"## {described.stem}.csv",
        "",
        described.about,
        "",
        "| colonne | indispensable | comment l’écrire | ce que c’est | exemple |",
        "| --- | --- | --- | --- | --- |",
        *_rows(described),
        "",
    ]
    return "\n".join(lines)


def _rows(described: DescribedList) -> Iterator[str]:
    for column in described.columns:
        example = next((each for each in column.examples if each), "").replace("|", "\\|")
        shown = f"`{example}`" if example else ""
        yield f"| `{column.name}` | {DEMANDS[column.demand]} | {_form(column)} | {column.meaning_fr} | {shown} |"


def _form(column: DescribedColumn) -> str:
    match column.form:
        case CellForm.WORD:
            return _one_of(column.words)
        case CellForm.WORDS:
            return f"un ou plusieurs parmi {_one_of(column.words)}, séparés par « \\| »"
        case CellForm.WHOLE | CellForm.DECIMAL:
            lowest, highest = column.bounds
            return f"nombre de {lowest} à {highest}"
        case CellForm.WHOLES:
            lowest, highest = column.bounds
            return f"nombres de {lowest} à {highest}, séparés par « \\| »"
        case CellForm.REFERENCE:
            of_list, name = column.refers_to
            return f"`{name}` de `{of_list}.csv`"
    return FORMS[column.form]


def _one_of(words: tuple[str, ...]) -> str:
    return ", ".join(f"« {word} »" for word in words)
