"""`vernissage rematch`: ask for a new proposal for a meetup, and see what it would change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from deploy.clients.pairing_client import PairingImpossible, ask_for_pairing
from deploy.clients.service_client import OPERATOR, adviser_of, service_client
from deploy.commands.changes import meetup_named, names_at, show_changes, told
from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json
from deploy.running import find_surroundings
from shared.contracts.vocabulary import RematchReason

REASONS = ", ".join(reason.value for reason in RematchReason)

Pairs = list[str] | None
Pins = Annotated[Pairs, typer.Option("--pin", metavar="P:N", help="Participant P must meet need N. Repeatable.")]
Forbids = Annotated[
    Pairs, typer.Option("--forbid", metavar="P:N", help="Participant P must not meet need N. Repeatable.")
]


def rematch(
    meetup: Annotated[str, typer.Argument(help="The meetup, by its identifier or UUID.")],
    reason: Annotated[
        str, typer.Option(help=f"Why: one of {REASONS}; anything else is noted as the adviser's own words.")
    ],
    pin: Pins = None,
    forbid: Forbids = None,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Ask for a new proposal for a meetup, wait for it, and show what it would change and why.

    Nothing changes before an adviser approves the proposal.
    """
    surroundings = find_surroundings(data)

    async def run() -> dict[str, Any]:
        async with service_client(surroundings, "registration", OPERATOR) as registration:
            found = await meetup_named(registration, meetup)
            names = await names_at(registration, found.id)
        async with service_client(surroundings, "matching", adviser_of(found.agency_id)) as matching:
            pairing = await ask_for_pairing(
                matching,
                found.id,
                reason=_reason(reason),
                note=None if _is_reason(reason) else reason,
                pins=[names.pair(text) for text in pin or ()],
                forbids=[names.pair(text) for text in forbid or ()],
            )
            return told(pairing, names)

    try:
        found = asyncio.run(run())
    except PairingImpossible as error:
        raise CommandFailed(str(error), ExitCode.REFUSED) from error
    if as_json:
        show_json(found)
    else:
        _show(found, meetup)


def _show(found: Mapping[str, Any], meetup: str) -> None:
    console = Console(soft_wrap=True, highlight=False)
    show_changes(found, console)
    console.print(f"The proposal waits for an adviser: “vernissage approve {meetup}” puts it in force.")


def _is_reason(text: str) -> bool:
    return text in {reason.value for reason in RematchReason}


def _reason(text: str) -> str:
    return text if _is_reason(text) else RematchReason.ADVISER_JUDGEMENT.value
