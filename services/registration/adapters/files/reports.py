"""The report of an import as files: for people (CSV that opens in a spreadsheet) and for programs (JSON)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from services.registration.adapters.files.harmless import harmless
from services.registration.domain.import_report import FileCounts, FoundInFile, LeftOut, Report
from shared.web.typography import number_in_words

CSV_COLUMNS = ("fichier", "ligne", "colonne", "valeur", "gravite", "code", "message")
PROTECTED_COLUMNS = frozenset({"publics", "date_naissance", "sexe", "besoins_acces"})
"""The columns of what must never count."""


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain data, in the order of its reading."""
    return {
        "files": {name: asdict(counts) for name, counts in report.files.items()},
        "findings": [asdict(finding) for finding in report.findings],
        "left_out": [asdict(left) for left in report.left_out.values()],
    }


def from_dict(data: Mapping[str, Any]) -> Report:
    """The report that `as_dict` gave, for a program that received it."""
    return Report(
        files={name: FileCounts(**counts) for name, counts in data["files"].items()},
        findings=[FoundInFile(**finding) for finding in data["findings"]],
        left_out={(left["file"], left["code"]): LeftOut(**left) for left in data.get("left_out", ())},
    )


def write(report: Report, folder: Path) -> None:
    """Write ``report.json`` and ``report.csv`` into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(as_json(report), encoding="utf-8")
    (folder / "report.csv").write_bytes(as_csv(report))


def as_json(report: Report) -> str:
    """The text of ``report.json``."""
    return json.dumps(as_dict(report), ensure_ascii=False, indent=1)


def without_protected(report: Report) -> Report:
    """The report without the cells that hold what must never count."""
    findings = [replace(each, value="") if each.column in PROTECTED_COLUMNS else each for each in report.findings]
    return Report(report.files, findings, report.left_out)


def as_csv(report: Report) -> bytes:
    """The bytes of ``report.csv``: UTF-8 with a byte order mark, ``;``, no cell that a spreadsheet would carry out."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(CSV_COLUMNS)
    for each in report.findings:
        cells = (each.file, each.line, each.column, each.value, each.severity, each.code, each.message)
        writer.writerow([harmless(str(cell)) for cell in cells])
    for left in report.left_out.values():
        writer.writerow(
            [harmless(str(cell)) for cell in (left.file, "", "", "", left.severity, left.code, in_words(left))]
        )
    return text.getvalue().encode("utf-8-sig")


def in_words(left: LeftOut) -> str:
    """« … et 1 234 autres lignes. »: what is counted only."""
    lines = number_in_words(left.lines, "fr")
    if not left.lines:
        return f"… et {number_in_words(left.findings, 'fr')} de plus sur la dernière ligne citée."
    others = f"{lines} autres lignes" if left.lines > 1 else "une autre ligne"
    if left.findings == left.lines:
        return f"… et {others}."
    return f"… et {others} ({number_in_words(left.findings, 'fr')} fois en tout)."
