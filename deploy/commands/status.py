"""`vernissage status`: how far events have travelled, what died, and the last runs."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console

from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json, table
from deploy.databases import transaction_of
from deploy.running import Surroundings, find_surroundings
from deploy.travel import Travel, travel_of
from shared.travel.topics import TOPICS

if TYPE_CHECKING:
    from services.matching.repository.runs import Run

LAST_RUNS = 10

TOPIC_COLUMNS = {
    "topic": "Topic",
    "service": "Consumer",
    "applied": "Applied",
    "lag": "Waiting",
    "dead": "Dead letters",
}
OUTBOX_COLUMNS = {"service": "Service", "waiting": "Not sent yet", "age": "Oldest (s)", "published": "Sent"}
RUN_COLUMNS = {
    "meetup": "Meetup",
    "reason": "Reason",
    "status": "Status",
    "step": "Step",
    "queued_at": "Asked",
    "seconds": "Seconds",
}


def status(data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """Show what waits: events not sent yet and their age, lag by consumer, dead letters, the last pairing runs."""
    found = asyncio.run(_look(find_surroundings(data)))
    if as_json:
        show_json(found)
        return
    console = Console()
    if found["broker"]:
        console.print(f"{found['broker']}, {found['database']}")
    console.print(table("Outboxes", OUTBOX_COLUMNS, found["outboxes"]))
    console.print(table("Consumers", TOPIC_COLUMNS, found["consumers"]))
    if found["runs"]:
        console.print(table("Last runs", RUN_COLUMNS, found["runs"]))
    else:
        console.print("No pairing was asked for yet.")


async def _look(surroundings: Surroundings) -> dict[str, Any]:
    # Only here, and not with every command: it brings scientific libraries with it.
    from services.matching.repository import runs  # noqa: PLC0415

    async with transaction_of(surroundings.settings["matching"]) as session:
        latest = await runs.latest(session, LAST_RUNS)
    travel = await travel_of(surroundings)
    stack = surroundings.stack
    return {
        "broker": stack.broker if stack else None,
        "database": stack.database if stack else None,
        "outboxes": _outboxes(travel),
        "consumers": _consumers(travel),
        "runs": [_run(each) for each in latest],
    }


def _outboxes(travel: Travel) -> list[dict[str, Any]]:
    return [
        {
            "service": service,
            "waiting": each.outbox_depth,
            "age": each.outbox_age,
            "published": sum(each.published.values()),
        }
        for service, each in travel.items()
    ]


def _consumers(travel: Travel) -> list[dict[str, Any]]:
    return [
        {
            "topic": topic.full_name(),
            "service": service,
            "applied": travel[service].applied.get(topic.name, 0),
            "lag": travel[service].lag.get(topic.name, 0),
            "dead": travel[service].dead_letters_open.get(topic.name, 0),
        }
        for topic in TOPICS
        for service in topic.consumers
    ]


def _run(run: Run) -> dict[str, Any]:
    return {
        "meetup": str(run.meetup_id),
        "run": str(run.id),
        "reason": run.reason,
        "status": run.status,
        "step": run.step,
        "queued_at": f"{run.queued_at.astimezone():%Y-%m-%d %H:%M:%S}",
        "seconds": _seconds(run.queued_at, run.finished_at),
    }


def _seconds(begun: datetime, ended: datetime | None) -> float | None:
    return None if ended is None else (ended - begun).total_seconds()
