"""`vernissage replay`: send a topic's kept events again."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json
from deploy.databases import transaction_of
from deploy.running import find_surroundings
from shared.travel.replay import replay as send_again
from shared.travel.topics import Topic, topic_named


def named_topic(name: str) -> Topic:
    """The topic of this name. Raises `CommandFailed` with the names there are."""
    try:
        return topic_named(name)
    except LookupError as error:
        raise CommandFailed(f"{str(error.args[0]).capitalize()}.", ExitCode.REFUSED) from error


def replay(
    topic: Annotated[str, typer.Argument(help="Its short or full name: see “vernissage topics”.")],
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Send everything that a topic's producer keeps of it again.

    Consumers drop what they have applied already and apply what they missed, so nothing is done twice.
    """
    chosen = named_topic(topic)
    settings = find_surroundings(data).settings[chosen.producer]

    async def run() -> int:
        async with transaction_of(settings) as session:
            return await send_again(session, [chosen])

    count = asyncio.run(run())
    if as_json:
        show_json({"topic": chosen.full_name(), "events": count})
    else:
        typer.echo(f"{count} events of {chosen.full_name()} are on their way again.")
