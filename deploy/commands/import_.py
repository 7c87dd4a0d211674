"""`vernissage import`: a folder of an agency's exports goes in."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from deploy.clients import OPERATOR, service_client
from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json, table
from deploy.importing import ImportProgress, NothingToImport, import_folder
from deploy.running import find_surroundings
from services.registration.importing.report import Report, as_dict, write

FILE_COLUMNS = {
    "file": "File",
    "read": "Read",
    "accepted": "Accepted",
    "warned": "With a warning",
    "refused": "Refused",
    "unchanged": "Unchanged",
    "seconds": "Seconds",
}
FINDINGS_SHOWN = 20


def import_command(
    folder: Annotated[Path, typer.Argument(help="The folder of CSV files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would become of each row.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write report.csv, which opens in a spreadsheet, and report.json here."),
    ] = None,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Import a folder of CSV exports: row by row accepted, accepted with a warning, or refused with the reason.

    One bad row never blocks its neighbours; the same folder again changes nothing. The exit code is 6 where rows were
    refused.
    """
    surroundings = find_surroundings(data)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)
    ) as bars:

        async def run() -> Report:
            async with service_client(surroundings, "registration", OPERATOR) as registration:
                return await import_folder(registration, folder, dry_run=dry_run, progress=_bars(bars))

        try:
            done = asyncio.run(run())
        except NothingToImport as error:
            raise CommandFailed(str(error), ExitCode.REFUSED) from error
    if report is not None:
        write(done, report)
    if as_json:
        show_json(as_dict(done))
    else:
        _show(done, dry_run=dry_run)
    if any(counts.refused for counts in done.files.values()):
        raise typer.Exit(ExitCode.ROWS_REFUSED)


def _bars(bars: Progress) -> ImportProgress:
    tasks: dict[str, Any] = {}

    def tell(file: str, done: int, total: int) -> None:
        if file not in tasks:
            tasks[file] = bars.add_task(file, total=total)
        bars.update(tasks[file], completed=done, total=total)

    return tell


def _show(done: Report, *, dry_run: bool) -> None:
    console = Console()
    title = "What an import would do (nothing was changed)" if dry_run else "Imported"
    console.print(table(title, FILE_COLUMNS, [{"file": name, **asdict(each)} for name, each in done.files.items()]))
    findings = sorted(done.findings, key=lambda finding: finding.severity != "refused")
    for finding in findings[:FINDINGS_SHOWN]:
        where = f"{finding.severity:<8} {finding.file}, line {finding.line}, {finding.column}"
        console.print(f"{where}: {finding.message}", markup=False, highlight=False, soft_wrap=True)
    if len(findings) > FINDINGS_SHOWN:
        console.print(f"… and {len(findings) - FINDINGS_SHOWN} more: --report FOLDER writes them all.")
