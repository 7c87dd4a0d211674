"""`vernissage dead-letters`: events that a service could not apply, and what to do with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.replay import named_topic
from deploy.commands.showing import show_json
from deploy.databases import sessions_of, transaction_of
from deploy.running import Surroundings, find_surroundings
from shared.database import Sessions, unit_of_work
from shared.travel.dead_letters import DeadLetter, drop, list_open, list_parked
from shared.travel.inbox import retry_dead_letter
from shared.travel.stops import bury, list_stops, skip
from shared.travel.topics import SERVICES, Service, Topic, topic_named

Given = ParamSpec("Given")
Returned = TypeVar("Returned")

APPLIED = "applied"
FAILED_AGAIN = "failed again"

dead_letters = typer.Typer(
    help="Events that a service could not apply: list them, try them again, drop them, or let a consumer go on.",
    no_args_is_help=True,
)

Ids = Annotated[list[UUID] | None, typer.Argument(metavar="LETTER…", help="Which ones: see “dead-letters list”.")]
All = Annotated[bool, typer.Option("--all", help="All that are open, of the topic that --topic names.")]
OneTopic = Annotated[str, typer.Argument(help="Its short or full name: see “vernissage topics”.")]
OfService = Annotated[str | None, typer.Option("--service", help="Only this service's consumer of the topic.")]
OfTopic = Annotated[str | None, typer.Option("--topic", help="Only those of this topic.")]


@dataclass(frozen=True)
class Held:
    """An open dead letter and the service that holds it."""

    service: Service
    letter: DeadLetter
    sessions: Sessions


@dead_letters.command("list")
def list_command(topic: OfTopic = None, data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """List the open dead letters: where each was, and the kind of error it met. Never what it says.

    Apart from them stands what is parked: events of a newer version, which are applied once this one is newer too.
    """
    surroundings = find_surroundings(data)

    async def run() -> list[dict[str, Any]]:
        return [
            {"service": held.service, **asdict(held.letter), "parked": list_ is list_parked}
            for list_ in (list_open, list_parked)
            async for held in _held(surroundings, topic, list_)
        ]

    rows = asyncio.run(run())
    if as_json:
        show_json(rows)
        return
    dead, parked = ([row for row in rows if row["parked"] is is_parked] for is_parked in (False, True))
    typer.echo(_listed("Dead letters", dead) if dead else "No dead letter is open.")
    if parked:
        typer.echo(_listed("Parked until this version is newer", parked))


@dead_letters.command("bury")
def bury_command(topic: OneTopic, service: OfService = None, data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """Let a consumer that stands still go on: what stands in its way goes to the dead letters."""
    chosen = named_topic(topic)
    surroundings = find_surroundings(data)

    async def run() -> list[Service]:
        return [each for each in _consumers(chosen, service) if await _with_session(surroundings, each, bury, chosen)]

    moved = asyncio.run(run())
    if not moved:
        raise CommandFailed(f"No consumer stands still on {chosen.name}: see “vernissage status”.", ExitCode.REFUSED)
    if as_json:
        show_json({"topic": chosen.name, "services": moved})
    else:
        typer.echo(
            f"{_all_of(moved, 'goes', 'go')} on with {chosen.name} in a moment; what stood in the way is then in "
            "“vernissage dead-letters list”."
        )


@dead_letters.command("skip")
def skip_command(
    topic: OneTopic,
    partition: Annotated[int, typer.Option(min=0, help="The partition of the message: see “vernissage status”.")],
    offset: Annotated[int, typer.Option(min=0, help="Its offset there.")],
    service: OfService = None,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Let a consumer pass one message over, unread; it is kept as a dead letter that was dropped.

    Without --service it is said to the consumers that stand still there, or to the only one that the topic has.
    """
    chosen = named_topic(topic)
    surroundings = find_surroundings(data)

    async def run() -> list[Service]:
        told = await _who_is_to_skip(surroundings, chosen, (partition, offset), service)
        for each in told:
            await _with_session(surroundings, each, skip, chosen, partition, offset)
        return told

    told = asyncio.run(run())
    if as_json:
        show_json({"topic": chosen.name, "partition": partition, "offset": offset, "services": told})
    else:
        typer.echo(f"{_all_of(told, 'passes', 'pass')} over partition {partition}, offset {offset} of {chosen.name}.")


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

    async def run() -> list[dict[str, Any]]:
        return [await _retry(held, surroundings) async for held in _chosen(surroundings, letters, every, topic)]

    outcomes = asyncio.run(run())
    if as_json:
        show_json(outcomes)
    else:
        typer.echo(retried_in_words(outcomes))
    if any(outcome["outcome"] != APPLIED for outcome in outcomes):
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


