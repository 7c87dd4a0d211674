"""`vernissage rematch`: ask for a new proposal for a meetup, and see what it would change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from deploy.clients import MANAGER, ServiceClient, service_client
from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder
from deploy.commands.showing import show_json, table
from deploy.pairing import Pair, PairingImpossible, ask_for_pairing
from deploy.running import find_surroundings
from shared.contracts.vocabulary import RematchReason

PAGE = 200
COLUMNS = {"change": "Change", "participant": "Participant", "need": "Need", "cause": "Cause"}
REASONS = ", ".join(reason.value for reason in RematchReason)

Pairs = list[str] | None
Pins = Annotated[Pairs, typer.Option("--pin", metavar="P:N", help="Participant P must meet need N. Repeatable.")]
Forbids = Annotated[
    Pairs, typer.Option("--forbid", metavar="P:N", help="Participant P must not meet need N. Repeatable.")
]


@dataclass(frozen=True)
class Names:
    """The external identifiers of a meetup's participants and needs, and the ids behind them."""

    participants: Mapping[str, UUID]
    needs: Mapping[str, UUID]

    def pair(self, text: str) -> Pair:
        """The pair in `P:N`, each by identifier or UUID. Raises `CommandFailed`."""
        participant, colon, need = text.partition(":")
        if not colon:
            raise CommandFailed(f"“{text}” is no pair: write P:N, such as P0012:B003.", ExitCode.REFUSED)
        return Pair(_id_of(participant, self.participants, "participant"), _id_of(need, self.needs, "need"))

    def in_words(self, change: Mapping[str, Any]) -> dict[str, str]:
        """A change with identifiers where they are known."""
        return {
            "participant": _name_of(change["participant_id"], self.participants),
            "need": _name_of(change["need_id"], self.needs),
        }


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
        async with (
            service_client(surroundings, "registration", MANAGER) as registration,
            service_client(surroundings, "matching", MANAGER) as matching,
        ):
            meetup_id = await _meetup_named(registration, meetup)
            names = await _names_at(registration, meetup_id)
            pairing = await ask_for_pairing(
                matching,
                meetup_id,
                reason=_reason(reason),
                note=None if _is_reason(reason) else reason,
                pins=[names.pair(text) for text in pin or ()],
                forbids=[names.pair(text) for text in forbid or ()],
            )
            return _told(pairing, names)

    try:
        found = asyncio.run(run())
    except PairingImpossible as error:
        raise CommandFailed(str(error), ExitCode.REFUSED) from error
    if as_json:
        show_json(found)
    else:
        _show(found)


def _show(found: Mapping[str, Any]) -> None:
    console = Console()
    changes = [{"change": kind, **each} for kind in ("added", "removed", "moved") for each in found[kind]]
    if changes:
        console.print(table("What the proposal would change", COLUMNS, changes))
    console.print(
        f"{len(found['added'])} added, {len(found['removed'])} removed, {len(found['moved'])} moved, "
        f"{found['kept']} kept. The proposal {found['pairing_id']} waits for an adviser."
    )


def _told(pairing: Mapping[str, Any], names: Names) -> dict[str, Any]:
    difference = pairing["difference"]
    changes = {
        kind: [{**names.in_words(each), "cause": each["cause"]} for each in difference[kind]]
        for kind in ("added", "removed", "moved")
    }
    return {
        "meetup_id": pairing["meetup_id"],
        "pairing_id": pairing["id"],
        "meetings": len(pairing["meetings"]),
        **changes,
        "kept": len(difference["kept"]),
    }


async def _meetup_named(registration: ServiceClient, name: str) -> UUID:
    with suppress(ValueError):
        return UUID(name)
    found = await registration.get("/api/meetups", identifier=name)
    if not found["items"]:
        raise CommandFailed(f"No meetup has the identifier “{name}”: see the list of meetups.", ExitCode.REFUSED)
    return UUID(found["items"][0]["id"])


async def _names_at(registration: ServiceClient, meetup: UUID) -> Names:
    people, needs = await asyncio.gather(
        _all(registration, "/api/participants", meetup), _all(registration, "/api/needs", meetup)
    )
    return Names(_by_identifier(people), _by_identifier(needs))


async def _all(registration: ServiceClient, path: str, meetup: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    number = 1
    while True:
        page = await registration.get(path, meetup=str(meetup), page=number, size=PAGE)
        found += page["items"]
        if len(found) >= page["total"] or not page["items"]:
            return found
        number += 1


def _by_identifier(items: Sequence[Mapping[str, Any]]) -> dict[str, UUID]:
    return {str(each["identifier"]): UUID(each["id"]) for each in items if each["identifier"]}


def _id_of(name: str, known: Mapping[str, UUID], what: str) -> UUID:
    with suppress(ValueError):
        return UUID(name)
    if name not in known:
        raise CommandFailed(f"No {what} of this meetup has the identifier “{name}”.", ExitCode.REFUSED)
    return known[name]


def _name_of(id_: str, known: Mapping[str, UUID]) -> str:
    return next((name for name, each in known.items() if each == UUID(id_)), id_)


def _is_reason(text: str) -> bool:
    return text in {reason.value for reason in RematchReason}


def _reason(text: str) -> str:
    return text if _is_reason(text) else RematchReason.ADVISER_JUDGEMENT.value
