"""What became of each file and row of an import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.registration.domain.findings import Finding

LONGEST_VALUE = 200
"""How much of what was handed in a finding shows, in characters."""

MOST_OF_A_KIND = 500
"""How many findings of one kind are listed of one file."""


class Verdict(StrEnum):
    """What became of one row: exactly one of these."""

    ACCEPTED = "accepted"
    WARNED = "warned"
    REFUSED = "refused"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class FileCounts:
    """How many rows of a file were read, and what became of them; the four add up to ``read``."""

    read: int = 0
    accepted: int = 0
    warned: int = 0
    refused: int = 0
    unchanged: int = 0
    seconds: float = 0.0

    def count(self, verdict: Verdict, rows: int = 1) -> None:
        """Count rows in."""
        self.read += rows
        setattr(self, verdict.value, getattr(self, verdict.value) + rows)


@dataclass(frozen=True, slots=True)
class FoundInFile:
    """A finding at its place: ``line`` counts as a text editor does, the header of a plain file being line 1."""

    file: str
    line: int
    column: str
    value: str
    severity: str
    code: str
    message: str


@dataclass(slots=True)
class LeftOut:
    """How many findings of one kind in one file are counted only, and on how many further lines."""

    file: str
    code: str
    severity: str
    findings: int = 0
    lines: int = 0

    def count(self, line: int, last: int) -> None:
        """Count one in; ``last`` is the line of the one before it."""
        self.findings += 1
        self.lines += line != last


Group = tuple[str, str]
"""A file and a code."""


@dataclass(slots=True)
class Report:
    """What an import did, or a dry run would do.

    Of one kind in one file the first findings are listed and the others counted: a person reads no more, and whoever
    hands in 100,000 wrong lines gets an answer that can be carried.
    """

    files: dict[str, FileCounts] = field(default_factory=dict)
    findings: list[FoundInFile] = field(default_factory=list)
    left_out: dict[Group, LeftOut] = field(default_factory=dict)
    _listed: dict[Group, int] = field(default_factory=dict)
    _last_line: dict[Group, int] = field(default_factory=dict)

    @classmethod
    def resumed(
        cls, files: dict[str, FileCounts], findings: Sequence[FoundInFile], left_out: dict[Group, LeftOut]
    ) -> Report:
        """A report that goes on from what it said before. No line of it comes again."""
        report = cls(files, list(findings), left_out)
        for found in findings:
            group = found.file, found.code
            report._listed[group] = report._listed.get(group, 0) + 1
            report._last_line[group] = found.line
        return report

    def note(self, file: str, line: int, findings: Sequence[Finding]) -> None:
        """Add what was found at one line. The lines of a file come in order."""
        for finding in findings:
            group = file, finding.code
            listed = self._listed.get(group, 0)
            if listed < MOST_OF_A_KIND:
                self._listed[group] = listed + 1
                self.findings.append(_found(file, line, finding))
            else:
                left = self.left_out.setdefault(group, LeftOut(file, finding.code, finding.severity.value))
                left.count(line, self._last_line[group])
            self._last_line[group] = line

    @property
    def total(self) -> int:
        """How many findings there are, listed or only counted."""
        return len(self.findings) + sum(each.findings for each in self.left_out.values())


def _found(file: str, line: int, finding: Finding) -> FoundInFile:
    return FoundInFile(
        file=file,
        line=line,
        column=finding.where,
        value=finding.value[:LONGEST_VALUE],
        severity=finding.severity.value,
        code=finding.code,
        message=finding.message,
    )
