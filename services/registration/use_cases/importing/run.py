"""Carries out an import: which file is which, in which order, part by part; what became of each row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from time import perf_counter

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.choosing_communes import Digits, DigitsOfColumn
from services.registration.adapters.files.ages import age
from services.registration.adapters.files.marked_cells import is_error
from services.registration.adapters.files.records import MOST_COLUMNS, Header, Row, column_name, read_header, read_rows
from services.registration.adapters.files.sources import MOST_LINES_IN_WORDS, Lines, SourceFile
from services.registration.adapters.files.unpacking import unpacked
from services.registration.domain import file_kinds, kinds
from services.registration.domain.findings import Finding
from services.registration.domain.import_report import FileCounts, Report, Verdict
from services.registration.use_cases.importing.context import Context
from services.registration.use_cases.importing.lists import IN_ORDER, FileLayout, RowOutcome, list_named
from services.registration.use_cases.importing.lists.layout import refused
from shared.moment import Moment
from shared.rights import EVERYTHING, Scope

ROWS_A_PART = 2_000
COMMUNE = "commune"
SORTS = {Digits.POSTAL: "postaux", Digits.INSEE: "INSEE"}
KNOWN_COLUMNS = frozenset(column.name for layout in IN_ORDER for column in layout.columns)

RowProgress = Callable[[str, int, int], None]
"""Hears of each part: the file, how many of its rows are done, and how many there are."""


async def import_files(
    session: AsyncSession,
    sources: Sequence[SourceFile],
    moment: Moment,
    *,
    scope: Scope = EVERYTHING,
    progress: RowProgress = lambda _file, _done, _total: None,
) -> Report:
    """Import files in whatever order they come, within the caller's transaction.

    Rolled back, it was a dry run: its report is that of the real one. ``scope`` says whose things it may write. Of
    several exports of one list the newest counts.
    """
    report = Report()
    async with unpacked(sources) as inside:
        for name, finding in inside.aside:
            report.files[name] = FileCounts()
            report.note(name, 1, [finding])
        recognised = [(source, _layout_of(source, report)) for source in _newest_first(inside.tables)]
        with Context(session, moment, scope) as context:
            await context.begin()
            for layout in IN_ORDER:
                seen = _Seen()
                for source, its_layout in recognised:
                    if its_layout is layout:
                        await _import_file(source, layout(context), seen, report, progress)
    return report


@dataclass(frozen=True, slots=True)
class _First:
    """Where a key was met first, what its row held, and what became of it."""

    file: str
    digest: bytes
    outcome: RowOutcome | None = None


@dataclass(slots=True)
class _Seen:
    """The rows of one list so far, in whatever files, by their key."""

    rows: dict[tuple[str, ...], _First] = field(default_factory=dict)


async def _import_file(
    source: SourceFile, layout: FileLayout, seen: _Seen, report: Report, progress: RowProgress
) -> None:
    began = perf_counter()
    counts = report.files.setdefault(source.name, FileCounts())
    with source.lines() as lines:
        header = _header_of(lines, layout)
        if header is None:
            report.note(source.name, 1, [Finding(file_kinds.EMPTY_FILE, "")])
            return
        for line, finding in source.findings():
            report.note(source.name, line, [finding])
        if header.is_endless:
            report.note(source.name, header.line, [Finding(file_kinds.TOO_MANY_COLUMNS, "", {"limit": MOST_COLUMNS})])
            return
        if source.is_endless:
            report.note(
                source.name, header.line, [Finding(file_kinds.TOO_MANY_LINES, "", {"limit": MOST_LINES_IN_WORDS})]
            )
            return
        missing = _check_header(source, header, layout, report)
        layout.context.digits = _digits_of_communes(source, header, layout, report)
        total = max(source.writing.lines - header.line, 0)
        for part in _parts(read_rows(lines, header, frozenset(layout.required()))):
            outcomes = [refused(())] * len(part) if missing else await _keep(part, source.name, layout, seen)
            for row, outcome in zip(part, outcomes, strict=True):
                counts.count(outcome.verdict)
                report.note(source.name, row.line, outcome.findings)
                report.note(
                    source.name, header.line, layout.context.findings_of_agency(row.cells, layout.agency_column)
                )
            progress(source.name, counts.read, max(total, counts.read))
    counts.seconds = round(perf_counter() - began, 3)
    progress(source.name, counts.read, counts.read)


def _header_of(lines: Lines, layout: FileLayout) -> Header | None:
    header = read_header(lines, KNOWN_COLUMNS)
    return replace(header, columns=layout.called(header.columns)) if header else None


def _digits_of_communes(source: SourceFile, header: Header, layout: FileLayout, report: Report) -> Digits:
    """What five digits are in the column of communes: the whole of it is looked through before its first row counts."""
    if COMMUNE not in header.columns:
        return Digits.UNTOLD
    column = DigitsOfColumn()
    with source.lines() as lines:
        for row in read_rows(lines, _header_of(lines, layout) or header):
            column.see(row.cells.get(COMMUNE, ""))
    if column.is_settling and column.digits is not Digits.UNTOLD:
        settled = Finding(kinds.CODES_SETTLED, COMMUNE, {"sort": SORTS[column.digits]})
        report.note(source.name, header.line, [settled])
    return column.digits


async def _keep(part: Sequence[Row], file: str, layout: FileLayout, seen: _Seen) -> list[RowOutcome]:
    """What becomes of the rows of one part: the good ones are kept, a row that came before is told."""
    outcomes: dict[int, RowOutcome] = {}
    repeated: list[tuple[Row, tuple[str, ...]]] = []
    fresh: list[tuple[Row, tuple[str, ...]]] = []
    for row in part:
        trouble = [row.trouble] if row.trouble is not None else _not_computed(row, layout)
        if trouble:
            outcomes[row.line] = refused(trouble)
            continue
        key = tuple(row.cells[column] for column in layout.key)
        if not all(key) or not key:
            fresh.append((row, ()))
        elif key not in seen.rows:
            seen.rows[key] = _First(file, _digest(row))
            fresh.append((row, key))
        elif seen.rows[key].digest == _digest(row):
            repeated.append((row, key))
        else:
            outcomes[row.line] = refused([_taken(row, layout, file, seen.rows[key].file)])
    for (row, key), outcome in zip(fresh, await layout.keep([row for row, _ in fresh]), strict=True):
        outcomes[row.line] = outcome
        if key:
            seen.rows[key] = replace(seen.rows[key], outcome=outcome)
    for row, key in repeated:
        outcomes[row.line] = _repeated(seen.rows[key], file)
    return [outcomes[row.line] for row in part]


def _not_computed(row: Row, layout: FileLayout) -> list[Finding]:
    """The errors that a spreadsheet has left in a row: what should stand there nobody knows."""
    return [
        Finding(file_kinds.SPREADSHEET_ERROR, column.name, value=row.cells[column.name])
        for column in layout.columns
        if is_error(row.cells.get(column.name, ""))
    ]


def _repeated(first: _First, file: str) -> RowOutcome:
    """What becomes of a row that is the same as an earlier one: as it, and where that was kept, a warning.

    Another export of the same list holds it again as a matter of course: nothing to warn of.
    """
    outcome = first.outcome or RowOutcome(Verdict.UNCHANGED)
    if outcome.verdict in (Verdict.UNCHANGED, Verdict.REFUSED):
        return outcome
    if first.file != file:
        return RowOutcome(Verdict.UNCHANGED)
    return RowOutcome(Verdict.WARNED, [Finding(kinds.DUPLICATE_ROW, "")])


def _taken(row: Row, layout: FileLayout, file: str, first: str) -> Finding:
    value = row.cells[layout.key[0]]
    if first != file:
        return Finding(kinds.OLDER_EXPORT, layout.key[0], {"newer": first}, value)
    return Finding(kinds.DUPLICATE_IDENTIFIER, layout.key[0], value=value)


def _digest(row: Row) -> bytes:
    cells = "\0".join(f"{column}\0{row.cells[column]}" for column in sorted(row.cells))
    return hashlib.blake2b(cells.encode("utf-8", "replace"), digest_size=12).digest()


def _check_header(source: SourceFile, header: Header, layout: FileLayout, report: Report) -> bool:
    """Note what is wrong with a header; whether a column that no file may lack is missing."""
    known = {column.name for column in layout.columns}
    findings = []
    for position, (column, written) in enumerate(zip(header.columns, header.written, strict=True)):
        if column in header.columns[:position] and column:
            findings.append(Finding(file_kinds.REPEATED_COLUMN, written, {"column": written}, written))
        elif column not in known and column:
            findings.append(Finding(file_kinds.UNKNOWN_COLUMN, written, {"column": written}, written))
    missing = [name for name in layout.indispensable() if name not in header.columns]
    findings += [Finding(file_kinds.MISSING_COLUMN, name, {"column": name}) for name in missing]
    report.note(source.name, header.line, findings)
    return bool(missing)


def _layout_of(source: SourceFile, report: Report) -> type[FileLayout] | None:
    """Which file of the format this is: by its name, or else by its columns."""
    if not source.is_text():
        report.files[source.name] = FileCounts()
        report.note(source.name, 1, [Finding(file_kinds.NOT_A_TEXT_FILE, "")])
        return None
    with source.lines() as lines:
        header = read_header(lines, KNOWN_COLUMNS)
    found = _list_of(source.stem, header.columns if header else ())
    if found is None:
        report.files[source.name] = FileCounts()
        report.note(source.name, 1, [Finding(file_kinds.UNKNOWN_FILE, "")])
    return found


def _list_of(stem: str, columns: Sequence[str]) -> type[FileLayout] | None:
    """By its very name, else by the columns of a whole list, else by a name that goes on, as that of a correction."""
    spoken_of = list_named(stem)
    if spoken_of is not None and spoken_of.stem == column_name(stem):
        return spoken_of
    told = [layout for layout in IN_ORDER if layout.is_told_by_columns]
    whole = [layout for layout in told if set(layout.required()) <= set(layout.called(columns))]
    if whole:
        return max(whole, key=lambda layout: sum(column.name in columns for column in layout.columns))
    return spoken_of if spoken_of is not None and set(spoken_of.indispensable()) <= set(columns) else None


def _newest_first(sources: Iterable[SourceFile]) -> list[SourceFile]:
    return sorted(sources, key=lambda source: age(source.dated_by), reverse=True)


def _parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while part := list(islice(rows, ROWS_A_PART)):
        yield part
