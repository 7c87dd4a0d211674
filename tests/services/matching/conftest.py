"""Matching on a real database, driven by events as they arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.matching.domain.situation import Policy
from services.matching.repository import pairings, runs
from services.matching.repository.pairings import StoredPairing
from services.matching.subscribers import create_router
from services.matching.use_cases import approving
from services.matching.use_cases.computing import Computer, compute_next
from shared.contracts.envelope import Event
from shared.contracts.rematches import RematchRequested
from shared.contracts.vocabulary import Pair, RematchReason
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.ids import new_id
from shared.moment import Moment
from shared.travel.hearing import Hearing
from shared.travel.topics import (
    TOPIC_OF_EVENT,
)
from tests.support.events import (
    NOW,
    an_id,
    consent_granted,
    meetup_scheduled,
    need_published,
    participant_enrolled,
    participant_registered,
    sent,
    skill_observed,
)

ADVISER = an_id("adviser")
PEOPLE = [f"person {number}" for number in range(8)]
NEEDS = [f"need {number}" for number in range(3)]


@dataclass
class Stage:
    """Matching with its clock in the test's hand."""

    engine: AsyncEngine
    sessions: Sessions
    policy: Policy = field(default_factory=Policy)
    now: datetime = NOW

    def __post_init__(self) -> None:
        given = {"policy": self.policy, "clock": lambda: self.now}
        self.hearing = Hearing("matching", create_router(), given)
        self.computer = Computer(self.sessions, self.policy, lambda: self.now, new_id)

    async def hear(self, *events: Event) -> None:
        """Let events arrive, each topic's together, in one transaction each."""
        for topic in dict.fromkeys(TOPIC_OF_EVENT[type(event)] for event in events):
            of_topic = [sent(event) for event in events if TOPIC_OF_EVENT[type(event)] is topic]
            async with unit_of_work(self.sessions) as session:
                await self.hearing.subscription(topic).handler(session, of_topic)

    async def ask(self, *, pins: Sequence[tuple[str, str]] = (), forbids: Sequence[tuple[str, str]] = ()) -> UUID:
        """An outside system asks for a pairing of the meetup."""
        event = RematchRequested(
            meetup_id=an_id("meetup"),
            request_id=new_id(),
            requested_by=ADVISER,
            reason=RematchReason.OTHER,
            pins=tuple(Pair(participant_id=an_id(one), need_id=an_id(need)) for one, need in pins),
            forbids=tuple(Pair(participant_id=an_id(one), need_id=an_id(need)) for one, need in forbids),
        )
        await self.hear(event)
        return event.request_id

    async def compute(self) -> int:
        """Compute every run that waits; gives how many."""
        count = 0
        while await compute_next(self.computer):
            count += 1
        return count

    async def propose(self, **asked: Sequence[tuple[str, str]]) -> StoredPairing:
        """Ask and compute; gives the proposal."""
        await self.ask(**asked)
        await self.compute()
        return await self.proposal()

    async def proposal(self) -> StoredPairing:
        """The proposal that waits; the test fails where there is none."""
        async with unit_of_work(self.sessions) as session:
            found = await pairings.proposed(session, an_id("meetup"))
        assert found is not None, "no proposal waits"
        return found

    async def in_force(self) -> StoredPairing:
        """The pairing in force; the test fails where there is none."""
        async with unit_of_work(self.sessions) as session:
            found = await pairings.in_force(session, an_id("meetup"))
        assert found is not None, "no pairing is in force"
        return found

    async def approve(self, proposal: StoredPairing, edits: approving.Edits | None = None) -> StoredPairing:
        """The adviser approves."""
        async with unit_of_work(self.sessions) as session:
            return await approving.approve(
                session,
                proposal.id,
                approved_by=ADVISER,
                edits=edits or approving.Edits(),
                moment=self.moment(),
                policy=self.policy,
            )

    def moment(self) -> Moment:
        """Now, by the adviser."""
        return Moment(self.now, new_id, by=ADVISER)

    async def newest_run(self) -> runs.Run:
        """The meetup's newest run."""
        async with unit_of_work(self.sessions) as session:
            return (await runs.runs_of(session, an_id("meetup"))).items[0]


@pytest.fixture
async def stage(service_database: Callable[[str], str]) -> AsyncIterator[Stage]:
    """Matching with nothing told yet."""
    engine = create_engine(service_database("matching"))
    yield Stage(engine, create_sessions(engine))
    await engine.dispose()


@pytest.fixture
async def gallery(stage: Stage) -> Stage:
    """A meetup of eight people, who were all seen, with three needs of three seats each."""
    await stage.hear(*gallery_events())
    return stage


def gallery_events() -> list[Event]:
    """All that the gallery is told."""
    return [
        *(participant_registered(name) for name in PEOPLE),
        *(consent_granted(name) for name in PEOPLE),
        *(need_published(name) for name in NEEDS),
        meetup_scheduled("meetup", NEEDS),
        *(participant_enrolled("meetup", name) for name in PEOPLE),
        *(
            skill_observed(name, skill, (number + shift) % 5, rater)
            for number, name in enumerate(PEOPLE)
            for shift, skill in enumerate(("6D102", "6D109", "6D101"))
            for rater in ("mediator", "adviser")
        ),
    ]
