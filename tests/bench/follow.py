"""How long a meetup of 60 people and 20 needs takes to follow one event, its transaction included."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from uuid import UUID

from services.matching.repository.pairings import StoredPairing
from shared.contracts.envelope import Event
from shared.contracts.invitations import InvitationAccepted, InvitationDeclined
from shared.contracts.participants import ParticipantChanged
from shared.database import create_engine, create_sessions
from shared.migrations import upgrade
from tests.services.matching.conftest import Stage
from tests.support.databases import Databases
from tests.support.events import (
    NICE,
    an_id,
    consent_granted,
    meetup_scheduled,
    need_published,
    participant_enrolled,
    participant_registered,
    skill_observed,
)
from tests.support.real_parts import RealParts

PEOPLE = [f"guest {number}" for number in range(60)]
NEEDS = [f"need {number}" for number in range(20)]
RUNS = 15
MEETUP = an_id("meetup")


def run() -> list[dict[str, object]]:
    """Median of an event that changes nothing, and of one after which seats are filled, in milliseconds."""
    parts = RealParts()
    try:
        quiet, filling = asyncio.run(_measure(parts))
    finally:
        parts.stop()
    common = {"unit": "ms", "peer": "60 people, 20 needs with 3 seats", "better": "lower"}
    return [
        {"name": "follow-ms", "value": median(quiet), "goal": 50, "runs": quiet, **common},
        {"name": "follow-filling-ms", "value": median(filling), "goal": 500, "runs": filling, **common},
    ]


async def _measure(parts: RealParts) -> tuple[list[float], list[float]]:
    databases = Databases(parts.database_server())
    name = databases.create_database(databases.template_of("matching", upgrade))
    engine = create_engine(databases.url(name))
    try:
        stage = Stage(engine, create_sessions(engine))
        in_force = await _paired(stage)
        people = sorted({meeting.participant_id for meeting in in_force.pairing.meetings})
        quiet = [await _timed(stage, event) for event in _answers(people[:RUNS])]
        filling = [await _timed(stage, event) for event in _refusals(people[RUNS : 2 * RUNS])]
    finally:
        await engine.dispose()
        databases.drop_database(name)
        databases.close()
    return quiet, filling


async def _paired(stage: Stage) -> StoredPairing:
    await stage.hear(
        *(participant_registered(name) for name in PEOPLE),
        *(consent_granted(name) for name in PEOPLE),
        *(need_published(name) for name in NEEDS),
        meetup_scheduled("meetup", NEEDS, slots=12),
        *(participant_enrolled("meetup", name) for name in PEOPLE),
        *(
            skill_observed(name, skill, (place + shift) % 5, rater)
            for place, name in enumerate(PEOPLE)
            for shift, skill in enumerate(("6D102", "6D109", "6D101"))
            for rater in ("mediator", "adviser")
        ),
    )
    return await stage.approve(await stage.propose())


def _answers(people: list[UUID]) -> list[Event]:
    """Somebody accepts, and then moves away: nobody is un-invited, an adviser is asked."""
    accepted = [
        InvitationAccepted(meetup_id=MEETUP, participant_id=one, invitation_id=one, revision=2) for one in people
    ]
    names = {an_id(name): name for name in PEOPLE}
    moved = [
        ParticipantChanged(**{**participant_registered(names[one]).model_dump(), "revision": 2, "home": NICE})
        for one in people
    ]
    return [event for both in zip(accepted, moved, strict=True) for event in both]


def _refusals(people: list[UUID]) -> list[Event]:
    return [
        InvitationDeclined(meetup_id=MEETUP, participant_id=one, invitation_id=one, revision=2, reason="unsaid")
        for one in people
    ]


async def _timed(stage: Stage, event: Event) -> float:
    began = time.perf_counter()
    await stage.hear(event)
    return round((time.perf_counter() - began) * 1000, 1)
