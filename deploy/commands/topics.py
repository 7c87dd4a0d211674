"""`vernissage topics`: the registry of topics, and making them on a Kafka."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show, show_json
from deploy.running import find_surroundings
from shared.travel.broker import KafkaAddress, apply_topics, kafka_address
from shared.travel.topics import TOPICS

topics = typer.Typer(help="The registry of topics, and making them on a Kafka.", invoke_without_command=True)

COLUMNS = {"topic": "Topic", "key": "Key", "producer": "From", "consumers": "To", "retention_days": "Kept (days)"}


@topics.callback(invoke_without_command=True)
def list_topics(context: typer.Context, as_json: AsJson = False) -> None:
    """List every topic: who says something to whom, under which key, for how long. JSON also names the events."""
    if context.invoked_subcommand is not None:
        return
    rows = [
        {
            "topic": topic.full_name(),
            "key": topic.key,
            "producer": topic.producer,
            "consumers": ", ".join(topic.consumers),
            "partitions": topic.partitions,
            "retention_days": topic.retention.days,
            "events": [event.type for event in topic.events],
        }
        for topic in TOPICS
    ]
    show("Topics", COLUMNS, rows, as_json=as_json, empty="There are no topics.")


@topics.command("apply")
def apply_command(
    kafka: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="The Kafka to make them on. [default: that of the running stack]"),
    ] = None,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Make the topics that are missing, each with one for its dead letters. What is there stays as it is."""
    address = KafkaAddress(kafka) if kafka else kafka_address(find_surroundings(data).settings["registration"])
    try:
        made = asyncio.run(apply_topics(address))
    except KafkaError as error:
        raise CommandFailed(
            f"Kafka at {address.bootstrap} did not do it ({type(error).__name__}): check the address and that it runs.",
            ExitCode.NOBODY_ANSWERS,
        ) from error
    if as_json:
        show_json({"made": made})
    else:
        typer.echo(f"Made: {', '.join(made)}." if made else "Nothing was missing.")
