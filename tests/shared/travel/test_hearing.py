"""Handlers behind a router find what they ask for, whoever calls them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import pytest
from faststream import Context
from faststream.kafka import KafkaRouter

from shared.contracts.envelope import Event
from shared.database import Sessions, unit_of_work
from shared.moment import Moment
from shared.travel.broker import KafkaAddress
from shared.travel.hearing import Hearing
from shared.travel.subscribing import IN_BATCHES, Events, Session, ThisMoment
from shared.travel.topics import OBSERVATIONS, PARTICIPANTS
from tests.shared.travel.checks import has_applied
from tests.shared.travel.small_service import (
    SUBSCRIPTION,
    Rejected,
    observation,
    observations,
    router_of,
    running,
    settings_of,
    until,
    worker_of,
    write,
)

Heard = Annotated[list[tuple[list[Event], Moment]], Context("heard")]


def listening_router() -> KafkaRouter:
    router = KafkaRouter()

    @router.subscriber(OBSERVATIONS.full_name(), **IN_BATCHES)
    async def on_observations(events: Events, moment: ThisMoment, heard: Heard, session: Session) -> None:
        assert session.in_transaction()
        heard.append((events, moment))

    return router


def hearing_at(day: int, given: Mapping[str, object]) -> Hearing:
    now = datetime(2026, 11, day, tzinfo=UTC)
    return Hearing("matching", listening_router(), {"clock": lambda: now, **given})


async def test_a_handler_is_given_events_session_moment_and_what_its_service_gives(sessions: Sessions) -> None:
    envelopes = observations(2, 2)
    heard: dict[int, list[tuple[list[Event], Moment]]] = {22: [], 23: []}
    hearings = {day: hearing_at(day, {"heard": told}) for day, told in heard.items()}
    for hearing in hearings.values():
        async with unit_of_work(sessions) as session:
            await hearing.subscription(OBSERVATIONS).handler(session, envelopes)
    for day, told in heard.items():
        [(events, moment)] = told
        assert events == [envelope.event for envelope in envelopes]
        assert moment.now.day == day


async def test_what_a_handler_refuses_comes_out_as_it_is(sessions: Sessions) -> None:
    hearing = Hearing("matching", router_of(SUBSCRIPTION))
    poison = observation(observations(1, 1)[0].event.aggregate_id, 1, venue="Poison")
    async with unit_of_work(sessions) as session:
        with pytest.raises(Rejected):
            await hearing.subscription(OBSERVATIONS).handler(session, [poison])


async def test_two_workers_in_one_process_each_have_their_own_router(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    settings = settings_of(database, address.bootstrap, address.prefix)
    async with running(worker_of(settings)), running(worker_of(settings)):
        await write(sessions, observations(20, 5))
        await until(lambda: has_applied(sessions, 100))


def test_every_topic_is_heard_in_batches_and_once() -> None:
    router = KafkaRouter()
    router.subscriber(PARTICIPANTS.full_name())
    with pytest.raises(TypeError, match="not subscribed in batches"):
        Hearing("matching", router)
    with pytest.raises(ValueError, match="two subscribers"):
        Hearing("matching", router_of(SUBSCRIPTION, SUBSCRIPTION))