def _listed(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Letters below each other, three lines each: an id must stay in one piece to be copied."""
    lines = [title]
    for row in rows:
        lines += [
            "",
            str(row["id"]),
            f"  {row['type'] or 'no known event'}: {row['error']}, {row['died_at'].astimezone():%d/%m/%Y %H:%M}",
            f"  heard by {row['service']}, on {row['topic']}, partition {row['partition']}, offset {row['offset']}",
        ]
    return "\n".join(lines)


def retried_in_words(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """How many letters of a kind came to what, and what to do; ids of those alone that have to be named next."""
    if not outcomes:
        return "No dead letter was open."
    alike: dict[tuple[str, ...], list[str]] = {}
    for each in outcomes:
        kind = each["outcome"], each["type"] or "no known event", each["service"], each["topic"]
        alike.setdefault(kind, []).append(str(each["id"]))
    lines = ["Retried"]
    for (outcome, type_, service, topic), ids in alike.items():
        lines += ["", f"{len(ids)} {outcome}: {type_}", f"  heard by {service}, on {topic}"]
        lines += [f"  {id_}" for id_ in ids if outcome.startswith(FAILED_AGAIN)]
    if any(outcome.startswith(FAILED_AGAIN) for outcome, *_ in alike):
        lines += [
            "",
            "What failed again stays open: retry once its cause is mended, or “vernissage dead-letters drop LETTER”.",
        ]
    return "\n".join(lines)


def _all_of(services: Sequence[Service], one_does: str, many_do: str) -> str:
    return f"{' and '.join(services)} {one_does if len(services) == 1 else many_do}"


async def _who_is_to_skip(
    surroundings: Surroundings, topic: Topic, place: tuple[int, int], service: str | None
) -> list[Service]:
    consumers = _consumers(topic, service)
    if len(consumers) == 1:
        return consumers
    stops = {each: await _with_session(surroundings, each, list_stops) for each in consumers}
    standing = [
        each
        for each in consumers
        if any(stop.topic == topic.name and (stop.partition, stop.offset) == place for stop in stops[each])
    ]
    if not standing:
        raise CommandFailed(
            f"{' and '.join(consumers)} listen to {topic.name} and none stands still there: name one with --service.",
            ExitCode.REFUSED,
        )
    return standing


def _consumers(topic: Topic, service: str | None) -> list[Service]:
    """The services that listen to a topic, or the one of this name. Raises `CommandFailed` where there is none."""
    found = [each for each in topic.consumers if service in (None, each)]
    if not found:
        raise CommandFailed(
            f"{service or 'Nobody'} does not listen to {topic.name}; it is heard by "
            f"{', '.join(topic.consumers) or 'nobody'}.",
            ExitCode.REFUSED,
        )
    return found


async def _with_session(
    surroundings: Surroundings,
    service: Service,
    act: Callable[Concatenate[AsyncSession, Given], Awaitable[Returned]],
    *words: Given.args,
    **named: Given.kwargs,
) -> Returned:
    """Do something in one transaction on a service's database; the answer."""
    async with transaction_of(surroundings.settings[service]) as session:
        return await act(session, *words, **named)


async def _retry(held: Held, surroundings: Surroundings) -> dict[str, Any]:
    # Only here, and not with every command: it brings the services' scientific libraries with it.
    from deploy.subscribing import hearing_of  # noqa: PLC0415

    hearing = hearing_of(held.service, surroundings.settings[held.service])
    subscription = hearing.subscription(topic_named(held.letter.topic))
    try:
        done = await retry_dead_letter(held.sessions, subscription, held.letter.id, now=datetime.now(UTC))
        outcome = APPLIED if done else "settled by somebody else"
    except Exception as error:
        # Its text may quote a person; the kind is what an operator needs.
        outcome = f"{FAILED_AGAIN} ({type(error).__name__})"
    letter = held.letter
    return {
        "id": letter.id,
        "service": held.service,
        "topic": letter.topic,
        "type": letter.type,
        "outcome": outcome,
    }


async def _chosen(
    surroundings: Surroundings, ids: Sequence[UUID] | None, every: bool, topic: str | None
) -> AsyncIterator[Held]:
    if bool(ids) == every:
        raise CommandFailed("Name the letters, or say --all (with --topic if you like).", ExitCode.REFUSED)
    wanted = set(ids or ())
    async for held in _held(surroundings, topic, list_open):
        if every or held.letter.id in wanted:
            wanted.discard(held.letter.id)
            yield held
    if wanted:
        names = ", ".join(str(each) for each in sorted(wanted))
        raise CommandFailed(f"No open dead letter has this id: {names}.", ExitCode.REFUSED)


async def _held(
    surroundings: Surroundings, topic: str | None, list_: Callable[..., Awaitable[list[DeadLetter]]]
) -> AsyncIterator[Held]:
    chosen = named_topic(topic) if topic else None
    for service in SERVICES:
        async with sessions_of(surroundings.settings[service]) as sessions:
            async with unit_of_work(sessions) as session:
                letters = await list_(session, chosen)
            for letter in letters:
                yield Held(service, letter, sessions)
