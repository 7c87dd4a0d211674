"""Rebuilds a table of reference data from newer official files.

    python -m shared.reference.rebuild TABLE FILE… [--into FOLDER]

| table | official files |
| --- | --- |
| `communes` | INSEE's `v_commune` and, if wanted, `v_commune_comer`; La Poste's postal codes; coordinates (`code_insee`, `latitude`, `longitude`); if wanted, INSEE's populations (`COM`, `PMUN`) |
| `occupations` | ROME's `unix_referentiel_code_rome`, `unix_cr_gd_dp`, `unix_liens_rome_referentiels`, `unix_referentiel_competence`, `unix_referentiel_contexte_travail` |
| `titles` | ROME's `unix_referentiel_appellation` |
| `near` | ROME's `unix_rubrique_mobilite` |

Files are recognised by their columns; order, extra columns, separator (`,` `;` tab) and encoding (UTF-8, Windows-1252)
do not matter.
"""  # noqa: E501 (a row of a table cannot be broken)

import csv
import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.reference.rebuild.official import SourceError, Sources
from shared.reference.rebuild.tables import TABLES, RebuiltTable, TableRow

__all__ = ["TABLES", "SourceError", "TableChanges", "rebuild"]

_MOST_LOST = 0.2


@dataclass(frozen=True, slots=True)
class TableChanges:
    """How a rebuilt table differs from the one before it, in rows."""

    rows: int
    added: int
    removed: int
    changed: int


def rebuild(table: str, sources: Sequence[Path], target: Path) -> TableChanges:
    """Rebuild the table named `table` (see `TABLES`) from official files into the file `target`, in one step.

    A digest list `SHA256SUMS` beside the target is brought up to date. Raises SourceError, with nothing written, if a
    file is missing, unknown or wrong, if two rows have one key, or if more than a fifth of the old rows would be lost
    (a file is then more likely cut off than right). Raises KeyError for an unknown table.
    """
    wanted = TABLES[table]
    new = _by_key(wanted, list(wanted.build(Sources(sources))))
    old = _by_key(wanted, _read(wanted, target)) if target.exists() else {}
    removed = len(old.keys() - new.keys())
    if removed > _MOST_LOST * len(old):
        raise SourceError(f"{removed:,} of {len(old):,} rows would be lost: is an official file incomplete?")
    changed = sum(old[key] != new[key] for key in old.keys() & new.keys())
    _replace(target, _text(wanted.columns, list(new.values())))
    _record_digest(target)
    return TableChanges(len(new), len(new.keys() - old.keys()), removed, changed)


def _by_key(table: RebuiltTable, rows: list[TableRow]) -> dict[TableRow, TableRow]:
    by_key: dict[TableRow, TableRow] = {}
    for row in rows:
        if by_key.setdefault(table.key(row), row) != row:
            raise SourceError(f"{table.file}: two rows for {' '.join(table.key(row))}")
    return by_key


def _read(table: RebuiltTable, path: Path) -> list[TableRow]:
    header, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter=";")
    if tuple(header) != table.columns:
        raise SourceError(f"{path.name} is not a table of this kind: expected the columns {';'.join(table.columns)}")
    return [tuple(row) for row in rows]


def _text(columns: TableRow, rows: list[TableRow]) -> str:
    """Readers split lines at `;`, so no cell may hold one, nor a quote or a line break."""
    for row in rows:
        if any(sign in cell for cell in row for sign in ';"\n\r'):
            raise SourceError(f"a cell holds a sign that the table cannot: {row}")
    file = io.StringIO()
    csv.writer(file, delimiter=";", lineterminator="\n").writerows([columns, *rows])
    return file.getvalue()


def _replace(target: Path, text: str) -> None:
    """Write beside the target, then put it in its place, so that a reader sees the old or the new table, whole."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _record_digest(target: Path) -> None:
    digests = target.with_name("SHA256SUMS")
    if digests.exists():
        lines = [line for line in digests.read_text().splitlines() if not line.endswith(f"  {target.name}")]
        lines.append(f"{hashlib.sha256(target.read_bytes()).hexdigest()}  {target.name}")
        _replace(digests, "".join(f"{line}\n" for line in sorted(lines, key=lambda line: line.split("  ")[1])))
