"""Every event is heard by every service that listens to it, however it arrives: the truth alone decides what is known.

Which services listen to which events is read from the registry of topics: a new one is played here at once, and fails
until the truth of its listeners speaks of it, or says that it tells them nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, zip_longest
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching import subscribers as matching_subscribers
from services.matching.domain.situation import Policy
from services.notification import subscribers as notification_subscribers
from services.notification.domain.rules import Rules
from services.registration import subscribers as registration_subscribers
from shared.asking import THE_SERVICE
from shared.contracts.employers import EmployerChanged, EmployerRegistered
from shared.contracts.envelope import Envelope, Event
from shared.contracts.invitations import EmployerReplied, ShortlistSent
from shared.contracts.meetups import AttendanceRecorded, OutcomeRecorded, ParticipantEnrolled, ParticipantUnenrolled
from shared.contracts.observations import ObservationRetracted, SkillObserved
from shared.contracts.pairings import PairingProposed
from shared.contracts.participants import ParticipantChanged
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.ids import new_id
from shared.migrations import upgrade
from shared.travel.hearing import Hearing
from shared.travel.inbox import apply_batch
from shared.travel.topics import SERVICES, TOPIC_OF_EVENT, TOPICS, Service
from tests.services.hearing.truth import SEEN, TRUTH
from tests.services.hearing.worlds import History, World, histories_of
from tests.shared.travel.records import deliver
from tests.support.databases import Databases
from tests.support.events import NOW

HEARD: Mapping[Service, tuple[type[Event], ...]] = {
    service: tuple(event for topic in TOPICS if service in topic.consumers for event in topic.events)
    for service in SERVICES
}

SAYS_NOTHING: Mapping[Service, frozenset[type[Event]]] = {
    "registration": frozenset({ShortlistSent}),
    "matching": frozenset(
        {EmployerRegistered, EmployerChanged, AttendanceRecorded, OutcomeRecorded, ShortlistSent, EmployerReplied}
    ),
    "notification": frozenset(
        {
            EmployerRegistered,
            EmployerChanged,
            ParticipantChanged,
            ParticipantEnrolled,
            ParticipantUnenrolled,
            AttendanceRecorded,
            OutcomeRecorded,
            PairingProposed,
        }
    ),
}
"""What a service hears, since it listens to the topic, and keeps nothing of."""


OFFSETS = count()
"""Where the next message lies, in every topic."""


class Listener:
    """One service that hears from Kafka's messages, through its inbox."""

    def __init__(self, service: Service, sessions: Sessions) -> None:
        self.service = service
        self.sessions = sessions
        self.hearing = hearing_of(service)

    async def hear(self, told: Sequence[Envelope]) -> None:
        """Let events arrive, each topic's in one batch; none may die."""
        for topic in self.hearing.topics:
            records = [
                deliver([envelope], topic=topic, first_offset=next(OFFSETS))[0]
                for envelope in told
                if TOPIC_OF_EVENT[type(envelope.event)] is topic
            ]
            outcome = await apply_batch(
                self.sessions, self.hearing.subscription(topic), records, dead_in_a_row=0, limit=None
            )
            assert (outcome.dead, outcome.parked) == (0, 0)

    async def check(self, events: Sequence[Event]) -> None:
        """What is known is what is true."""
        async with unit_of_work(self.sessions) as session:
            seen = await SEEN[self.service](session, events)
        assert seen == TRUTH[self.service](events)


def hearing_of(service: Service) -> Hearing:
    """What a service listens to."""
    routers = {
        "registration": registration_subscribers.create_router,
        "matching": matching_subscribers.create_router,
        "notification": notification_subscribers.create_router,
    }
    return Hearing(service, routers[service](), {"policy": Policy(), "rules": Rules(), "clock": lambda: NOW})


