"""Carries out an import: which file is which, in which order, part by part; what became of each row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding
from services.registration.importing.context import Context
from services.registration.importing.files import IN_ORDER, FileLayout, Outcome
from services.registration.importing.files.layout import refused
from services.registration.importing.records import Header, Row, column_name, read_header, read_rows
from services.registration.importing.report import FileCounts, Report, Verdict
from services.registration.importing.sources import Lines, Source
from services.registration.use_cases.saving import Moment

ROWS_A_PART = 2_000
KNOWN_COLUMNS = frozenset(column.name for layout in IN_ORDER for column in layout.columns)

Progress = Callable[[str, int, int], None]
"""Hears of each part: the file, how many of its rows are done, and how many there are."""


async def import_files(
    session: AsyncSession,
    sources: Sequence[Source],
    moment: Moment,
    *,
    bound_to: UUID | None = None,
    progress: Progress = lambda _file, _done, _total: None,
) -> Report:
    """Import files in whatever order they come, within the caller's transaction; ``moment.source`` is ``import``.

    Rolled back, it was a dry run: its report is that of the real one. ``bound_to`` is the agency of an adviser.
    """
    report = Report()
    recognised = [(source, _layout_of(source, report)) for source in _sorted(sources)]
    context = Context(session, moment, bound_to)
    await context.begin()
    for layout in IN_ORDER:
        for source, its_layout in recognised:
            if its_layout is layout:
                await _import_file(source, layout(context), report, progress)
    return report


@dataclass(slots=True)
class _Seen:
    """The rows of one file so far, by their key: what they held, and what became of them."""

    rows: dict[tuple[str, ...], tuple[bytes, Outcome | None]] = field(default_factory=dict)


async def _import_file(source: Source, layout: FileLayout, report: Report, progress: Progress) -> None:
    began = perf_counter()
    counts = report.files.setdefault(source.name, FileCounts())
    with Lines(source.open()) as lines:
        header = read_header(lines, KNOWN_COLUMNS)
        if header is None:
            report.note(source.name, 1, [Finding(kinds.EMPTY_FILE, "")])
            return
        missing = _check_header(source, header, layout, report)
        total, seen = source.count_lines(), _Seen()
        for part in _parts(read_rows(lines, header, layout.required())):
            outcomes = [refused(())] * len(part) if missing else await _keep(part, layout, seen)
            for row, outcome in zip(part, outcomes, strict=True):
                counts.count(outcome.verdict)
                report.note(source.name, row.line, outcome.findings)
            progress(source.name, counts.read, max(total, counts.read))
    counts.seconds = round(perf_counter() - began, 3)
    progress(source.name, counts.read, counts.read)


async def _keep(part: Sequence[Row], layout: FileLayout, seen: _Seen) -> list[Outcome]:
    """What becomes of the rows of one part: the good ones are kept, a row that came before is told."""
    outcomes: dict[int, Outcome] = {row.line: refused([row.trouble]) for row in part if row.trouble is not None}
    repeated: list[tuple[Row, tuple[str, ...]]] = []
    fresh: list[tuple[Row, tuple[str, ...]]] = []
    for row in part:
        if row.trouble is not None:
            continue
        key = tuple(row.cells[column] for column in layout.key)
        if not all(key) or not key:
            fresh.append((row, ()))
        elif key not in seen.rows:
            seen.rows[key] = (_digest(row), None)
            fresh.append((row, key))
        elif seen.rows[key][0] == _digest(row):
            repeated.append((row, key))
        else:
            outcomes[row.line] = refused([_taken(row, layout)])
    for (row, key), outcome in zip(fresh, await layout.keep([row for row, _ in fresh]), strict=True):
        outcomes[row.line] = outcome
        if key:
            seen.rows[key] = (seen.rows[key][0], outcome)
    for row, key in repeated:
        outcomes[row.line] = _repeated(seen.rows[key][1])
    return [outcomes[row.line] for row in part]


def _repeated(first: Outcome | None) -> Outcome:
    """What becomes of a row that is the same as an earlier one: as it, and where that was kept, a warning."""
    if first is None or first.verdict in (Verdict.UNCHANGED, Verdict.REFUSED):
        return first or Outcome(Verdict.UNCHANGED)
    return Outcome(Verdict.WARNED, [Finding(kinds.DUPLICATE_ROW, "")])


def _taken(row: Row, layout: FileLayout) -> Finding:
    return Finding(kinds.DUPLICATE_IDENTIFIER, layout.key[0], value=row.cells[layout.key[0]])


def _digest(row: Row) -> bytes:
    return hashlib.blake2b("\0".join(row.cells.values()).encode("utf-8", "replace"), digest_size=12).digest()


def _check_header(source: Source, header: Header, layout: FileLayout, report: Report) -> bool:
    """Note what is wrong with a header; whether a required column is missing."""
    known = {column.name for column in layout.columns}
    findings = []
    for position, (column, written) in enumerate(zip(header.columns, header.written, strict=True)):
        if column in header.columns[:position] and column:
            findings.append(Finding(kinds.REPEATED_COLUMN, written, {"column": written}, written))
        elif column not in known and column:
            findings.append(Finding(kinds.UNKNOWN_COLUMN, written, {"column": written}, written))
    missing = [column.name for column in layout.columns if column.is_required and column.name not in header.columns]
    findings += [Finding(kinds.MISSING_COLUMN, name, {"column": name}) for name in missing]
    report.note(source.name, header.line, findings)
    return bool(missing)


def _layout_of(source: Source, report: Report) -> type[FileLayout] | None:
    """Which file of the format this is: by its name, or else by its columns."""
    if not source.is_text():
        report.files[source.name] = FileCounts()
        report.note(source.name, 1, [Finding(kinds.NOT_A_TEXT_FILE, "")])
        return None
    named = {layout.stem: layout for layout in IN_ORDER}.get(column_name(source.stem))
    found = named or _layout_with_columns_of(source)
    if found is None:
        report.files[source.name] = FileCounts()
        report.note(source.name, 1, [Finding(kinds.UNKNOWN_FILE, "")])
    return found


def _layout_with_columns_of(source: Source) -> type[FileLayout] | None:
    with Lines(source.open()) as lines:
        header = read_header(lines, KNOWN_COLUMNS)
    columns = set(header.columns) if header else set()
    fitting = [
        layout for layout in IN_ORDER if all(column.name in columns for column in layout.columns if column.is_required)
    ]
    return max(fitting, key=lambda layout: sum(column.name in columns for column in layout.columns), default=None)


def _sorted(sources: Iterable[Source]) -> list[Source]:
    return sorted(sources, key=lambda source: source.name)


def _parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while part := list(islice(rows, ROWS_A_PART)):
        yield part
