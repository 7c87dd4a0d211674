"""What every file of the format has: a name, columns, and a way to keep its rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import ClassVar, TypeVar

from services.registration.adapters.files.cells import Cells
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.findings import Finding
from services.registration.domain.import_report import Verdict
from services.registration.use_cases.importing.context import Context
from services.registration.use_cases.saving import Saved, SavedAs

Drafted = TypeVar("Drafted")


STAND_INS: Mapping[str, str] = {"commune": "ville"}
"""What other programs call a column, by its name in the format."""


class Demand(Enum):
    """Who cannot do without a column."""

    EVERY_FILE = "every file"
    """A file without it is refused as a whole: nothing tells what its rows are about."""

    NEW_RECORDS = "new records"
    """A correction may lack it: what is known stays. A row that would make a new record is refused."""

    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and who cannot do without it."""

    name: str
    demand: Demand = Demand.NOBODY


LONGEST_ADDRESS = 400
LONGEST_ACCESS = 500


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of a row, and what was found in it."""

    verdict: Verdict
    findings: Sequence[Finding] = ()


class FileLayout(ABC):
    """One file of the format. An instance goes through one import."""

    stem: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    key: ClassVar[tuple[str, ...]]
    """The columns that tell a row from the others of its file; none where rows have no key of their own."""

    agency_column: ClassVar[str] = "agence"
    is_told_by_columns: ClassVar[bool] = True
    """Whether its columns are like no other list's, so that the file may have any name."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @classmethod
    def called(cls, columns: Sequence[str]) -> tuple[str, ...]:
        """A header's columns under the names of the format: without « commune », « ville » is the commune."""
        stand_ins = {
            other: name
            for name, other in STAND_INS.items()
            if name not in columns and any(column.name == name for column in cls.columns)
        }
        return tuple(stand_ins.get(column, column) for column in columns)

    @classmethod
    def indispensable(cls) -> tuple[str, ...]:
        """The names of the columns that no file may lack."""
        return tuple(column.name for column in cls.columns if column.demand is Demand.EVERY_FILE)

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """The names of the columns that no new record may lack."""
        return tuple(column.name for column in cls.columns if column.demand is not Demand.NOBODY)

    def unless_incomplete(
        self, known: Container[str], read: Callable[[Cells], Drafted | None]
    ) -> Callable[[Cells], Drafted | None]:
        """``read``, but a row of nobody known is refused where the file lacks a column that a new record needs."""

        def read_one(cells: Cells) -> Drafted | None:
            identifier = cells.row.cells["identifiant"]
            missing = [name for name in self.required() if name not in cells.row.cells]
            if identifier and identifier not in known and missing:
                cells.notes.add(kinds.MISSING_FOR_NEW, missing[0], identifier, columns=_listed(missing))
                return None
            return read(cells)

        return read_one

    async def recall(self, rows: Sequence[Row], became: Mapping[int, Verdict]) -> None:  # noqa: B027 - most need nothing
        """Remember rows that were kept before, where rows behind them depend on it; by line, what became of each."""

    @abstractmethod
    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Read rows of good shape and keep what they say; one outcome each, in order."""


def _listed(columns: Sequence[str]) -> str:
    """« la colonne « nom » », « les colonnes « nom » et « prenom » »."""
    quoted = [f"« {column} »" for column in columns]
    if len(quoted) == 1:
        return f"la colonne {quoted[0]}"
    return f"les colonnes {', '.join(quoted[:-1])} et {quoted[-1]}"


def refused(findings: Sequence[Finding]) -> RowOutcome:
    """The outcome of a row that was kept out; what else was found in it is told too."""
    return RowOutcome(Verdict.REFUSED, findings)


def read_all(rows: Sequence[Row], read: Callable[[Cells], Drafted | None]) -> list[tuple[Cells, Drafted | None]]:
    """Each row with what was read in it, or nothing where it holds nothing to keep."""
    together = []
    for row in rows:
        cells = Cells(row)
        draft = read(cells)
        together.append((cells, None if cells.notes.refusals else draft))
    return together


def good_ones(read: Sequence[tuple[Cells, Drafted | None]]) -> list[Drafted]:
    """What is to be kept, in order."""
    return [draft for _, draft in read if draft is not None]


def outcomes_of(
    read: Sequence[tuple[Cells, Drafted | None]],
    answers: Sequence[Saved | Finding | SavedAs],
    columns: Mapping[str, str] = MappingProxyType({}),
) -> list[RowOutcome]:
    """The outcome of each row; ``answers`` are those of the use case to the `good_ones`.

    ``columns`` names the column of each field that the use case speaks of.
    """
    left = iter(answers)
    return [
        refused(cells.notes.findings) if draft is None else _outcome(next(left), cells, columns)
        for cells, draft in read
    ]


def _outcome(answer: Saved | Finding | SavedAs, cells: Cells, columns: Mapping[str, str]) -> RowOutcome:
    found = cells.notes.findings
    if isinstance(answer, Finding):
        return refused([*found, in_column(answer, columns, cells.row.cells)])
    change = answer.change if isinstance(answer, Saved) else answer
    told = answer.findings if isinstance(answer, Saved) else ()
    if change is SavedAs.UNCHANGED:
        again = [in_column(each, columns, cells.row.cells) for each in told if each.kind in kinds.TOLD_EACH_TIME]
        return RowOutcome(Verdict.WARNED if again else Verdict.UNCHANGED, again)
    findings = [*found, *(in_column(finding, columns, cells.row.cells) for finding in told)]
    return RowOutcome(Verdict.WARNED if findings else Verdict.ACCEPTED, findings)


def in_column(finding: Finding, columns: Mapping[str, str], cells: Mapping[str, str]) -> Finding:
    """A use case's finding at its column, with the cell's value."""
    column = columns.get(finding.where, finding.where)
    return replace(finding, where=column, value=cells.get(column, ""))
