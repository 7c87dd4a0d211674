"""`vernissage import`: an agency's exports go in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from deploy.clients.import_client import HearsProgress, follow_import, import_folder
from deploy.clients.service_client import OPERATOR, service_client
from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json, table
from deploy.import_folder import NothingToImport
from deploy.running import find_surroundings
from services.registration.adapters.files.reports import as_dict, write
from services.registration.domain.import_report import FoundInFile, Report
from services.registration.use_cases.importing.templates import GUIDE, AlreadyThere, write_template
from shared.web.typography import number_in_words

FILE_COLUMNS = {
    "file": "Fichier",
    "read": "Lues",
    "accepted": "Acceptées",
    "warned": "À vérifier",
    "refused": "Refusées",
    "unchanged": "Inchangées",
    "seconds": "s",
}
SEVERITIES = {"refused": "refusé", "warning": "à vérifier"}
LINES_SHOWN, SHOWN_OF_A_KIND = 60, 5
WIDEST_TABLE = 200


def import_command(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="PATH", help="A folder of exports (CSV, .xlsx, .ods, .zip), or one such file.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would become of each row.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write report.csv, which opens in a spreadsheet, and report.json here."),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Import nothing: write every file of the format here, with examples."),
    ] = None,
    data: DataFolder = DATA,
    follow: Annotated[
        UUID | None,
        typer.Option(metavar="ID", help="Import nothing new: follow an import that was handed in.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import exports: row by row accepted, accepted with a warning, or refused with the reason.

    One bad row never blocks its neighbours; the same again changes nothing. Imports wait their turn, and go on though
    this command is interrupted: it says how to follow them. The exit code is 6 where rows or whole files were refused.
    """
    if template is not None:
        _write_template(template)
        return
    wanted = follow or folder
    if wanted is None:
        raise typer.BadParameter("name what to import, --follow ID, or --template FOLDER to begin with")
    surroundings = find_surroundings(data)
    console = Console(stderr=True)
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console) as bars:
        following = _Following(console, follow)

        async def run() -> Report:
            async with service_client(surroundings, "registration", OPERATOR) as registration:
                if isinstance(wanted, UUID):
                    return await follow_import(registration, wanted, progress=_bars(bars))
                return await import_folder(
                    registration, wanted, dry_run=dry_run, progress=_bars(bars), handed_in=following.begin
                )

        try:
            done = asyncio.run(run())
        except NothingToImport as error:
            raise CommandFailed(str(error), ExitCode.REFUSED) from error
        except KeyboardInterrupt:
            following.say_how()
            raise
    if report is not None:
        write(done, report)
    if as_json:
        show_json(as_dict(done))
    else:
        _show(done, dry_run=dry_run)
    if any(counts.refused for counts in done.files.values()) or any(map(_is_refusal, done.findings)):
        raise typer.Exit(ExitCode.ROWS_REFUSED)


class _Following:
    """Knows under which id an import goes on."""

    def __init__(self, console: Console, import_id: UUID | None) -> None:
        self._console = console
        self._id = import_id

    def begin(self, import_id: UUID) -> None:
        """It was handed in under this id."""
        self._id = import_id

    def say_how(self) -> None:
        """Say how to follow it from here on."""
        if self._id is not None:
            self._console.print(f"L’import continue. Pour le suivre : vernissage import --follow {self._id}")


def _write_template(folder: Path) -> None:
    try:
        written = write_template(folder)
    except AlreadyThere as error:
        raise CommandFailed(f"{error} is there already: name another folder.", ExitCode.REFUSED) from error
    except OSError as error:
        raise CommandFailed(f"{folder} cannot be written: {error.strerror}.", ExitCode.REFUSED) from error
    typer.echo(f"{len(written)} files are in {folder}: begin with {GUIDE}")


def _bars(bars: Progress) -> HearsProgress:
    tasks: dict[str, Any] = {}

    def tell(file: str, done: int, total: int) -> None:
        if file not in tasks:
            tasks[file] = bars.add_task(file, total=total)
        bars.update(tasks[file], completed=done, total=total)

    return tell


def _show(done: Report, *, dry_run: bool) -> None:
    console = Console(soft_wrap=True)
    title = "Ce que ferait un import (rien n’a été changé)" if dry_run else "Import"
    files = table(title, FILE_COLUMNS, [{"file": name, **asdict(each)} for name, each in done.files.items()])
    # Wider than a narrow terminal where it must be: a name broken into pieces is no longer a name.
    Console(width=WIDEST_TABLE).print(files)
    lines = list(told(done))
    for line in lines[:LINES_SHOWN]:
        console.print(line, markup=False, highlight=False)
    if len(lines) > LINES_SHOWN or any(len(group) > SHOWN_OF_A_KIND for group in _groups(done)):
        console.print("--report DOSSIER écrit tout cela dans un tableau.", markup=False, highlight=False)


def _groups(done: Report) -> list[list[FoundInFile]]:
    """The findings by file and kind, those that refused something first."""
    groups: dict[tuple[bool, str, str], list[FoundInFile]] = {}
    for finding in done.findings:
        groups.setdefault((not _is_refusal(finding), finding.file, finding.code), []).append(finding)
    return [groups[key] for key in sorted(groups, key=lambda key: key[0])]


def told(done: Report) -> Iterator[str]:
    """What was found, a line each: of every kind a few examples, and how many more there are."""
    for group in _groups(done):
        yield from map(_sentence, group[:SHOWN_OF_A_KIND])
        left = done.left_out.get((group[0].file, group[0].code))
        more = len(group) - SHOWN_OF_A_KIND + (left.findings if left else 0)
        if more > 0:
            yield f"  … et {number_in_words(more, 'fr')} de plus dans {group[0].file} : {group[0].code}"


def _sentence(finding: FoundInFile) -> str:
    """What was found, where, and what stood there: whoever reads it should not have to open the file first."""
    where = [f"{SEVERITIES[finding.severity]} : {finding.file}"]
    if finding.column or finding.line > 1:
        where.append(f"ligne {finding.line}")
    if finding.column:
        where.append(finding.column)
    value = f" « {finding.value} »" if finding.value else ""
    return f"{', '.join(where)}{value} – {finding.message}"


def _is_refusal(finding: FoundInFile) -> bool:
    return finding.severity == "refused"
