"""An import over HTTP: a folder's files go in, progress comes back line by line, the report last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from deploy.clients.service_client import ServiceClient, ServiceRefused, check
from deploy.import_folder import ExportFolder, look_into
from services.registration.adapters.files.reports import from_dict
from services.registration.domain.import_report import FileCounts, Report

ImportProgress = Callable[[str, int, int], None]
"""Hears of each part: the file, how many of its rows are done, and how many there are."""

ADDRESS = "/api/imports"
ANOTHER_RUNS = "import-running"
PATIENCE = httpx.Timeout(600.0, connect=5.0)
"""An import of a whole region is silent while it commits."""

LONGEST_WAIT = 1800.0
"""Seconds for which an import waits while others run."""

_FORM = 1_000
"""Bytes that the form adds to each file, at most."""


class _AnotherRuns(Exception):
    """Another import is under way; this one may be tried again after some seconds."""

    def __init__(self, seconds: float, refusal: ServiceRefused) -> None:
        super().__init__()
        self.seconds = seconds
        self.refusal = refusal


async def import_folder(
    registration: ServiceClient,
    folder: Path,
    *,
    dry_run: bool = False,
    progress: ImportProgress,
    waiting: Callable[[], None] = lambda: None,
) -> Report:
    """Have registration import the files of `folder`; what became of each row, and of what was left aside.

    While another import runs it waits, and calls ``waiting`` once. Raises `NothingToImport`, `NotAnswering`, or
    `ServiceRefused` where the whole import was.
    """
    inside = look_into(folder)
    _check_size(inside, await registration.get(ADDRESS))
    given_up, has_waited = monotonic() + LONGEST_WAIT, False
    while True:
        try:
            report = await _import(registration, inside, dry_run=dry_run, progress=progress)
        except _AnotherRuns as busy:
            if monotonic() > given_up:
                raise busy.refusal from None
            if not has_waited:
                waiting()
            has_waited = True
            await asyncio.sleep(busy.seconds)
        else:
            return _with_those_aside(report, inside)


def _check_size(inside: ExportFolder, limits: dict[str, Any]) -> None:
    """Refuse before anything is sent what the service would refuse: it cuts the connection of a body too long."""
    most_bytes, most_files = int(limits["limit_bytes"]), int(limits["most_files"])
    if len(inside.files) > most_files:
        sentence = f"Ce dossier contient {len(inside.files)} fichiers ; un import en accepte au plus {most_files}."
        raise ServiceRefused(413, "too-many-files", f"{sentence} Partagez-les entre plusieurs dossiers.")
    size = inside.size + _FORM * len(inside.files)
    if size > most_bytes:
        sentence = (
            f"Ces fichiers font {_in_megabytes(size)} ; un import en accepte au plus {_in_megabytes(most_bytes)}."
        )
        how = (
            "Importez-les en plusieurs fois : d’abord les personnes, les ateliers et les employeurs, puis les "
            "observations, coupées au besoin en plusieurs fichiers qui commencent chacun par la ligne d’en-têtes."
        )
        raise ServiceRefused(413, "too-large", f"{sentence} {how}")


def _in_megabytes(size: int) -> str:
    return f"{size / 1_000_000:.3g}".replace(".", ",") + " Mo"


async def _import(
    registration: ServiceClient, inside: ExportFolder, *, dry_run: bool, progress: ImportProgress
) -> Report:
    try:
        with ExitStack() as files:
            parts = [("files", (path.name, files.enter_context(path.open("rb")))) for path in inside.files]
            async with registration.http.stream(
                "POST", ADDRESS, params={"dry_run": dry_run}, files=parts, timeout=PATIENCE
            ) as response:
                return await _read(response, progress)
    except httpx.TransportError as error:
        raise registration.not_answering() from error


async def _read(response: httpx.Response, progress: ImportProgress) -> Report:
    if not response.is_success:
        await response.aread()
        try:
            check(response)
        except ServiceRefused as refusal:
            if refusal.code == ANOTHER_RUNS:
                raise _AnotherRuns(float(response.headers.get("retry-after", "5")), refusal) from None
            raise
    async for text in response.aiter_lines():
        line: dict[str, Any] = json.loads(text)
        if "report" in line:
            return from_dict(line["report"])
        if "error" in line:
            problem = line["error"]
            raise ServiceRefused(
                int(problem["status"]), str(problem["code"]), f"{problem['title']} – {problem['detail']}"
            )
        progress(line["file"], line["done"], line["total"])
    raise ServiceRefused(
        500, "broken-off", "The import broke off without a report: nothing of it was kept. Try it again."
    )


def _with_those_aside(report: Report, inside: ExportFolder) -> Report:
    return Report(
        files={**report.files, **{found.file: FileCounts() for found in inside.aside}},
        findings=[*report.findings, *inside.aside],
        left_out=report.left_out,
    )
