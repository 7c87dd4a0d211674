"""Pairings are proposed, an adviser decides, and asks for a rematch. The demo plays the adviser."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deploy.clients.lists import all_items
from deploy.clients.pairing_client import AskedPair, PairingImpossible, ask_for_pairing
from deploy.demo.screen import Step
from deploy.demo.stage import DemoFailed, DemoMeetup, Stage

MOST_TRIES = 8

PairingJson = dict[str, Any]
"""A whole pairing as matching's API gives it."""


@dataclass(frozen=True)
class Rematch:
    """A rematch that was approved: what was asked, and the pairing with its difference from the one before."""

    meetup: DemoMeetup
    pin: AskedPair
    forbid: AskedPair
    pairing: PairingJson


async def propose(stage: Stage, step: Step) -> dict[UUID, PairingJson]:
    """Ask for a first pairing of every meetup, all at once; by meetup."""
    done = 0

    async def ask(meetup: DemoMeetup) -> PairingJson:
        nonlocal done
        pairing = await ask_for_pairing(stage.adviser_of(meetup).matching, meetup.id, reason="first-pairing")
        done += 1
        step.say(f"{done} of {len(stage.meetups)} meetups")
        return pairing

    pairings = await asyncio.gather(*(ask(meetup) for meetup in stage.meetups))
    meetings = sum(len(pairing["meetings"]) for pairing in pairings)
    step.say(f"{meetings} meetings proposed for {len(pairings)} meetups")
    return {meetup.id: pairing for meetup, pairing in zip(stage.meetups, pairings, strict=True)}


async def approve_all(stage: Stage, proposals: Mapping[UUID, PairingJson], step: Step) -> dict[UUID, PairingJson]:
    """Approve each proposal as the adviser of its agency; the pairings in force, by meetup."""
    approved = await asyncio.gather(
        *(
            stage.adviser_of(meetup).matching.post(f"/api/v1/pairings/{proposals[meetup.id]['id']}/approve", {})
            for meetup in stage.meetups
        )
    )
    meetings = sum(len(pairing["meetings"]) for pairing in approved)
    step.say(f"{meetings} meetings approved – the demo plays the adviser")
    return {meetup.id: pairing for meetup, pairing in zip(stage.meetups, approved, strict=True)}


async def pairings_in_force(stage: Stage) -> dict[UUID, list[PairingJson]]:
    """All pairings that are or were in force, the first one first; by meetup."""

    async def of(meetup: DemoMeetup) -> list[PairingJson]:
        matching = stage.adviser_of(meetup).matching
        history = await all_items(matching, f"/api/v1/meetups/{meetup.id}/pairings")
        effective = [each for each in reversed(history) if each["status"] in ("in-force", "replaced")]
        return list(await asyncio.gather(*(matching.get(f"/api/v1/pairings/{each['id']}") for each in effective)))

    found = await asyncio.gather(*(of(meetup) for meetup in stage.meetups))
    return {meetup.id: pairings for meetup, pairings in zip(stage.meetups, found, strict=True)}


def filled_again(pairings: Mapping[UUID, list[PairingJson]]) -> int:
    """How many meetings came from the reserve into the place of one that was refused."""
    return sum(
        change["cause"] == "reserve"
        for revisions in pairings.values()
        for pairing in revisions
        for change in pairing["difference"]["added"]
    )


async def rematch(stage: Stage, in_force: Mapping[UUID, PairingJson], step: Step) -> Rematch:
    """Ask for a rematch of one meetup with a pin and a forbid, and approve what comes.

    The pin is somebody of the reserve; the forbid is a meeting of somebody who has not accepted yet, since nobody who
    accepted is ever un-invited.
    """
    for meetup in stage.meetups:
        invitations = await stage.adviser_of(meetup).notification.get(f"/api/v1/meetups/{meetup.id}/messages")
        accepted = {UUID(each["participant_id"]) for each in invitations["invitations"] if each["reply"] == "accepted"}
        declined = {UUID(each["participant_id"]) for each in invitations["invitations"] if each["reply"] == "declined"}
        for pin, forbid in _choices(in_force[meetup.id], accepted, declined):
            found = await _try(stage, meetup, pin, forbid, step)
            if found is not None:
                return found
    raise DemoFailed("No meetup has a pair left to pin and another to forbid.")


async def _try(stage: Stage, meetup: DemoMeetup, pin: AskedPair, forbid: AskedPair, step: Step) -> Rematch | None:
    matching = stage.adviser_of(meetup).matching
    step.say(f"{meetup.title}: one pair pinned, one forbidden")
    try:
        pairing = await ask_for_pairing(
            matching,
            meetup.id,
            reason="adviser-judgement",
            note="Ils se sont parlé devant l’œuvre.",
            pins=[pin],
            forbids=[forbid],
        )
    except PairingImpossible:
        for pair in (pin, forbid):
            await matching.ask("DELETE", f"/api/v1/meetups/{meetup.id}/rules/{pair.participant}/{pair.need}")
        return None
    approved = await matching.post(f"/api/v1/pairings/{pairing['id']}/approve", {})
    difference = pairing["difference"]
    counts = ", ".join(f"{len(difference[kind])} {kind}" for kind in ("added", "removed", "moved", "kept"))
    step.say(f"{meetup.title}: {counts}, approved")
    return Rematch(meetup, pin, forbid, pairing | {"status": approved["status"]})


def _choices(
    pairing: PairingJson, accepted: Collection[UUID], declined: Collection[UUID]
) -> Iterator[tuple[AskedPair, AskedPair]]:
    """Pairs to pin, each with one to forbid: another person's, at the same need where that frees a seat."""
    undecided = [
        AskedPair(UUID(each["participant_id"]), UUID(each["need_id"]))
        for each in pairing["meetings"]
        if UUID(each["participant_id"]) not in accepted
    ]
    pins = [
        AskedPair(UUID(each["participant_id"]), UUID(each["need_id"]))
        for each in pairing["reserve"]
        if UUID(each["participant_id"]) not in declined
    ]
    tries = 0
    for forbid in undecided:
        for pin in pins:
            if pin.participant != forbid.participant and pin.need == forbid.need and tries < MOST_TRIES:
                tries += 1
                yield pin, forbid
