"""Carries out an import: which file is which, in which order, part by part; what became of each row."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from time import perf_counter

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.choosing_communes import Digits, DigitsOfColumn
from services.registration.adapters.files.ages import age
from services.registration.adapters.files.marked_cells import errors_in
from services.registration.adapters.files.records import MOST_COLUMNS, Header, Row, column_name, read_header, read_rows
from services.registration.adapters.files.sources import MOST_LINES_IN_WORDS, Lines, SourceFile
from services.registration.adapters.files.unpacking import Unpacked, unpacked
from services.registration.domain import file_kinds, kinds
from services.registration.domain.findings import Finding
from services.registration.domain.import_report import FileCounts, Report, Verdict
from services.registration.domain.imports import PLACES, VERDICTS, DonePart, ImportProgress
from services.registration.use_cases.importing.context import Context
from services.registration.use_cases.importing.lists import IN_ORDER, FileLayout, RowOutcome, list_named
from services.registration.use_cases.importing.lists.layout import refused
from shared.moment import Moment
from shared.rights import EVERYTHING, Scope

ROWS_A_PART = 2_000
COMMUNE = "commune"
SORTS = {Digits.POSTAL: "postaux", Digits.INSEE: "INSEE"}
KNOWN_COLUMNS = frozenset(column.name for layout in IN_ORDER for column in layout.columns)


class CarriedOnOtherwise(Exception):
    """What an import should go on behind does not fit its files, so that nobody can say where it was."""


async def import_files(
    session: AsyncSession, sources: Sequence[SourceFile], moment: Moment, *, scope: Scope = EVERYTHING
) -> Report:
    """Import files in whatever order they come, within the caller's transaction."""
    report = Report()
    async with importing(sources, moment, scope, report) as work:
        for part in work.parts():
            await part.keep(session)
    return report


@asynccontextmanager
async def importing(
    sources: Sequence[SourceFile], moment: Moment, scope: Scope, report: Report, done: Sequence[DonePart] = ()
) -> AsyncIterator[Importing]:
    """An import of files in whatever order they come, for as long as the context lasts.

    ``scope`` says whose things it may write. Of several exports of one list the newest counts. ``report`` is added to;
    with ``done`` the import goes on behind these parts, of which the report told.
    """
    async with unpacked(sources) as inside:
        with Context(moment, scope) as context:
            yield Importing(inside, context, report, done)


class ImportPart(ABC):
    """A part of an import, to be worked at in one transaction, after those before it.

    ``done`` is what became of it where it was kept before: then it is only recalled, for the sake of those behind it.
    """

    def __init__(self, work: Importing, file: str) -> None:
        self.work = work
        self.file = file
        self.done = work.next_done(file)

    async def keep(self, session: AsyncSession) -> DonePart:
        """Keep it; what became of it."""
        await self.work.context.begin_part(session)
        before = len(self.work.report.findings)
        verdicts = await self._keep()
        return DonePart(self.file, verdicts, self.work.report.findings[before:])

    async def recall(self, session: AsyncSession, done: DonePart) -> None:
        """Remember what it means for those behind it."""
        await self.work.context.begin_part(session)
        await self._recall(done.verdicts)

    @abstractmethod
    async def _keep(self) -> bytes:
        """Keep it; the verdict of each of its rows."""

    async def _recall(self, _verdicts: bytes) -> None:
        """Remember it: what has no rows is done again, and told nobody."""
        await self._keep()


class Importing:
    """One import, part by part."""

    def __init__(self, inside: Unpacked, context: Context, report: Report, done: Sequence[DonePart]) -> None:
        self.context = context
        self.known: dict[str, int] = {}
        self._inside = inside
        self._report = report
        self._done = deque(done)
        self._recalled: Report | None = None

    @property
    def report(self) -> Report:
        """What is told of the part that is being worked at; of those kept before, it was told already."""
        return self._report if self._recalled is None else self._recalled

    @property
    def progress(self) -> ImportProgress:
        """How far it is."""
        report = self._report
        return ImportProgress(report.files, self.known, list(report.left_out.values()))

    @property
    def rows_next(self) -> int:
        """How many rows the next part has: as many as it had, where it was kept before."""
        return len(self._done[0].verdicts) if self._done else ROWS_A_PART

    def next_done(self, file: str) -> DonePart | None:
        """What became of the part that comes now, where it was kept before. Raises `CarriedOnOtherwise`."""
        if not self._done:
            self._recalled = None
            return None
        self._recalled = self._recalled or Report()
        done = self._done.popleft()
        if done.file != file:
            raise CarriedOnOtherwise
        return done

    def parts(self) -> Iterator[ImportPart]:
        """Its parts, one after the other: each is worked at before the next one is asked for."""
        recognising = _Recognising(self, self._inside)
        yield recognising
        for layout_class in IN_ORDER:
            seen = _Seen()
            for source, its_layout in recognising.found:
                if its_layout is layout_class:
                    yield from self._parts_of(source, layout_class(self.context), seen)
        if self._done:
            raise CarriedOnOtherwise

    def _parts_of(self, source: SourceFile, layout: FileLayout, seen: _Seen) -> Iterator[ImportPart]:
        with source.lines() as lines:
            opening = _Opening(self, source, layout, lines)
            yield opening
            if opening.header is None:
                return
            rows = read_rows(lines, opening.header, frozenset(layout.required()))
            with ThreadPoolExecutor(1, "reading") as reader:
                ahead = reader.submit(list, islice(rows, self.rows_next))
                while some := ahead.result():
                    part = _Rows(self, opening, seen, some)
                    # Read while PostgreSQL writes the part before.
                    ahead = reader.submit(list, islice(rows, self.rows_next))
                    yield part
        self.known[source.name] = self.report.files[source.name].read


