"""What an import tells on the terminal: a few examples of each kind, and how many more there are."""

from __future__ import annotations

from deploy.commands.import_ import SHOWN_OF_A_KIND, told
from services.registration.domain import kinds
from services.registration.domain.findings import Finding
from services.registration.domain.import_report import Report


def test_of_very_many_findings_a_person_reads_a_few_and_how_many_more_there_are() -> None:
    report = Report()
    for line in range(2, 100_002):
        report.note("a.csv", line, [Finding(kinds.BAD_PHONE, "telephone", value="12")])
    report.note("b.csv", 3, [Finding(kinds.BAD_DATE, "date", value="31/02/2026")])
    first, *others, last = told(report)
    assert first.startswith("refusé : b.csv, ligne 3, date « 31/02/2026 »"), "what was refused comes first"
    assert len(others) == SHOWN_OF_A_KIND
    assert all(line.startswith("à vérifier : a.csv, ligne ") for line in others)
    assert last == "  … et 99\u202f995 de plus dans a.csv : bad-phone"
