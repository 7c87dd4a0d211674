"""`vernissage approve`: put the proposal that waits for a meetup in force, once somebody has seen it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from deploy.clients.lists import all_items
from deploy.clients.service_client import OPERATOR, ServiceClient, adviser_of, service_client
from deploy.commands.changes import NamedMeetup, meetup_named, names_at, show_changes, told
from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json
from deploy.running import Surroundings, find_surroundings

WAITING = "proposed"


def approve(
    meetup: Annotated[str, typer.Argument(help="The meetup, by its identifier or UUID.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it has been looked at elsewhere.")] = False,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Show the proposal that waits for a meetup, ask, and put it in force: invitations leave after that.

    A proposal that reality has overtaken is refused with what changed; a new one is then on its way.
    """
    surroundings = find_surroundings(data)
    named, found = asyncio.run(_waiting(surroundings, meetup))
    console = Console(stderr=as_json, soft_wrap=True, highlight=False)
    show_changes(found, console)
    if not yes:
        question = f"Put these {found['meetings']} meetings of {meetup} in force, and invite people?"
        typer.confirm(question, abort=True, err=as_json)
    asyncio.run(_approve(surroundings, named, found["pairing_id"]))
    if as_json:
        show_json(found)
    else:
        console.print(f"Approved: {found['meetings']} meetings are in force, and invitations leave.")


async def _waiting(surroundings: Surroundings, name: str) -> tuple[NamedMeetup, dict[str, Any]]:
    """The meetup, and what the proposal that waits for it would change. Raises `CommandFailed` where none waits."""
    async with service_client(surroundings, "registration", OPERATOR) as registration:
        meetup = await meetup_named(registration, name)
        async with service_client(surroundings, "matching", adviser_of(meetup.agency_id)) as matching:
            pairing = await _waiting_pairing(matching, meetup.id)
        if pairing is None:
            raise CommandFailed(
                f"No proposal waits for {name}: ask for one with “vernissage rematch {name} --reason WHY”.",
                ExitCode.REFUSED,
            )
        return meetup, told(pairing, await names_at(registration, meetup.id))


async def _waiting_pairing(matching: ServiceClient, meetup: UUID) -> dict[str, Any] | None:
    for summary in await all_items(matching, f"/api/v1/meetups/{meetup}/pairings"):
        if summary["status"] == WAITING:
            pairing: dict[str, Any] = await matching.get(f"/api/v1/pairings/{summary['id']}")
            return pairing
    return None


async def _approve(surroundings: Surroundings, meetup: NamedMeetup, pairing: str) -> None:
    async with service_client(surroundings, "matching", adviser_of(meetup.agency_id)) as matching:
        await matching.post(f"/api/v1/pairings/{pairing}/approve", {})
