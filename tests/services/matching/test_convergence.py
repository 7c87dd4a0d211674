"""Events that come twice, late or in another order leave matching in the same state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from services.matching.tables import (
    ConsentRow,
    EnrolmentRow,
    MeetupRow,
    NeedRow,
    ObservationRow,
    ParticipantRow,
    ReplyRow,
)
from shared.contracts.employers import NeedClosed
from shared.contracts.envelope import Event
from shared.contracts.invitations import InvitationAccepted, InvitationDeclined
from shared.contracts.meetups import MeetupCancelled, ParticipantUnenrolled
from shared.contracts.observations import ObservationRetracted
from shared.contracts.participants import ConsentWithdrawn, ParticipantErased
from shared.database import unit_of_work
from shared.sql import table_of
from tests.services.matching.conftest import Stage
from tests.support.events import (
    NICE,
    NOW,
    an_id,
    consent_granted,
    meetup_scheduled,
    need_published,
    participant_enrolled,
    participant_registered,
    skill_observed,
)

TABLES = (ParticipantRow, ConsentRow, ObservationRow, NeedRow, MeetupRow, EnrolmentRow, ReplyRow)
ANNE, BASTIEN = an_id("Anne"), an_id("Bastien")
MEETUP = an_id("meetup")
SEEN = skill_observed("Anne", "6D102", 3)
NEED = need_published("need")

STORY: list[Event] = [
    participant_registered("Anne"),
    participant_registered("Anne", revision=2, home=NICE),
    consent_granted("Anne"),
    ConsentWithdrawn(participant_id=ANNE, revision=3, purpose="pairing"),
    SEEN,
    SEEN.model_copy(update={"revision": 2, "level": 1}),
    skill_observed("Anne", "6D109", 2),
    ObservationRetracted(
        participant_id=ANNE, observation_id=skill_observed("Anne", "6D109", 2).observation_id, revision=2
    ),
    participant_registered("Bastien"),
    consent_granted("Bastien"),
    skill_observed("Bastien", "6D102", 4),
    participant_enrolled("meetup", "Bastien"),
    ParticipantErased(participant_id=BASTIEN, revision=7, erased_at=NOW),
    NEED,
    NEED.model_copy(update={"revision": 2, "seats": 5}),
    NeedClosed(employer_id=NEED.employer_id, need_id=NEED.need_id, revision=3),
    meetup_scheduled("meetup", ["need"]),
    meetup_scheduled("meetup", ["need"], revision=2, starts_at=NOW + timedelta(days=20)),
    MeetupCancelled(meetup_id=an_id("other meetup"), revision=2),
    meetup_scheduled("other meetup", []),
    participant_enrolled("meetup", "Anne"),
    ParticipantUnenrolled(meetup_id=MEETUP, participant_id=ANNE, revision=2),
    participant_enrolled("meetup", "Anne", revision=3, longer_slot=True),
    InvitationDeclined(
        meetup_id=MEETUP, participant_id=ANNE, invitation_id=an_id("invitation"), revision=2, reason="unsaid"
    ),
    InvitationAccepted(meetup_id=MEETUP, participant_id=ANNE, invitation_id=an_id("invitation"), revision=3),
]


async def state_of(stage: Stage) -> dict[str, Any]:
    async with unit_of_work(stage.sessions) as session:
        return {
            table_of(model).name: sorted(map(str, (await session.exec(select(*table_of(model).columns))).all()))
            for model in TABLES
        }


async def forget_all(stage: Stage) -> None:
    async with stage.engine.begin() as connection:
        names = ", ".join(table_of(model).name for model in TABLES)
        await connection.execute(text(f"TRUNCATE {names}"))


@pytest.fixture
async def told_in_order(stage: Stage) -> Callable[[], dict[str, Any]]:
    for event in STORY:
        await stage.hear(event)
    state = await state_of(stage)
    return lambda: state


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(order=st.permutations(range(len(STORY))), twice=st.sets(st.integers(0, len(STORY) - 1)))
async def test_any_order_and_any_repetition_ends_in_the_same_state(
    stage: Stage, told_in_order: Callable[[], dict[str, Any]], order: list[int], twice: set[int]
) -> None:
    await forget_all(stage)
    for number in order:
        await stage.hear(STORY[number])
    for number in sorted(twice):
        await stage.hear(STORY[number])
    assert await state_of(stage) == told_in_order()
