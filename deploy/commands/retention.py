"""`vernissage retention`: what has outlived its time in each service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json, table
from deploy.databases import sessions_of
from deploy.running import Surroundings, find_surroundings
from shared.retention import count_outlived, let_outlived_go
from shared.travel.topics import SERVICES, Service

COLUMNS = {"service": "Service", "kind": "What", "count": "How many"}

OutlivedCounts = Mapping[Service, Mapping[str, int]]


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count, and change nothing.")] = False,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Let go of what has outlived its time in each service, now; its worker does so once a day.

    People without contact for long are told, and erased 30 days later; notes lose their words; records of runs, links,
    messages and more go after a time of their own. The times are settings of the services. Only counts are shown.
    """
    counts = asyncio.run(_let_go(find_surroundings(data), dry_run=dry_run))
    if as_json:
        show_json({"dry_run": dry_run, "counts": counts})
        return
    rows = [
        {"service": service, "kind": kind, "count": count}
        for service in counts
        for kind, count in counts[service].items()
    ]
    Console().print(table("What has outlived its time" if dry_run else "What went", COLUMNS, rows))


async def _let_go(surroundings: Surroundings, *, dry_run: bool) -> OutlivedCounts:
    # Only here, and not with every command: it brings the services' libraries with it.
    from deploy.kept import kept_by  # noqa: PLC0415

    counts: dict[Service, Mapping[str, int]] = {}
    now = datetime.now(UTC)
    for service in SERVICES:
        settings = surroundings.settings[service]
        async with sessions_of(settings) as sessions:
            act = count_outlived if dry_run else let_outlived_go
            counts[service] = await act(sessions, kept_by(settings), now=now)
    return counts
