"""A freed seat goes to whoever has nothing, never to a forbidden pair, and is counted."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from sqlmodel import select

from services.matching.domain.situation import Pair
from services.matching.repository import facts
from services.matching.tables import ExposureRow
from services.matching.use_cases import rematches
from shared.contracts.employers import NeedClosed
from shared.contracts.envelope import Event
from shared.contracts.invitations import InvitationAccepted, InvitationDeclined
from shared.database import unit_of_work
from tests.services.matching.conftest import ADVISER, Stage
from tests.support.events import (
    an_id,
    consent_granted,
    meetup_scheduled,
    need_published,
    participant_enrolled,
    participant_registered,
    skill_observed,
)

MEETUP = an_id("meetup")
FIVE = [f"one of five {number}" for number in range(5)]
TWO = ["need of two", "other need of two"]


def declined(person: UUID) -> InvitationDeclined:
    return InvitationDeclined(
        meetup_id=MEETUP, participant_id=person, invitation_id=person, revision=2, reason="unsaid"
    )


@pytest.fixture
async def five(stage: Stage) -> Stage:
    """Five people, one with lower levels, for four meetings: four have one each, the fifth none."""
    events: list[Event] = [
        *(participant_registered(name) for name in FIVE),
        *(consent_granted(name) for name in FIVE),
        *(need_published(name, seats=2) for name in TWO),
        meetup_scheduled("meetup", TWO),
        *(participant_enrolled("meetup", name) for name in FIVE),
        *(
            skill_observed(name, skill, 2 if name == FIVE[4] else 4, rater)
            for name in FIVE
            for skill in ("6D102", "6D109")
            for rater in ("mediator", "adviser")
        ),
    ]
    await stage.hear(*events)
    return stage


async def test_the_one_without_a_meeting_comes_in(five: Stage) -> None:
    before = await five.approve(await five.propose())
    counts = Counter(meeting.participant_id for meeting in before.pairing.meetings)
    assert sorted(counts.values()) == [1, 1, 1, 1]
    (fifth,) = {an_id(name) for name in FIVE} - set(counts)
    leaver = before.pairing.meetings[0].participant_id
    await five.hear(declined(leaver))
    after = await five.in_force()
    assert Counter(meeting.participant_id for meeting in after.pairing.meetings) == Counter(
        dict.fromkeys({*counts, fifth} - {leaver}, 1)
    )
    assert after.pairing.without_meeting == ()


async def test_a_forbidden_pair_stands_in_no_reserve_and_fills_no_seat(five: Stage) -> None:
    before = await five.propose()
    counts = Counter(meeting.participant_id for meeting in before.pairing.meetings)
    (fifth,) = {an_id(name) for name in FIVE} - set(counts)
    name = next(name for name in FIVE if an_id(name) == fifth)
    approved = await five.approve(await five.propose(forbids=[(name, TWO[0])]))
    assert Pair(fifth, an_id(TWO[0])) not in {place.pair for place in approved.pairing.reserve}
    leavers = [one.participant_id for one in approved.pairing.meetings if one.need_id == an_id(TWO[0])]
    await five.hear(*(declined(person) for person in leavers))
    assert Pair(fifth, an_id(TWO[0])) not in (await five.in_force()).pairing.pairs


async def test_a_pair_forbidden_after_approval_does_not_fill(five: Stage) -> None:
    before = await five.approve(await five.propose())
    (fifth,) = {an_id(name) for name in FIVE} - {meeting.participant_id for meeting in before.pairing.meetings}
    first = before.pairing.meetings[0]
    async with unit_of_work(five.sessions) as session:
        await rematches.set_rule(
            session,
            MEETUP,
            Pair(fifth, first.need_id),
            "forbid",
            set_by=ADVISER,
            moment=five.moment(),
            policy=five.policy,
        )
    await five.hear(declined(first.participant_id))
    assert Pair(fifth, first.need_id) not in (await five.in_force()).pairing.pairs


async def test_who_accepted_and_whose_need_closed_comes_first_elsewhere(five: Stage) -> None:
    """A seat is free at the other need, whose employer can meet three."""
    await five.hear(need_published(TWO[1], seats=3, revision=2))
    before = await five.approve(await five.propose())
    bereft = [one.participant_id for one in before.pairing.meetings if one.need_id == an_id(TWO[0])]
    await five.hear(
        *(
            InvitationAccepted(meetup_id=MEETUP, participant_id=person, invitation_id=person, revision=2)
            for person in bereft
        )
    )
    stays = [one for one in before.pairing.meetings if one.need_id == an_id(TWO[1])]
    await five.hear(declined(stays[0].participant_id))
    await five.hear(
        NeedClosed(employer_id=an_id(f"employer of {TWO[0]}"), need_id=an_id(TWO[0]), revision=2),
    )
    after = await five.in_force()
    assert {one.need_id for one in after.pairing.meetings} == {an_id(TWO[1])}
    assert {one.participant_id for one in after.pairing.meetings} & set(bereft)
    assert {one.cause for one in after.pairing.difference.removed} == {"closed-need"}


async def test_who_accepted_and_lost_a_meeting_may_take_a_seat_that_nobody_left(five: Stage) -> None:
    before = await five.approve(await five.propose())
    bereft = {one.participant_id for one in before.pairing.meetings if one.need_id == an_id(TWO[0])}
    await five.hear(
        *(
            InvitationAccepted(meetup_id=MEETUP, participant_id=person, invitation_id=person, revision=2)
            for person in sorted(bereft)
        )
    )
    await five.hear(need_published(TWO[1], seats=4, revision=2))
    await five.hear(NeedClosed(employer_id=an_id(f"employer of {TWO[0]}"), need_id=an_id(TWO[0]), revision=2))
    after = await five.in_force()
    assert bereft <= {one.participant_id for one in after.pairing.meetings if one.need_id == an_id(TWO[1])}


async def test_everybody_shortlisted_is_counted_once_whoever_they_meet(five: Stage) -> None:
    before = await five.approve(await five.propose())
    leaver = before.pairing.meetings[0].participant_id
    await five.hear(declined(leaver))
    await five.approve(await five.propose())
    async with unit_of_work(five.sessions) as session:
        rows = (await session.exec(select(ExposureRow))).all()
        assert {row.participant_id: row.times for row in rows} == {an_id(name): 1 for name in FIVE}
        assert await facts.exposures(session, [leaver]) == {leaver: 1}
