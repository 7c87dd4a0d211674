"""`vernissage audit`: whether the audits are as they were sealed, and what a person is told of who looked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import typer

from deploy.commands.ending import CommandFailed
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show, show_json
from deploy.databases import transaction_of
from deploy.looks_told import AgencyNames, looks_told
from deploy.running import Surroundings, find_surroundings
from shared.auditing import Chain, Head, LinesWanted, lines_of, verify_chain
from shared.database import FOR_EVER, allow
from shared.travel.topics import SERVICES, Service

audit = typer.Typer(help="The audit of who looked at whom and who changed what.", no_args_is_help=True)

COLUMNS = {
    "service": "Service",
    "head": "Head",
    "unsealed": "Not sealed yet",
    "first_broken": "Breaks at seal",
    "gone_until": "Gone until",
}

LINES_AT_ONCE = 10_000

NotedHeads = Mapping[str, Head]


def _noted(texts: Sequence[str]) -> NotedHeads:
    noted = {}
    for text in texts:
        service, _, head = text.partition(":")
        try:
            noted[service] = Head.read(head)
        except ValueError:
            raise typer.BadParameter(f"{text}: a head is written SERVICE:NUMBER:HASH") from None
        if service not in SERVICES:
            raise typer.BadParameter(f"{text}: the services are {', '.join(SERVICES)}")
    return noted


@audit.command("verify")
def verify(
    noted: Annotated[
        list[str] | None,
        typer.Option(metavar="SERVICE:NUMBER:HASH", help="A head that was noted before, to be found again."),
    ] = None,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Work out the chain over each service's sealed lines anew, and name the first seal that does not fit.

    Note the heads elsewhere: whoever owns the tables can cut a chain off or work it out anew, and a noted head tells.
    Lines that have outlived their time are gone, with the seals over them, until the moment that is shown.
    """
    heads = _noted(noted or ())
    chains = asyncio.run(_verify(find_surroundings(data), heads))
    rows = [_row(service, chain) for service, chain in chains.items()]
    if as_json:
        show_json(rows)
    else:
        show("Audit", COLUMNS, rows, as_json=False, empty="")
    faults = [_fault(service, chain) for service, chain in chains.items() if not chain.is_whole]
    if faults:
        raise CommandFailed(" ".join(faults))


@audit.command("tell")
def tell(
    participant: Annotated[UUID, typer.Argument(metavar="PARTICIPANT", help="Their id.")],
    data: DataFolder = DATA,
) -> None:
    """Write for a person, in French, who looked at their data and changed them, when: by role and agency, no names."""
    typer.echo(asyncio.run(_tell(find_surroundings(data), participant)))


def _row(service: Service, chain: Chain) -> Mapping[str, Any]:
    return {
        "service": service,
        "head": f"{service}:{chain.head}" if chain.head else None,
        "unsealed": chain.unsealed,
        "first_broken": chain.first_broken,
        "holds_noted": chain.holds_noted,
        "gone_until": chain.gone_until,
    }


def _fault(service: Service, chain: Chain) -> str:
    if chain.first_broken is None:
        return f"The chain of {service} does not hold the noted head: it was cut off or worked out anew since."
    return (
        f"The chain of {service} breaks at seal {chain.first_broken}: a line under it was changed, removed or put in, "
        "or the seal before it was."
    )


async def _verify(surroundings: Surroundings, noted: NotedHeads) -> Mapping[Service, Chain]:
    chains = {}
    for service in SERVICES:
        async with transaction_of(surroundings.settings[service]) as session:
            await allow(session, FOR_EVER)
            chains[service] = await verify_chain(session, noted.get(service))
    return chains


async def _tell(surroundings: Surroundings, participant: UUID) -> str:
    lines: list[Any] = []
    for service in SERVICES:
        until: int | None = None
        async with transaction_of(surroundings.settings[service]) as session:
            while found := await lines_of(session, LinesWanted(participant_id=participant, until=until), LINES_AT_ONCE):
                lines += found
                until = found[-1].position
    return looks_told(lines, await _agencies(surroundings))


async def _agencies(surroundings: Surroundings) -> AgencyNames:
    from services.registration.repository.agencies import all_agencies  # noqa: PLC0415 - brings the tables with it

    async with transaction_of(surroundings.settings["registration"]) as session:
        return {agency.id: agency.name for agency in await all_agencies(session)}
