"""What a proposal would change, in the words of people's exports: for commands that show and decide on one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rich.console import Console

from deploy.clients.lists import all_items
from deploy.clients.pairing_client import AskedPair
from deploy.clients.service_client import ServiceClient
from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.showing import table

COLUMNS = {"change": "Change", "participant": "Participant", "need": "Need", "cause": "Cause"}


@dataclass(frozen=True)
class MeetupIdentifiers:
    """The external identifiers of a meetup's participants and needs, and the ids behind them."""

    participants: Mapping[str, UUID]
    needs: Mapping[str, UUID]

    def pair(self, text: str) -> AskedPair:
        """The pair in `P:N`, each by identifier or UUID. Raises `CommandFailed`."""
        participant, colon, need = text.partition(":")
        if not colon:
            raise CommandFailed(f"“{text}” is no pair: write P:N, such as P0012:B003.", ExitCode.REFUSED)
        return AskedPair(_id_of(participant, self.participants, "participant"), _id_of(need, self.needs, "need"))

    def in_words(self, change: Mapping[str, Any]) -> dict[str, str]:
        """A change with identifiers where they are known."""
        return {
            "participant": _name_of(change["participant_id"], self.participants),
            "need": _name_of(change["need_id"], self.needs),
        }


@dataclass(frozen=True)
class NamedMeetup:
    """A meetup, and the agency that decides on it."""

    id: UUID
    agency_id: UUID


async def meetup_named(registration: ServiceClient, name: str) -> NamedMeetup:
    """The meetup of this identifier or UUID. Raises `CommandFailed`."""
    with suppress(ValueError):
        found = await registration.get(f"/api/v1/meetups/{UUID(name)}")
        return NamedMeetup(UUID(found["id"]), UUID(found["agency_id"]))
    listed = (await registration.get("/api/v1/meetups", identifier=name))["items"]
    if not listed:
        raise CommandFailed(f"No meetup has the identifier “{name}”: see the list of meetups.", ExitCode.REFUSED)
    return NamedMeetup(UUID(listed[0]["id"]), UUID(listed[0]["agency_id"]))


def told(pairing: Mapping[str, Any], names: MeetupIdentifiers) -> dict[str, Any]:
    """What a proposal would change, for people and for programs."""
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


def show_changes(found: Mapping[str, Any], console: Console) -> None:
    """Show what `told` found, as a table and a sentence."""
    changes = [{"change": kind, **each} for kind in ("added", "removed", "moved") for each in found[kind]]
    if changes:
        console.print(table("What the proposal would change", COLUMNS, changes))
    console.print(
        f"{len(found['added'])} added, {len(found['removed'])} removed, {len(found['moved'])} moved, "
        f"{found['kept']} kept."
    )


async def names_at(registration: ServiceClient, meetup: UUID) -> MeetupIdentifiers:
    """The identifiers of everybody and every need at a meetup."""
    people, needs = await asyncio.gather(
        all_items(registration, "/api/v1/participants", meetup=str(meetup)),
        all_items(registration, "/api/v1/needs", meetup=str(meetup)),
    )
    return MeetupIdentifiers(_by_identifier(people), _by_identifier(needs))


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
