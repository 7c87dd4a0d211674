"""An import over HTTP: a folder's files go in, how far it is stands under an address, and its report at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from deploy.clients.service_client import ServiceClient, ServiceRefused
from deploy.import_folder import ExportFolder, look_into
from services.registration.adapters.files.reports import from_dict
from services.registration.domain.import_report import FileCounts, Report

HearsProgress = Callable[[str, int, int], None]
"""Hears of each part: the file, how many of its rows are done, and how many there are."""

ADDRESS = "/api/v1/imports"
PATIENCE = httpx.Timeout(600.0, connect=5.0)
"""The files of a whole region take a while to send."""

LOOK_EVERY = 0.5
"""Seconds between two looks at how far an import is."""

ON_ITS_WAY = frozenset({"waiting", "running"})

_FORM = 1_000
"""Bytes that the form adds to each file, at most."""


async def import_folder(
    registration: ServiceClient,
    folder: Path,
    *,
    dry_run: bool = False,
    progress: HearsProgress,
    handed_in: Callable[[UUID], None] = lambda _import_id: None,
) -> Report:
    """Have registration import the files of `folder`; what became of each row, and of what was left aside.

    ``handed_in`` hears the id under which it goes on, whether anybody follows it or not. Raises `NothingToImport`,
    `NotAnswering`, or `ServiceRefused` where the import was refused or did not come to its end.
    """
    inside = look_into(folder)
    _check_size(inside, await registration.get(f"{ADDRESS}/limits"))
    import_id = await _hand_in(registration, inside, dry_run=dry_run)
    handed_in(import_id)
    return _with_those_aside(await follow_import(registration, import_id, progress=progress), inside)


async def follow_import(registration: ServiceClient, import_id: UUID, *, progress: HearsProgress) -> Report:
    """What became of each row of an import that was handed in, once it has ended.

    Raises `NotAnswering`, or `ServiceRefused` where there is no such import or it did not come to its end.
    """
    address = f"{ADDRESS}/{import_id}"
    found = await registration.get(address)
    while True:
        for file in found["files"]:
            progress(file["name"], file["read"], file["known"])
        if found["state"] not in ON_ITS_WAY:
            break
        await asyncio.sleep(LOOK_EVERY)
        found = await registration.get(address)
    if found["state"] == "cancelled":
        raise ServiceRefused(409, "import-cancelled", f"Cet import a été arrêté. {_what_was_kept(found)}")
    if found["failure"] is not None:
        sentence = f"{found['failure']['message']} {_what_was_kept(found)}"
        raise ServiceRefused(409, found["failure"]["code"], sentence)
    return from_dict(await registration.get(f"{address}/report"))


def _what_was_kept(found: dict[str, Any]) -> str:
    return f"{found['rows']['read']} lignes lues, {found['rows']['written']} gardées ; elles le restent."


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


async def _hand_in(registration: ServiceClient, inside: ExportFolder, *, dry_run: bool) -> UUID:
    with ExitStack() as files:
        parts = [("files", (path.name, files.enter_context(path.open("rb")))) for path in inside.files]
        queued = await registration.ask("POST", ADDRESS, params={"dry_run": dry_run}, files=parts, timeout=PATIENCE)
    return UUID(queued["id"])


def _with_those_aside(report: Report, inside: ExportFolder) -> Report:
    return Report(
        files={**report.files, **{found.file: FileCounts() for found in inside.aside}},
        findings=[*report.findings, *inside.aside],
        left_out=report.left_out,
    )
