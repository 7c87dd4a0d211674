"""`vernissage rebuild`: have everybody whom a service listens to tell their present state anew."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json
from deploy.databases import sessions_of, transaction_of
from deploy.running import find_surroundings
from shared.ids import new_id
from shared.moment import Moment
from shared.settings import ServiceSettings
from shared.travel.gaps import settle_gaps
from shared.travel.retelling import producers_for, tell_anew
from shared.travel.topics import SERVICES, Service


def rebuild(
    service: Annotated[str, typer.Argument(help=f"Which service is to hear everything anew: {', '.join(SERVICES)}.")],
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Have everybody whom a service listens to tell their present state anew.

    Whatever the service missed or lost it learns again; what it knows changes nothing, and nobody is written to again.
    """
    chosen = next((each for each in SERVICES if each == service), None)
    if chosen is None:
        raise CommandFailed(f"No service is named “{service}”: there are {', '.join(SERVICES)}.", ExitCode.REFUSED)
    counts = asyncio.run(tell_all_anew(chosen, find_surroundings(data).settings))
    if as_json:
        show_json({"service": chosen, "events": counts})
    else:
        told = ", ".join(f"{count} by {producer}" for producer, count in counts.items())
        typer.echo(f"{sum(counts.values())} events are on their way to {chosen}: {told}.")


async def tell_all_anew(consumer: Service, settings: Mapping[Service, ServiceSettings]) -> dict[Service, int]:
    """Have the producers tell what a service listens to; how many events each wrote to its outbox.

    The gaps that the service had noticed before are settled then: what fell into them is on its way.
    """
    # Only here, and not with every command: it brings the services' scientific libraries with it.
    from deploy.retelling import CHAPTERS  # noqa: PLC0415

    counts: dict[Service, int] = {}
    began_at = datetime.now(UTC)
    for producer, topics in producers_for(consumer).items():
        chapters = [chapter for topic in topics for chapter in CHAPTERS[producer].get(topic, ())]
        async with sessions_of(settings[producer]) as sessions:
            moment = Moment(began_at, new_id)
            counts[producer] = await tell_anew(sessions, chapters, f"/{producer}", moment)
    async with transaction_of(settings[consumer]) as session:
        await settle_gaps(session, noticed_before=began_at)
    return counts
