"""An import that was handed in: its files, how far it is, and what became of each part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.registration.domain.import_report import FileCounts, FoundInFile, LeftOut, Verdict
from services.registration.domain.queueing import Queued

VERDICTS = tuple(Verdict)
"""In what became of a part's rows, each row is a byte: the place of its verdict here."""

PLACES = {verdict: place for place, verdict in enumerate(VERDICTS)}
"""The same the other way round."""


@dataclass(frozen=True, slots=True)
class HandedInFile:
    """A file as it was handed in."""

    number: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is: what was counted of each file, how many rows it is known to have, and what is left out."""

    counts: Mapping[str, FileCounts] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    left_out: Sequence[LeftOut] = ()

    @property
    def rows_read(self) -> int:
        """How many rows were read."""
        return sum(each.read for each in self.counts.values())

    @property
    def rows_known(self) -> int:
        """How many rows there are, as far as is known."""
        return max(sum(self.known.values()), self.rows_read)

    @property
    def written(self) -> int:
        """How many rows made something new or changed something."""
        return sum(each.accepted + each.warned for each in self.counts.values())

    @property
    def refused(self) -> int:
        """How many rows were kept out."""
        return sum(each.refused for each in self.counts.values())


@dataclass(frozen=True, slots=True)
class Import:
    """An import that was asked for. A dry one only tells what would become of each row."""

    queued: Queued
    is_dry: bool
    progress: ImportProgress


@dataclass(frozen=True, slots=True)
class DonePart:
    """A part of an import that was kept: of which file, the verdict of each of its rows, and what was found in it."""

    file: str
    verdicts: bytes
    findings: Sequence[FoundInFile] = ()