class _Recognising(ImportPart):
    """Which list each file is, and what is said of those that are none."""

    def __init__(self, work: Importing, inside: Unpacked) -> None:
        super().__init__(work, "")
        self._inside = inside
        self.found: list[tuple[SourceFile, type[FileLayout] | None]] = []

    async def _keep(self) -> bytes:
        report = self.work.report
        for name, finding in self._inside.aside:
            report.files[name] = FileCounts()
            report.note(name, 1, [finding])
        self.found = [(source, _layout_of(source, report)) for source in _newest_first(self._inside.tables)]
        self.work.known |= {source.name: max(source.writing.lines - 1, 0) for source, layout in self.found if layout}
        return b""


class _Opening(ImportPart):
    """What is said of a file as a whole. ``header`` is `None` where none of its rows can be read."""

    def __init__(self, work: Importing, source: SourceFile, layout: FileLayout, lines: Lines) -> None:
        super().__init__(work, source.name)
        self.source = source
        self.layout = layout
        self.header: Header | None = None
        self.is_missing_columns = False
        self._lines = lines

    async def _keep(self) -> bytes:
        self._open()
        return b""

    def _open(self) -> None:
        source, layout, report = self.source, self.layout, self.work.report
        report.files.setdefault(source.name, FileCounts())
        header = _header_of(self._lines, layout)
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
        self.is_missing_columns = _check_header(source, header, layout, report)
        layout.context.digits = _digits_of_communes(source, header, layout, report)
        self.header = header


class _Rows(ImportPart):
    """Some rows of a file."""

    def __init__(self, work: Importing, opening: _Opening, seen: _Seen, rows: Sequence[Row]) -> None:
        super().__init__(work, opening.file)
        self._opening = opening
        self._seen = seen
        self._rows = rows

    async def _keep(self) -> bytes:
        began = perf_counter()
        layout, report, header = self._opening.layout, self.work.report, self._opening.header
        counts = report.files[self.file]
        if self._opening.is_missing_columns:
            outcomes = [refused(())] * len(self._rows)
        else:
            outcomes = await _keep(self._rows, self.file, layout, self._seen)
        for verdict, rows in Counter(outcome.verdict for outcome in outcomes).items():
            counts.count(verdict, rows)
        for row, outcome in zip(self._rows, outcomes, strict=True):
            report.note(self.file, row.line, outcome.findings)
            unplaced = layout.context.findings_of_agency(row.cells, layout.agency_column)
            report.note(self.file, header.line if header else 1, unplaced)
        counts.seconds = round(counts.seconds + perf_counter() - began, 3)
        return bytes(PLACES[outcome.verdict] for outcome in outcomes)

    async def _recall(self, verdicts: bytes) -> None:
        if len(verdicts) != len(self._rows):
            raise CarriedOnOtherwise
        self.work.report.files[self.file].read += len(self._rows)
        if not self._opening.is_missing_columns:
            whole = [row for row in self._rows if row.trouble is None]
            became = {row.line: VERDICTS[verdict] for row, verdict in zip(self._rows, verdicts, strict=True)}
            await _recall(whole, became, self.file, self._opening.layout, self._seen)


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


async def _recall(
    part: Sequence[Row], became: Mapping[int, Verdict], file: str, layout: FileLayout, seen: _Seen
) -> None:
    """Remember rows that were kept before: under which keys they came, and what became of each."""
    for row in part:
        key = tuple(row.cells[column] for column in layout.key)
        if key and all(key) and key not in seen.rows and not _not_computed(row, layout):
            seen.rows[key] = _First(file, _digest(row), RowOutcome(became[row.line]))
    await layout.recall([row for row in part if became[row.line] is not Verdict.REFUSED], became)


def _not_computed(row: Row, layout: FileLayout) -> list[Finding]:
    """The errors that a spreadsheet has left in a row: what should stand there nobody knows."""
    errors = errors_in(row.cells)
    return [
        Finding(file_kinds.SPREADSHEET_ERROR, column.name, value=row.cells[column.name])
        for column in (layout.columns if errors else ())
        if column.name in errors
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