@pytest.fixture(scope="module")
def urls(postgres: Databases) -> Iterator[dict[Service, str]]:
    """A database of each service for all histories: each has a world of its own."""
    names = {service: postgres.create_database(postgres.template_of(service, upgrade)) for service in SERVICES}
    yield {service: postgres.url(name) for service, name in names.items()}
    for name in names.values():
        postgres.drop_database(name)


@pytest.fixture
async def listener(request: pytest.FixtureRequest, urls: dict[Service, str]) -> AsyncIterator[Listener]:
    """A service that listens."""
    engine = create_engine(urls[request.param])
    yield Listener(request.param, create_sessions(engine, THE_SERVICE))
    await engine.dispose()


def cases() -> list[object]:
    """Each service with each type of event that it hears."""
    return [
        pytest.param(service, kind, id=f"{service} {kind.__name__}") for service in SERVICES for kind in HEARD[service]
    ]


@pytest.mark.parametrize(("listener", "kind"), cases(), indirect=["listener"])
async def test_whenever_an_event_arrives_the_truth_is_known(listener: Listener, kind: type[Event]) -> None:
    heard = HEARD[listener.service]
    apart, together = histories_of(kind, heard, "apart"), histories_of(kind, heard, "together")
    for step in zip_longest(*(history.told for history in apart)):
        await listener.hear([envelope for envelope in step if envelope is not None])
    await listener.hear([envelope for history in together for envelope in history.told])
    await listener.check([event for history in (*apart, *together) for event in history.events])


@pytest.mark.parametrize("listener", SERVICES, indirect=True)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_after_any_history_the_truth_is_known(listener: Listener, data: st.DataObject) -> None:
    world = World(str(new_id()))
    kinds = data.draw(st.lists(st.sampled_from(HEARD[listener.service]), min_size=2, max_size=12))
    happened = [envelope for place, kind in enumerate(kinds) for envelope in world.tell(kind, place + 1)]
    arriving = data.draw(st.permutations(happened))
    arriving += data.draw(st.lists(st.sampled_from(happened), max_size=4))
    while arriving:
        length = data.draw(st.integers(1, len(arriving)))
        await listener.hear(arriving[:length])
        arriving = arriving[length:]
    await listener.check([envelope.event for envelope in happened])


@pytest.mark.parametrize("listener", ["matching"], indirect=True)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_note_that_goes_over_to_another_record_and_back_counts_once(
    listener: Listener, data: st.DataObject
) -> None:
    world = World(str(new_id()))
    survivor = new_id()
    steps = (
        *world.tell(SkillObserved, 1),
        *world.tell(ObservationRetracted, 2),
        *(about(survivor, envelope) for envelope in world.tell(SkillObserved, 3)),
        *(about(survivor, envelope) for envelope in world.tell(ObservationRetracted, 4)),
        *world.tell(SkillObserved, 5),
    )
    happened = steps[: data.draw(st.integers(1, len(steps)))]
    for envelope in data.draw(st.permutations([*happened, happened[-1]])):
        await listener.hear([envelope])
    await listener.check([envelope.event for envelope in happened])


def about(participant_id: UUID, envelope: Envelope) -> Envelope:
    """The same, said of somebody else."""
    return replace(envelope, event=envelope.event.model_copy(update={"participant_id": participant_id}))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_listens_to_what_the_registry_says(service: Service) -> None:
    assert set(hearing_of(service).topics) == {topic for topic in TOPICS if service in topic.consumers}


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_tells_something_or_is_known_to_say_nothing(service: Service) -> None:
    heard = HEARD[service]
    silent = {kind for kind in heard if not any(tells(service, one, kind) for one in histories_of(kind, heard, ""))}
    assert silent == SAYS_NOTHING[service]


def tells(service: Service, history: History, kind: type[Event]) -> bool:
    """Whether the truth of a history would be another one without the events of a type."""
    others = [event for event in history.events if not isinstance(event, kind)]
    return TRUTH[service](history.events) != TRUTH[service](others)
