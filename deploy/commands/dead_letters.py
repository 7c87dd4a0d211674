"""`vernissage dead-letters`: events that a service could not apply, and what to do with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.replay import named_topic
from deploy.commands.showing import show, show_json
from deploy.databases import sessions_of
from deploy.running import Surroundings, find_surroundings
from shared.database import Sessions, unit_of_work
from shared.travel.dead_letters import DeadLetter, drop, list_open
from shared.travel.inbox import retry_dead_letter
from shared.travel.topics import SERVICES, Service

dead_letters = typer.Typer(
    help="Events that a service could not apply: list them, try them again, or drop them.", no_args_is_help=True
)

COLUMNS = {
    "id": "Letter",
    "service": "Service",
    "topic": "Topic",
    "type": "Event",
    "error": "Error",
    "died_at": "Since",
    "partition": "Partition",
    "offset": "Offset",
}

Ids = Annotated[list[UUID] | None, typer.Argument(metavar="LETTER…", help="Which ones: see “dead-letters list”.")]
All = Annotated[bool, typer.Option("--all", help="All that are open, of the topic that --topic names.")]
OfTopic = Annotated[str | None, typer.Option("--topic", help="Only those of this topic.")]


@dataclass(frozen=True)
class Held:
    """An open dead letter and the service that holds it."""

    service: Service
    letter: DeadLetter
    sessions: Sessions


@dead_letters.command("list")
def list_command(topic: OfTopic = None, data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """List the open dead letters: where each was, and the kind of error it met. Never what it says."""
    surroundings = find_surroundings(data)

    async def run() -> list[dict[str, object]]:
        return [{"service": held.service, **asdict(held.letter)} async for held in _open(surroundings, topic)]

    show("Dead letters", COLUMNS, asyncio.run(run()), as_json=as_json, empty="No dead letter is open.")


@dead_letters.command()
def retry(
    letters: Ids = None,
    every: All = False,
    topic: OfTopic = None,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Apply dead letters as if they came now. What fails again stays open."""
    surroundings = find_surroundings(data)

    async def run() -> list[dict[str, object]]:
        return [await _retry(held, surroundings) async for held in _chosen(surroundings, letters, every, topic)]

    outcomes = asyncio.run(run())
    columns = {"id": "Letter", "service": "Service", "topic": "Topic", "outcome": "Outcome"}
    show("Retried", columns, outcomes, as_json=as_json, empty="No dead letter was open.")
    if any(outcome["outcome"] != "applied" for outcome in outcomes):
        raise typer.Exit(ExitCode.FAILED)


@dead_letters.command("drop")
def drop_command(
    letters: Ids = None,
    every: All = False,
    topic: OfTopic = None,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Settle dead letters without applying them. They stay in the table, marked as dropped."""
    surroundings = find_surroundings(data)

    async def run() -> int:
        count = 0
        async for held in _chosen(surroundings, letters, every, topic):
            async with unit_of_work(held.sessions) as session:
                count += await drop(session, [held.letter.id], now=datetime.now(UTC))
        return count

    count = asyncio.run(run())
    if as_json:
        show_json({"dropped": count})
    else:
        typer.echo(f"{count} dead {'letter was' if count == 1 else 'letters were'} dropped.")


async def _retry(held: Held, surroundings: Surroundings) -> dict[str, object]:
    # Only here, and not with every command: it brings the services' scientific libraries with it.
    from deploy.subscribing import subscriptions_of  # noqa: PLC0415

    subscriptions = subscriptions_of(held.service, surroundings.settings[held.service])
    subscription = subscriptions[held.letter.topic]
    try:
        done = await retry_dead_letter(held.sessions, subscription, held.letter.id, now=datetime.now(UTC))
        outcome = "applied" if done else "settled by somebody else"
    except Exception as error:
        # Its text may quote a person; the kind is what an operator needs.
        outcome = f"failed again ({type(error).__name__})"
    return {"id": held.letter.id, "service": held.service, "topic": held.letter.topic, "outcome": outcome}


async def _chosen(
    surroundings: Surroundings, ids: Sequence[UUID] | None, every: bool, topic: str | None
) -> AsyncIterator[Held]:
    if bool(ids) == every:
        raise CommandFailed("Name the letters, or say --all (with --topic if you like).", ExitCode.REFUSED)
    wanted = set(ids or ())
    async for held in _open(surroundings, topic):
        if every or held.letter.id in wanted:
            wanted.discard(held.letter.id)
            yield held
    if wanted:
        names = ", ".join(str(each) for each in sorted(wanted))
        raise CommandFailed(f"No open dead letter has this id: {names}.", ExitCode.REFUSED)


async def _open(surroundings: Surroundings, topic: str | None) -> AsyncIterator[Held]:
    chosen = named_topic(topic) if topic else None
    for service in SERVICES:
        async with sessions_of(surroundings.settings[service]) as sessions:
            async with unit_of_work(sessions) as session:
                letters = await list_open(session, chosen)
            for letter in letters:
                yield Held(service, letter, sessions)
