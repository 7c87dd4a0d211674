"""A file with very many wrong lines gets a report that a person can read, in which everything counts."""

from __future__ import annotations

import csv
import io
import json

import pytest

from services.registration.adapters.files.reports import as_csv, as_dict, as_json, from_dict, in_words
from services.registration.domain import kinds
from services.registration.domain.findings import Finding
from services.registration.domain.import_report import MOST_OF_A_KIND, LeftOut, Report
from tests.services.registration.office import Office

LINES = 100_000


def _long_report() -> Report:
    report = Report()
    for line in range(2, LINES + 2):
        report.note("observations.csv", line, [Finding(kinds.LEVEL_OUT_OF_RANGE, "niveau", value="5")])
        if line % 2:
            report.note("observations.csv", line, [Finding(kinds.UNKNOWN_PARTICIPANT, "participant", value="P")] * 2)
    report.note("ateliers.csv", 2, [Finding(kinds.BAD_DATE, "date_fin")])
    return report


def test_of_each_kind_the_first_are_listed_and_the_others_counted() -> None:
    report = _long_report()
    assert report.total == LINES * 2 + 1
    listed = [each for each in report.findings if each.code == "level-out-of-range"]
    assert [each.line for each in listed] == list(range(2, MOST_OF_A_KIND + 2))
    (levels, people) = report.left_out.values()
    assert (levels.findings, levels.lines) == (LINES - MOST_OF_A_KIND, LINES - MOST_OF_A_KIND)
    assert (people.findings, people.lines) == (LINES - MOST_OF_A_KIND, (LINES - MOST_OF_A_KIND) // 2)


def test_the_report_stays_small_and_reads_back_as_it_was() -> None:
    report = _long_report()
    text = as_json(report)
    assert len(text) < 1_000_000
    told = json.loads(text)
    assert told == as_dict(report)
    read_back = from_dict(told)
    assert (read_back.files, read_back.findings, read_back.left_out) == (report.files, report.findings, report.left_out)
    rows = list(csv.reader(io.StringIO(as_csv(report).decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == 1 + 2 * MOST_OF_A_KIND + 1 + 2
    assert rows[-2][:6] == ["observations.csv", "", "", "", "refused", "level-out-of-range"]
    assert rows[-2][6] == "… et 99\u202f500 autres lignes."


@pytest.mark.parametrize(
    ("findings", "lines", "words"),
    [
        (1, 1, "… et une autre ligne."),
        (1234, 1234, "… et 1 234 autres lignes."),
        (1500, 1234, "… et 1 234 autres lignes (1 500 fois en tout)."),
        (12, 0, "… et 12 de plus sur la dernière ligne citée."),
    ],
)
def test_what_is_counted_only_is_said_in_french(findings: int, lines: int, words: str) -> None:
    said = in_words(LeftOut("a.csv", "bad-date", "refused", findings, lines))
    assert said.replace("\u202f", " ").replace("\u00a0", " ") == words


async def test_every_row_counts_whether_its_finding_is_listed_or_not(office: Office) -> None:
    lines = ["atelier;participant", *(f"AT9;P{number}" for number in range(2 * MOST_OF_A_KIND))]
    report = await office.import_files({"inscriptions.csv": "\n".join(lines)})
    counts = report["files"]["inscriptions.csv"]
    assert (counts["read"], counts["refused"]) == (2 * MOST_OF_A_KIND, 2 * MOST_OF_A_KIND)
    assert len(report["findings"]) == 2 * MOST_OF_A_KIND, "two kinds"
    left = {each["code"]: (each["findings"], each["lines"]) for each in report["left_out"]}
    assert left == dict.fromkeys(("unknown-workshop", "unknown-participant"), (MOST_OF_A_KIND, MOST_OF_A_KIND))
