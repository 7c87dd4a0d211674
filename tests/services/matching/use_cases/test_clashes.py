"""Nobody is expected at two meetups at the same hour, except who said yes to both: then an adviser asks."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

import pytest

from services.matching.domain.situation import Pair
from services.matching.repository import pairings
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases import standing_of
from services.matching.use_cases.computing import compute_next
from shared.contracts.invitations import InvitationAccepted
from shared.contracts.meetups import MeetupChanged
from shared.contracts.rematches import RematchRequested
from shared.contracts.vocabulary import RematchReason
from shared.database import unit_of_work
from shared.ids import new_id
from tests.services.matching.conftest import ADVISER, PEOPLE, Stage
from tests.support.events import NOW, an_id, meetup_scheduled, need_published, participant_enrolled

HERE, THERE = "meetup", "another meetup"
NEEDS_THERE = ["need there 0", "need there 1"]
SLOTS_OF_AN_HOUR = 5
NEXT_DAY = NOW + timedelta(days=11)


@pytest.fixture
async def two_meetups(gallery: Stage) -> Stage:
    """The gallery with a pairing in force, and a meetup of the same people the day after."""
    await gallery.hear(
        *(need_published(name) for name in NEEDS_THERE),
        meetup_scheduled(THERE, NEEDS_THERE, starts_at=NEXT_DAY, slots=6),
        *(participant_enrolled(THERE, name) for name in PEOPLE),
    )
    await gallery.approve(await gallery.propose())
    return gallery


def moved_to_the_same_day(revision: int = 2) -> MeetupChanged:
    """Six slots of twelve minutes, each within an hour of any of the first three slots here."""
    told = meetup_scheduled(THERE, NEEDS_THERE, slots=6).model_dump()
    return MeetupChanged(**{**told, "revision": revision})


async def proposed_there(stage: Stage) -> StoredPairing:
    await stage.hear(
        RematchRequested(meetup_id=an_id(THERE), request_id=new_id(), requested_by=ADVISER, reason=RematchReason.OTHER)
    )
    while await compute_next(stage.computer):
        pass
    async with unit_of_work(stage.sessions) as session:
        found = await pairings.proposed(session, an_id(THERE))
    assert found is not None
    return found


async def in_force_at(stage: Stage, meetup: str) -> frozenset[Pair]:
    async with unit_of_work(stage.sessions) as session:
        found = await pairings.in_force(session, an_id(meetup))
    return found.pairing.pairs if found else frozenset()


async def slots_at(stage: Stage, meetup: str) -> dict[UUID, list[int]]:
    """The slots in which each person meets; both meetups begin together and have slots of twelve minutes."""
    async with unit_of_work(stage.sessions) as session:
        found = await pairings.in_force(session, an_id(meetup))
    slots: dict[UUID, list[int]] = defaultdict(list)
    for meeting in found.pairing.meetings if found else ():
        slots[meeting.participant_id].append(meeting.slot)
    return slots


def people(pairs: frozenset[Pair]) -> frozenset[UUID]:
    return frozenset(pair.participant_id for pair in pairs)


async def test_who_meets_elsewhere_at_that_hour_is_not_planned_and_it_is_said_why(two_meetups: Stage) -> None:
    await two_meetups.hear(moved_to_the_same_day())
    there = await proposed_there(two_meetups)
    assert people(await in_force_at(two_meetups, HERE)).isdisjoint(people(there.pairing.pairs))
    reasons = {reason for one in there.pairing.dropped for reason in one.reasons}
    assert reasons == {"elsewhere"}


async def test_a_meetup_moved_onto_another_gives_way_where_nobody_said_yes(two_meetups: Stage) -> None:
    await two_meetups.approve(await proposed_there(two_meetups))
    here = await in_force_at(two_meetups, HERE)
    assert people(here) & people(await in_force_at(two_meetups, THERE)), "on two days both are possible"
    await two_meetups.hear(moved_to_the_same_day())
    assert await in_force_at(two_meetups, HERE) == here
    assert people(here).isdisjoint(people(await in_force_at(two_meetups, THERE)))


async def test_the_other_meetup_gives_way_to_who_said_yes(two_meetups: Stage) -> None:
    await two_meetups.approve(await proposed_there(two_meetups))
    there = await in_force_at(two_meetups, THERE)
    for person in sorted(people(there)):
        await two_meetups.hear(accepted(THERE, person))
    await two_meetups.hear(moved_to_the_same_day())
    assert await in_force_at(two_meetups, THERE) == there
    slots_here, slots_there = await slots_at(two_meetups, HERE), await slots_at(two_meetups, THERE)
    between = [abs(one - other) for person in slots_here for one in slots_here[person] for other in slots_there[person]]
    assert all(slots >= SLOTS_OF_AN_HOUR + 1 for slots in between), "moved apart, or out"


async def test_who_said_yes_to_both_keeps_both_and_an_adviser_asks(two_meetups: Stage) -> None:
    await two_meetups.approve(await proposed_there(two_meetups))
    here, there = await in_force_at(two_meetups, HERE), await in_force_at(two_meetups, THERE)
    for meetup, pairs in ((HERE, here), (THERE, there)):
        for person in sorted(people(pairs)):
            await two_meetups.hear(accepted(meetup, person))
    await two_meetups.hear(moved_to_the_same_day())
    assert (await in_force_at(two_meetups, HERE), await in_force_at(two_meetups, THERE)) == (here, there)
    async with unit_of_work(two_meetups.sessions) as session:
        standing = await standing_of.standing_of(session, an_id(THERE), two_meetups.policy)
    assert {ask.pair.participant_id for ask in standing.asks} == people(here) & people(there)
    assert {reason for ask in standing.asks for reason in ask.reasons} == {"elsewhere"}


async def test_approving_here_takes_back_a_proposal_there_that_counts_on_the_same_people(gallery: Stage) -> None:
    await gallery.hear(
        *(need_published(name) for name in NEEDS_THERE),
        meetup_scheduled(THERE, NEEDS_THERE, slots=6),
        *(participant_enrolled(THERE, name) for name in PEOPLE),
    )
    there = await proposed_there(gallery)
    await gallery.approve(await gallery.propose())
    async with unit_of_work(gallery.sessions) as session:
        found = await pairings.find(session, there.id)
    assert found is not None
    assert found.status == "superseded"


def accepted(meetup: str, person: UUID) -> InvitationAccepted:
    return InvitationAccepted(
        meetup_id=an_id(meetup), participant_id=person, invitation_id=an_id(f"{meetup} {person}"), revision=2
    )
