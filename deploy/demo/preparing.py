"""First steps: a folder of exports goes in, and matching makes profiles of what was seen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.clients.import_client import import_folder
from deploy.clients.lists import all_items
from deploy.clients.service_client import ServiceClient
from deploy.demo.screen import Step
from deploy.demo.stage import DemoFailed, DemoMeetup, Signed, Stage, until
from services.registration.domain.import_report import Report

AT_ONCE = 8
"""How many requests are on their way at the same time."""


@dataclass(frozen=True)
class Entered:
    """What the import brought, as registration lists it."""

    report: Report
    participants: list[dict[str, Any]]
    employers: int
    needs: list[dict[str, Any]]
    observations: int


async def import_pack(stage: Stage, pack: Path, step: Step) -> Entered:
    """Import the folder as an operator, then have the adviser of each agency sign in."""
    operator = await stage.sign_in("operator")
    registration = operator.registration

    def tell(file: str, done: int, total: int) -> None:
        step.say(f"{file} {done}/{total}")

    report = await import_folder(registration, pack, progress=tell)
    participants, needs, employers, meetups = await asyncio.gather(
        *(all_items(registration, f"/api/v1/{kind}") for kind in ("participants", "needs", "employers", "meetups"))
    )
    observations = sum(
        counts.accepted + counts.warned for name, counts in report.files.items() if name == "observations.csv"
    )
    stage.people = {UUID(each["id"]): f"{each['first_name']} {each['last_name']}" for each in participants}
    stage.needs = {UUID(each["id"]): each["title"] for each in needs}
    stage.meetups = sorted((await _meetups(registration, meetups)), key=lambda each: each.identifier)
    await _sign_advisers_in(stage, operator)
    rows = sum(counts.read for counts in report.files.values())
    refused = sum(counts.refused for counts in report.files.values())
    step.say(f"{rows} rows read, {refused} refused")
    return Entered(report, participants, len(employers), needs, observations)


async def make_profiles(stage: Stage, entered: Entered, step: Step) -> dict[UUID, dict[str, Any]]:
    """Wait until all events have arrived, have the profiles fitted, and read each of them; by participant."""
    await stage.until_at_rest()
    operator = await stage.sign_in("operator")
    step.say("all events have arrived; fitting")
    await operator.matching.post("/api/v1/profiles/refit")
    someone = UUID(entered.participants[0]["id"])

    async def fitted() -> bool | None:
        profile = await operator.matching.get(f"/api/v1/participants/{someone}/profile")
        return True if profile["fitted_at"] else None

    await until(fitted, "profiles are fitted")
    profiles = await _read_profiles(operator.matching, [UUID(each["id"]) for each in entered.participants])
    counted = sum(each["evidence"]["observations"] for one in profiles.values() for each in one["skills"])
    if counted != entered.observations:
        raise DemoFailed(f"The profiles rest on {counted} observations, and {entered.observations} were imported.")
    step.say(f"{len(profiles)} profiles from {counted} observations")
    return profiles


async def _read_profiles(matching: ServiceClient, participants: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def read(participant: UUID) -> dict[str, Any]:
        async with turns:
            profile: dict[str, Any] = await matching.get(f"/api/v1/participants/{participant}/profile")
            return profile

    found = await asyncio.gather(*(read(each) for each in participants))
    return dict(zip(participants, found, strict=True))


async def _meetups(registration: ServiceClient, listed: Sequence[dict[str, Any]]) -> list[DemoMeetup]:
    whole = await asyncio.gather(*(registration.get(f"/api/v1/meetups/{each['id']}") for each in listed))
    return [
        DemoMeetup(
            id=UUID(each["id"]),
            identifier=each["identifier"],
            title=each["title"],
            venue=each["venue"],
            agency_id=UUID(each["agency_id"]),
            starts_at=datetime.fromisoformat(each["starts_at"]),
            slot_minutes=each["slot_minutes"],
            slots=each["slots"],
        )
        for each in whole
    ]


async def _sign_advisers_in(stage: Stage, operator: Signed) -> None:
    staff = (await operator.registration.get("/api/v1/staff"))["items"]
    advisers = {
        UUID(each["agency_id"]): each["id"] for each in staff if each["role"] == "adviser" and each["agency_id"]
    }
    for agency in {meetup.agency_id for meetup in stage.meetups}:
        if agency not in advisers:
            raise DemoFailed("An agency with a meetup has no adviser.")
        stage.advisers[agency] = await stage.sign_in(advisers[agency])
