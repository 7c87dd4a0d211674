"""An import over HTTP: a folder's CSV files go in, progress comes back line by line, the report last."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from deploy.clients import Refused, ServiceClient, check
from services.registration.importing.report import Report, from_dict

ImportProgress = Callable[[str, int, int], None]
"""Hears of each part: the file, how many of its rows are done, and how many there are."""

PATIENCE = httpx.Timeout(600.0, connect=5.0)
"""An import of a whole region is silent while it commits."""


class NothingToImport(Exception):
    """A folder holds no CSV file; `str(error)` can be shown as it is."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"The folder {folder} holds no CSV file: name the folder of an export.")


async def import_folder(
    registration: ServiceClient, folder: Path, *, dry_run: bool = False, progress: ImportProgress
) -> Report:
    """Have registration import the CSV files of `folder`; what became of each row.

    Raises `NothingToImport`, `NotAnswering`, or `Refused` where the whole import was.
    """
    paths = csv_files(folder)
    try:
        with ExitStack() as files:
            parts = [("files", (path.name, files.enter_context(path.open("rb")), "text/csv")) for path in paths]
            async with registration.http.stream(
                "POST", "/api/imports", params={"dry_run": dry_run}, files=parts, timeout=PATIENCE
            ) as response:
                return await _read(response, progress)
    except httpx.TransportError as error:
        raise registration.not_answering() from error


def csv_files(folder: Path) -> list[Path]:
    """The CSV files of a folder, by name. Raises `NothingToImport` where there is none."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv") if folder.is_dir() else []
    if not paths:
        raise NothingToImport(folder)
    return paths


async def _read(response: httpx.Response, progress: ImportProgress) -> Report:
    if not response.is_success:
        await response.aread()
        check(response)
    async for text in response.aiter_lines():
        line: dict[str, Any] = json.loads(text)
        if "report" in line:
            return from_dict(line["report"])
        if "error" in line:
            problem = line["error"]
            raise Refused(int(problem["status"]), str(problem["code"]), f"{problem['title']} – {problem['detail']}")
        progress(line["file"], line["done"], line["total"])
    raise Refused(500, "broken-off", "The import broke off without a report: nothing of it was kept. Try it again.")
