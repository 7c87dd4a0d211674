"""What became of each file and row of an import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.registration.domain.findings import Finding

LONGEST_VALUE = 200
"""How much of what was handed in a finding shows, in characters."""


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
class Report:
    """What an import did, or a dry run would do."""

    files: dict[str, FileCounts] = field(default_factory=dict)
    findings: list[FoundInFile] = field(default_factory=list)

    def note(self, file: str, line: int, findings: Sequence[Finding]) -> None:
        """Add what was found at one line."""
        self.findings.extend(
            FoundInFile(
                file=file,
                line=line,
                column=finding.where,
                value=finding.value[:LONGEST_VALUE],
                severity=finding.severity.value,
                code=finding.code,
                message=finding.message,
            )
            for finding in findings
        )
