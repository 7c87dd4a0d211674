"""The law of following on a real database: after any history, nothing in force or waiting breaks a rule of now."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from services.matching.domain.situation import GONE, Pair
from services.matching.repository import facts, pairings
from services.matching.repository.pairings import StoredPairing
from services.matching.tables import Base
from services.matching.use_cases import following, rematches, replaying
from services.matching.use_cases.refusals import MeetupOver, NotOfThisMeetup, NotWaiting, ProposalOutdated
from shared.contracts.employers import NeedChanged, NeedClosed
from shared.contracts.envelope import Event
from shared.contracts.invitations import InvitationAccepted, InvitationDeclined, InvitationExpired
from shared.contracts.meetups import InvitedNeed, MeetupCancelled, MeetupChanged, ParticipantUnenrolled
from shared.contracts.participants import ConsentWithdrawn, ParticipantChanged, ParticipantErased
from shared.database import unit_of_work
from shared.travel.tables import outbox
from tests.services.matching.conftest import ADVISER, Stage
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

HISTORIES = int(os.environ.get("VERNISSAGE_TEST_HISTORIES", "6"))
"""How many histories are lived through; more of them by the environment."""

MEETUP = an_id("meetup")
PEOPLE = [f"person {number}" for number in range(4)]
NEEDS = [f"need {number}" for number in range(3)]

people, needs = st.sampled_from(PEOPLE), st.sampled_from(NEEDS)
revisions = st.integers(2, 6)


def told(build: Callable[..., Event], **drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    return st.tuples(st.just("hear"), st.builds(build, **drawn))


def meetup_changed(revision: int, slots: int, breaks: tuple[int, ...], invited: tuple[str, ...], days: int) -> Event:
    state = meetup_scheduled("meetup", NEEDS).model_dump() | {
        "revision": revision,
        "slots": slots,
        "breaks": tuple(sorted(set(breaks))),
        "needs": tuple(InvitedNeed(need_id=an_id(need)) for need in dict.fromkeys(invited)),
        "starts_at": NOW + timedelta(days=days),
    }
    return MeetupChanged(**state)


def need_changed(need: str, revision: int, seats: int, hours: tuple[str, ...]) -> Event:
    state = need_published(need).model_dump() | {"revision": revision, "seats": seats, "hours": hours}
    return NeedChanged(**state)


def need_closed(need: str, revision: int) -> Event:
    return NeedClosed(employer_id=an_id(f"employer of {need}"), need_id=an_id(need), revision=revision)


def participant_changed(person: str, revision: int, far: bool) -> Event:
    state = participant_registered(person).model_dump() | {"revision": revision} | ({"home": NICE} if far else {})
    return ParticipantChanged(**state)


def consent_withdrawn(person: str, revision: int) -> Event:
    return ConsentWithdrawn(participant_id=an_id(person), revision=revision, purpose="pairing")


def erased(person: str) -> Event:
    return ParticipantErased(participant_id=an_id(person), revision=9, erased_at=NOW)


def unenrolled(person: str, revision: int) -> Event:
    return ParticipantUnenrolled(meetup_id=MEETUP, participant_id=an_id(person), revision=revision)


def enrolled(person: str, revision: int, longer: bool) -> Event:
    return participant_enrolled("meetup", person, revision=revision, double_slot=longer)


def replied(person: str, revision: int, how: type[Event]) -> Event:
    said = {"reason": "unsaid"} if how is InvitationDeclined else {}
    own = an_id(person)
    return how(meetup_id=MEETUP, participant_id=own, invitation_id=own, revision=revision, **said)


def cancelled() -> Event:
    return MeetupCancelled(meetup_id=MEETUP, revision=7)


answers = st.sampled_from([InvitationAccepted, InvitationAccepted, InvitationDeclined, InvitationExpired])
events = st.one_of(
    told(replied, person=people, revision=revisions, how=answers),
    told(replied, person=people, revision=revisions, how=answers),
    told(
        meetup_changed,
        revision=revisions,
        slots=st.integers(1, 6),
        breaks=st.tuples(st.integers(0, 5)),
        invited=st.tuples(needs, needs, needs),
        days=st.sampled_from([10, 20]),
    ),
    told(
        need_changed,
        need=needs,
        revision=revisions,
        seats=st.integers(1, 3),
        hours=st.sampled_from([("day",), ("night",)]),
    ),
    told(need_closed, need=needs, revision=revisions),
    told(participant_changed, person=people, revision=revisions, far=st.booleans()),
    told(consent_withdrawn, person=people, revision=revisions),
    told(consent_granted, name=people, revision=revisions),
    told(unenrolled, person=people, revision=revisions),
    told(enrolled, person=people, revision=revisions, longer=st.booleans()),
    told(erased, person=people),
)
pairs = st.lists(st.tuples(people, needs), max_size=1)
steps = st.one_of(
    events,
    events,
    events,
    st.tuples(st.just("ask"), st.tuples(pairs, pairs)),
    st.tuples(st.just("rule"), st.tuples(people, needs, st.sampled_from(["pin", "forbid"]))),
    st.tuples(st.just("compute"), st.none()),
    st.tuples(st.just("compute-while"), events),
    st.tuples(st.just("approve"), st.none()),
    st.tuples(st.just("approve"), st.none()),
)
histories = st.lists(steps, min_size=4, max_size=14)


@dataclass
class History:
    """Lives through steps, and remembers which accepted meetings were lost, and for which cause."""

    stage: Stage
    monkeypatch: pytest.MonkeyPatch
    unnamed: list[Pair] = field(default_factory=list)

    async def live(self, kind: str, what: Any) -> None:
        before = await self.in_force()
        answered = await self.accepted() if before else set()
        await getattr(self, "do_" + kind.replace("-", "_"))(what)
        if before is None or (after := await self.in_force()) is None or after.id == before.id:
            return
        causes = {Pair(one.participant_id, one.need_id) for one in after.pairing.difference.removed}
        lost = {pair for pair in before.pairing.pairs - after.pairing.pairs if pair.participant_id in answered}
        gone = await self.erased()
        self.unnamed += [pair for pair in lost - causes if pair.participant_id not in gone]

    async def do_hear(self, what: Event) -> None:
        await self.stage.hear(what)

    async def do_ask(self, what: tuple[list[tuple[str, str]], list[tuple[str, str]]]) -> None:
        pins, forbids = what
        await self.stage.ask(pins=pins, forbids=forbids)

    async def do_rule(self, what: tuple[str, str, Any]) -> None:
        person, need, rule = what
        try:
            async with unit_of_work(self.stage.sessions) as session:
                await rematches.set_rule(
                    session,
                    MEETUP,
                    Pair(an_id(person), an_id(need)),
                    rule,
                    set_by=ADVISER,
                    moment=self.stage.moment(),
                    policy=self.stage.policy,
                )
        except (MeetupOver, NotOfThisMeetup):
            event("rule refused")

    async def do_compute(self, _: None) -> None:
        await self.stage.compute()

    async def do_compute_while(self, what: tuple[str, Event]) -> None:
        compute = replaying.propose_on_record

        async def compute_while_it_happens(inputs: Any) -> object:
            self.monkeypatch.setattr(replaying, "propose_on_record", compute)
            await self.stage.hear(what[1])
            return await compute(inputs)

        self.monkeypatch.setattr(replaying, "propose_on_record", compute_while_it_happens)
        await self.stage.compute()
        self.monkeypatch.setattr(replaying, "propose_on_record", compute)

    async def do_approve(self, _: None) -> None:
        async with unit_of_work(self.stage.sessions) as session:
            waiting = await pairings.proposed(session, MEETUP)
        if waiting is None:
            return
        try:
            await self.stage.approve(waiting)
            event("approved")
        except (ProposalOutdated, MeetupOver, NotWaiting) as refusal:
            event(type(refusal).__name__)

    async def in_force(self) -> StoredPairing | None:
        async with unit_of_work(self.stage.sessions) as session:
            return await pairings.in_force(session, MEETUP)

    async def accepted(self) -> set[UUID]:
        async with unit_of_work(self.stage.sessions) as session:
            return {one for one, reply in (await facts.replies_of(session, MEETUP)).items() if reply == "accepted"}

    async def erased(self) -> frozenset[UUID]:
        async with unit_of_work(self.stage.sessions) as session:
            return await facts.erased_among(session, {an_id(name) for name in PEOPLE})

    async def broken(self) -> list[str]:
        """What in force or waiting breaks a rule of now, read from the tables as plainly as can be."""
        async with unit_of_work(self.stage.sessions) as session:
            meetup = await facts.find_meetup(session, MEETUP)
            assert meetup is not None
            enrolled = {one.participant_id for one in await facts.enrolments_of(session, MEETUP)}
            free = enrolled & await facts.consenting(session, enrolled)
            replies = await facts.replies_of(session, MEETUP)
            open_needs = {one.id for one in await facts.find_needs(session, NEED_IDS) if one.is_open}
            invited = {one.need_id for one in meetup.needs}
            forbidden = {
                "in-force": set(await pairings.forbids_at_once(session, MEETUP)),
                "proposed": {
                    pair for pair, rule in (await pairings.rules_of(session, MEETUP)).items() if rule == "forbid"
                },
            }
            standing = [await pairings.in_force(session, MEETUP), await pairings.proposed(session, MEETUP)]
        found = []
        for stored in standing:
            for one in stored.pairing.meetings if stored else ():
                slots = set(range(one.slot, one.slot + one.length))
                rights = {
                    "free": one.participant_id in free,
                    "not gone": replies.get(one.participant_id) not in GONE,
                    "need": one.need_id in open_needs & invited,
                    "not forbidden": stored is not None and one.pair not in forbidden[stored.status],
                    "slot": slots <= set(range(meetup.slots)) - set(meetup.breaks),
                    "not cancelled": not meetup.is_cancelled,
                }
                found += [f"{stored.status if stored else ''}: {name}" for name, right in rights.items() if not right]
        return found


NEED_IDS = {an_id(name) for name in NEEDS}


async def forget_all(stage: Stage) -> None:
    async with stage.engine.begin() as connection:
        for name in (*reversed([table.name for table in Base.metadata.sorted_tables]), "outbox"):
            await connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - names of our own


async def told_count(stage: Stage) -> int:
    async with unit_of_work(stage.sessions) as session:
        return len((await session.exec(select(outbox.c.type))).all())


@pytest.mark.timeout(600)
@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(lived=histories, ends=st.booleans(), twice=st.lists(st.integers(0, 13), max_size=3))
async def test_after_any_history_nothing_breaks_a_rule_of_now(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    lived: list[tuple[str, Any]],
    ends: bool,
    twice: list[int],
) -> None:
    await forget_all(stage)
    await stage.hear(
        *(participant_registered(name) for name in PEOPLE),
        *(consent_granted(name) for name in PEOPLE),
        *(need_published(name) for name in NEEDS),
        meetup_scheduled("meetup", NEEDS, slots=6),
        *(participant_enrolled("meetup", name) for name in PEOPLE),
        *(skill_observed(name, "6D102", 2 + place % 3) for place, name in enumerate(PEOPLE)),
    )
    history = History(stage, monkeypatch)
    await history.live("ask", ([], []))
    await history.live("compute", None)
    await history.live("approve", None)
    for kind, what in lived:
        await history.live(kind, what)
        assert await history.broken() == []
    for place in twice:
        if place < len(lived) and lived[place][0] == "hear":
            await history.live(*lived[place])
    if ends:
        await history.live("hear", cancelled())
    await stage.compute()
    assert await history.broken() == []
    assert history.unnamed == []
    count = await told_count(stage)
    async with unit_of_work(stage.sessions) as session:
        await following.follow(session, [MEETUP], stage.moment(), stage.policy)
    assert await told_count(stage) == count
