"""Asking matching for a pairing and waiting for it, as an adviser's program does over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deploy.clients.lists import all_items
from deploy.clients.service_client import ServiceClient, ServiceRefused

POLL_SECONDS = 0.25
LONGEST_SECONDS = 300.0
ENDINGS = ("done", "impossible", "failed")
"""How a run that answers a request ends; one that is outdated hands the request on."""


@dataclass(frozen=True)
class AskedPair:
    """One participant with one need."""

    participant: UUID
    need: UUID

    def body(self) -> dict[str, str]:
        """The pair in words of the API."""
        return {"participant_id": str(self.participant), "need_id": str(self.need)}


class PairingImpossible(Exception):
    """What was asked cannot be planned; `conflicts` name the constraints, `str(error)` can be shown as it is."""

    def __init__(self, run: dict[str, Any]) -> None:
        self.conflicts = run["conflicts"]
        kinds = ", ".join(sorted({str(each.get("kind", each)) for each in self.conflicts})) or run["status"]
        super().__init__(f"No pairing can be made as asked ({kinds}): take a pin or a forbid back.")


async def ask_for_pairing(
    matching: ServiceClient,
    meetup: UUID,
    *,
    reason: str,
    note: str | None = None,
    pins: Sequence[AskedPair] = (),
    forbids: Sequence[AskedPair] = (),
    on_step: Callable[[str], None] = lambda _step: None,
) -> dict[str, Any]:
    """Ask for a proposal and wait for it; the whole pairing as matching's API gives it.

    Raises `ServiceRefused`, `NotAnswering`, `PairingImpossible`, or `TimeoutError` after five minutes.
    """
    body = {
        "reason": reason,
        "note": note,
        "pins": [pair.body() for pair in pins],
        "forbids": [pair.body() for pair in forbids],
    }
    asked = await matching.post(f"/api/v1/meetups/{meetup}/rematches", body)
    run = await _settled_run(matching, meetup, asked["request_id"], on_step)
    if run["status"] != "done":
        raise PairingImpossible(run)
    for summary in await all_items(matching, f"/api/v1/meetups/{meetup}/pairings"):
        if summary["run_id"] == run["id"]:
            found: dict[str, Any] = await matching.get(f"/api/v1/pairings/{summary['id']}")
            return found
    raise ServiceRefused(409, "superseded", "A newer request was answered meanwhile: look at the meetup.")


async def _settled_run(
    matching: ServiceClient, meetup: UUID, request: str, on_step: Callable[[str], None]
) -> dict[str, Any]:
    deadline = time.monotonic() + LONGEST_SECONDS
    told = ""
    while time.monotonic() < deadline:
        for run in await all_items(matching, f"/api/v1/meetups/{meetup}/runs"):
            if any(each["id"] == request for each in run["requests"]):
                if run["step"] != told:
                    told = run["step"]
                    on_step(told)
                if run["status"] in ENDINGS:
                    settled: dict[str, Any] = run
                    return settled
        await asyncio.sleep(POLL_SECONDS)
    raise TimeoutError(f"the pairing of {meetup} is not there after {LONGEST_SECONDS:g} s")
