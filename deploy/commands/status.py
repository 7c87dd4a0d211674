"""`vernissage status`: how far events have travelled, who stands still or is unwell, and the last runs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer
from rich.console import Console

from deploy.commands.ending import ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json, table
from deploy.databases import DatabaseSilent, transaction_of
from deploy.health import troubles_of
from deploy.running import Surroundings, find_surroundings
from deploy.travel_status import Travel, travel_of
from shared.travel.gaps import gaps_in_words
from shared.travel.topics import TOPICS

if TYPE_CHECKING:
    from services.matching.repository.runs import Run

LAST_RUNS = 10

TOPIC_COLUMNS = {
    "name": "Topic",
    "service": "Consumer",
    "applied": "Applied",
    "lag": "Waiting",
    "missing": "Missing",
    "dead": "Dead",
    "parked": "Parked",
}
OUTBOX_COLUMNS = {"service": "Service", "waiting": "Not sent yet", "age": "Oldest (s)", "published": "Sent"}
RUN_COLUMNS = {
    "name": "Meetup",
    "reason": "Reason",
    "state": "State",
    "queued_at": "Asked",
    "seconds": "Seconds",
}


def status(data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """Show what waits, what died, who stands still, which process is unwell, and the last pairing runs.

    What does not answer is said, and the rest is shown all the same. The exit code is 4 where Kafka or a database does
    not answer, 1 where a consumer stands still, misses events, or a process is unwell, else 0.
    """
    found = asyncio.run(_look(find_surroundings(data)))
    if as_json:
        show_json(found)
    else:
        _show(found, Console())
    if found["silent"]:
        raise typer.Exit(ExitCode.NOBODY_ANSWERS)
    if advice(found):
        raise typer.Exit(ExitCode.FAILED)


def advice(found: Mapping[str, Any]) -> list[str]:
    """A sentence for each thing that is wrong and the way on."""
    stopped = [
        f"{stop['service']} stands still on {stop['topic']} at partition {stop['partition']}, offset {stop['offset']} "
        f"({stop['error']}). Way on: “vernissage dead-letters bury {stop['topic']}”, or “vernissage dead-letters skip "
        f"{stop['topic']} --partition {stop['partition']} --offset {stop['offset']}”."
        for stop in found["stops"]
    ]
    missing = [
        f"{each['missing']} events of {each['topic']} never reached {each['service']}: "
        f"“vernissage replay {each['topic']}” sends again what is kept, and applies nothing twice."
        for each in found["consumers"]
        if each["missing"]
    ]
    gaps = [
        sentence
        for service in dict.fromkeys(gap["service"] for gap in found["gaps"])
        for sentence in gaps_in_words(
            service, [(gap["topic"], gap["partition"]) for gap in found["gaps"] if gap["service"] == service]
        )
    ]
    unwell = [
        f"{_listed(processes)} {'is' if len(processes) == 1 else 'are'} unwell: {_listed(parts)} {trouble}."
        for (parts, trouble), processes in _alike(found["troubles"]).items()
    ]
    return [*stopped, *missing, *gaps, *unwell]


def _alike(troubles: Mapping[str, Mapping[str, str]]) -> dict[tuple[tuple[str, ...], str], list[str]]:
    """The processes that say the same of the same parts: what is wrong with Kafka is wrong for all of them."""
    found: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for process, parts in troubles.items():
        for trouble in dict.fromkeys(parts.values()):
            alike = tuple(part for part, said in parts.items() if said == trouble)
            found.setdefault((alike, trouble), []).append(process)
    return found


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _show(found: Mapping[str, Any], console: Console) -> None:
    if found["broker"]:
        console.print(f"{found['broker']}, {found['database']}")
    for sentence in found["silent"]:
        console.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    for sentence in advice(found):
        console.print(sentence, style="yellow", markup=False, highlight=False, soft_wrap=True)
    console.print(table("Outboxes", OUTBOX_COLUMNS, found["outboxes"]))
    console.print(table("Consumers", TOPIC_COLUMNS, found["consumers"]))
    if found["runs"]:
        console.print(table("Last runs", RUN_COLUMNS, found["runs"]))
    else:
        console.print("No pairing was asked for yet.")


async def _look(surroundings: Surroundings) -> dict[str, Any]:
    travel = await travel_of(surroundings)
    stack = surroundings.stack
    return {
        "broker": stack.broker if stack else None,
        "database": stack.database if stack else None,
        "silent": list(travel.silent),
        "stops": _stops(travel),
        "gaps": [{"service": service, **asdict(gap)} for service, known in travel.known.items() for gap in known.gaps],
        "troubles": await troubles_of(surroundings.settings) if stack else {},
        "outboxes": _outboxes(travel),
        "consumers": _consumers(travel),
        "runs": await _runs(surroundings),
    }


def _stops(travel: Travel) -> list[dict[str, Any]]:
    return [
        {
            "service": service,
            "topic": stop.topic,
            "partition": stop.partition,
            "offset": stop.offset,
            "error": stop.error,
            "since": stop.stopped_at,
        }
        for service, known in travel.known.items()
        for stop in known.stops
    ]


def _outboxes(travel: Travel) -> list[dict[str, Any]]:
    return [
        {
            "service": service,
            "waiting": known.outbox_depth,
            "age": known.outbox_age,
            "published": sum(known.counts.published.values()),
        }
        for service, known in travel.known.items()
    ]


def _consumers(travel: Travel) -> list[dict[str, Any]]:
    return [
        {
            "topic": topic.full_name(),
            "name": topic.name,
            "service": service,
            "applied": travel.known[service].counts.applied.get(topic.name, 0),
            "lag": travel.lags[service].get(topic.name, 0) if travel.lags is not None else None,
            "missing": travel.missing(topic, service),
            "dead": travel.known[service].counts.dead.get(topic.name, 0),
            "parked": travel.known[service].parked.get(topic.name, 0),
        }
        for topic in TOPICS
        for service in topic.consumers
        if service in travel.known
    ]


async def _runs(surroundings: Surroundings) -> list[dict[str, Any]]:
    # Only here, and not with every command: it brings scientific libraries with it.
    from services.matching.repository import runs  # noqa: PLC0415

    try:
        async with transaction_of(surroundings.settings["matching"]) as session:
            latest = await runs.latest(session, LAST_RUNS)
    except DatabaseSilent:
        return []
    names = await _names_of({run.meetup_id for run in latest}, surroundings)
    return [_run(each, names) for each in latest]


async def _names_of(meetups: Collection[UUID], surroundings: Surroundings) -> Mapping[UUID, str]:
    """What people call the meetups, and their day; nothing where registration's database does not answer."""
    from sqlalchemy import select  # noqa: PLC0415

    from services.registration.tables import MeetupRow  # noqa: PLC0415
    from shared.sql import among, run, table_of  # noqa: PLC0415

    known = table_of(MeetupRow).c
    named = select(known.id, known.title, known.starts_at).where(among(known.id, meetups))
    try:
        async with transaction_of(surroundings.settings["registration"]) as session:
            rows = await run(session, named)
            return {row.id: f"{row.title} ({row.starts_at.astimezone():%d/%m/%Y})" for row in rows}
    except DatabaseSilent:
        return {}


def _run(run: Run, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "meetup": str(run.meetup_id),
        "name": names.get(run.meetup_id, str(run.meetup_id)),
        "run": str(run.id),
        "reason": run.reason,
        "status": run.status,
        "step": run.step,
        "state": run.step if run.status == "running" else run.status,
        "queued_at": f"{run.queued_at.astimezone():%d/%m %H:%M}",
        "seconds": _seconds(run.queued_at, run.finished_at),
    }


def _seconds(begun: datetime, ended: datetime | None) -> float | None:
    return None if ended is None else (ended - begun).total_seconds()
