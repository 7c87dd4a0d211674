"""Workbooks as office programs write them, made of nothing but their cells."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

DAY_0 = date(1899, 12, 30)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns"
DAYS, PERCENT = 1, 2
"""The styles of days and percentages in the workbooks made here."""


@dataclass(frozen=True)
class Error:
    """A cell that a spreadsheet could not compute."""

    shown: str


@dataclass(frozen=True)
class Formula:
    """A cell with a formula and the value that was computed; none where that was left to others."""

    value: str | float | None = None


@dataclass(frozen=True)
class Percent:
    """A share shown as a percentage."""

    share: float


@dataclass(frozen=True)
class Tall:
    """A cell that is one over several rows."""

    value: str
    rows: int


Cell = str | int | float | bool | date | time | Error | Formula | Percent | Tall | None
Sheets = Mapping[str, Sequence[Sequence[Cell]]]


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A compressed file of these parts."""
    raw = io.BytesIO()
    with ZipFile(raw, "w", ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return raw.getvalue()


def excel(sheets: Sheets, hidden: Collection[str] = (), extra: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook as Excel writes it."""
    named = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="r{n}" state="{"hidden" if name in hidden else "visible"}"/>'
        for n, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    formats = (
        '<xf/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="9" applyNumberFormat="1"/><xf numFmtId="20"/>'
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
            f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs>{formats}</cellXfs></styleSheet>',
    }
    for n, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = _excel_sheet(rows)
    return packed({**parts, **(extra or {})})


def _excel_sheet(rows: Sequence[Sequence[Cell]]) -> str:
    cells = "".join(
        f'<row r="{r}">{"".join(_excel_cell(f"{_letters(c)}{r}", cell) for c, cell in enumerate(row))}</row>'
        for r, row in enumerate(rows, 1)
        if row
    )
    merged = "".join(
        f'<mergeCell ref="{_letters(c)}{r}:{_letters(c)}{r + cell.rows - 1}"/>'
        for r, row in enumerate(rows, 1)
        for c, cell in enumerate(row)
        if isinstance(cell, Tall)
    )
    return (
        f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData>'
        f"{f'<mergeCells>{merged}</mergeCells>' if merged else ''}</worksheet>"
    )


def _excel_cell(place: str, cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Tall():
            return _excel_cell(place, cell.value)
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        case bool():
            return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
        case int() | float():
            return f'<c r="{place}"><v>{cell}</v></c>'
        case date():
            return f'<c r="{place}" s="{DAYS}"><v>{(cell - DAY_0).days}</v></c>'
        case time():
            return f'<c r="{place}" s="3"><v>{(cell.hour * 60 + cell.minute) / 1440}</v></c>'
        case _:
            return _excel_special(place, cell)


def _excel_special(place: str, cell: Percent | Error | Formula) -> str:
    match cell:
        case Percent():
            return f'<c r="{place}" s="{PERCENT}"><v>{cell.share}</v></c>'
        case Error():
            return f'<c r="{place}" t="e"><f>A1</f><v>{escape(cell.shown)}</v></c>'
        case Formula(None):
            return f'<c r="{place}"><f>A1</f><v/></c>'
        case Formula(str(value)):
            return f'<c r="{place}" t="str"><f>A1</f><v>{escape(value)}</v></c>'
        case Formula(value):
            return f'<c r="{place}"><f>A1</f><v>{value}</v></c>'


def open_document(
    sheets: Sheets, hidden: Collection[str] = (), extra: Mapping[str, str | bytes] | None = None
) -> bytes:
    """A spreadsheet as LibreOffice writes it."""
    spaces = " ".join(
        f'xmlns:{name}="{OPEN_DOCUMENT}:{name}:1.0"' for name in ("office", "table", "text", "style", "manifest")
    )
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    tables = "".join(
        f'<table:table table:name={quoteattr(name)} table:style-name="{"unseen" if name in hidden else "seen"}">'
        f"{_open_rows(rows)}</table:table>"
        for name, rows in sheets.items()
    )
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table">'
        f'<style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("seen", "true"), ("unseen", "false"))
    )
    entry = (
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    )
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f"<manifest:manifest {spaces}>{entry}</manifest:manifest>",
            "content.xml": (
                f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
                f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
                "</office:document-content>"
            ),
            **(extra or {}),
        }
    )


def _open_rows(rows: Sequence[Sequence[Cell]]) -> str:
    """The rows; as the program does, alike ones that follow each other are one that is repeated."""
    written = []
    row = 0
    while row < len(rows):
        alike = 1
        while row + alike < len(rows) and rows[row + alike] == rows[row]:
            alike += 1
        cells = "".join(map(_open_cell, rows[row])) or "<table:table-cell/>"
        written.append(f'<table:table-row table:number-rows-repeated="{alike}">{cells}</table:table-row>')
        row += alike
    return "".join(written)


def _open_cell(cell: Cell) -> str:
    match cell:
        case None:
            return "<table:table-cell/>"
        case str():
            texts = "".join(f"<text:p>{escape(line)}</text:p>" for line in cell.split("\n"))
            return f'<table:table-cell office:value-type="string">{texts}</table:table-cell>'
        case Tall():
            return (
                f'<table:table-cell table:number-rows-spanned="{cell.rows}" office:value-type="string">'
                f"<text:p>{escape(cell.value)}</text:p></table:table-cell>"
            )
        case bool():
            return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(cell).lower()}"/>'
        case int() | float():
            return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
        case date():
            return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"/>'
        case time():
            return f'<table:table-cell office:value-type="time" office:time-value="PT{cell:%H}H{cell:%M}M00S"/>'
        case _:
            return _open_special(cell)


def _open_special(cell: Percent | Error | Formula) -> str:
    match cell:
        case Percent():
            return f'<table:table-cell office:value-type="percentage" office:value="{cell.share}"/>'
        case Error():
            return (
                '<table:table-cell table:formula="of:=A1" office:value-type="string" office:string-value="" '
                f'calcext:value-type="error"><text:p>{escape(cell.shown)}</text:p></table:table-cell>'
            )
        case Formula():
            return _open_cell(cell.value)


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
