"""What can be wrong with something that was handed in: one table of stable codes, for the API and the import alike.

A *refusal* keeps the thing out; a *warning* lets it in and tells somebody to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from shared.refusals import Refusal


class Severity(StrEnum):
    """Whether a finding keeps the thing out."""

    REFUSED = "refused"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding: its stable code, its French message (with places for details) and its meaning in English.

    ``consequence`` is the sentence that says what was done about it where it is a warning.
    """

    code: str
    severity: Severity
    message: str
    meaning: str
    consequence: str = ""


def refusal(code: str, message: str, meaning: str) -> Kind:
    """A kind of finding that keeps the thing out."""
    return Kind(code, Severity.REFUSED, message, meaning)


def warning(code: str, message: str, meaning: str, consequence: str = "") -> Kind:
    """A kind of finding that lets the thing in and tells somebody to look."""
    return Kind(code, Severity.WARNING, message, meaning, consequence)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, at one field (``where``), with the details that its message names."""

    kind: Kind
    where: str
    details: Mapping[str, object] = field(default_factory=dict)
    value: str = ""
    """What was handed in, for the report of an import only: never for a log or an API error."""

    @property
    def code(self) -> str:
        """The stable code."""
        return self.kind.code

    @property
    def severity(self) -> Severity:
        """Whether it keeps the thing out."""
        return self.kind.severity

    @property
    def message(self) -> str:
        """What to tell people, in French."""
        return f"{self.kind.message} {self.kind.consequence}".strip().format(**self.details)


class Refused(Refusal):
    """Something handed in was refused; ``findings`` say why. The text names codes only, never values."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(", ".join(finding.code for finding in findings))
        self.findings = findings


class Notes:
    """Collects what is found while one thing is read.

    A strict one refuses what otherwise would only be warned of: somebody who types can put it right at once, an export
    of another system cannot.
    """

    __slots__ = ("findings", "is_strict")

    def __init__(self, *, is_strict: bool = False) -> None:
        self.findings: list[Finding] = []
        self.is_strict = is_strict

    def add(self, kind: Kind, where: str, value: str = "", **details: object) -> None:
        """Note a finding at a field."""
        if self.is_strict:
            kind = replace(kind, severity=Severity.REFUSED, consequence="")
        self.findings.append(Finding(kind, where, details, value))

    @property
    def refusals(self) -> list[Finding]:
        """The findings that keep the thing out."""
        return [finding for finding in self.findings if finding.severity is Severity.REFUSED]

    @property
    def warnings(self) -> list[Finding]:
        """The findings that let it in."""
        return [finding for finding in self.findings if finding.severity is Severity.WARNING]

    def raise_refusals(self) -> None:
        """Raise `Refused` if anything found keeps the thing out."""
        if self.refusals:
            raise Refused(self.refusals)


def find_refused(kind: Kind, where: str, **details: object) -> Refused:
    """The refusal with this one finding."""
    return Refused([Finding(kind, where, details)])
