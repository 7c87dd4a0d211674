"""What an adviser said of a record that was merged holds of the one that goes on, for as long as they are one."""

from __future__ import annotations

from datetime import timedelta

from services.matching.domain.situation import Pair
from services.matching.repository import pairings
from shared.contracts.meetups import ParticipantUnenrolled
from shared.contracts.participants import ConsentWithdrawn, ParticipantChanged
from shared.database import unit_of_work
from tests.services.matching.conftest import ADVISER, NEEDS, PEOPLE, Stage
from tests.support.events import an_id, participant_registered

MEETUP, SURVIVOR, GONE = an_id("meetup"), an_id(PEOPLE[0]), an_id(PEOPLE[1])
NEED, OTHER_NEED = an_id(NEEDS[0]), an_id(NEEDS[1])


def told(revision: int, *, is_merged: bool) -> ParticipantChanged:
    """The state of the second person's record."""
    state = participant_registered(PEOPLE[1]).model_dump()
    return ParticipantChanged(**{**state, "revision": revision, "merged_into": SURVIVOR if is_merged else None})


async def rules(stage: Stage) -> dict[Pair, str]:
    async with unit_of_work(stage.sessions) as session:
        return await pairings.rules_of(session, MEETUP)


async def test_a_forbidden_pair_stays_forbidden_to_the_one_that_goes_on(gallery: Stage) -> None:
    forbidden = [(PEOPLE[1], need) for need in NEEDS]
    await gallery.ask(forbids=forbidden)
    await gallery.hear(
        ParticipantUnenrolled(meetup_id=MEETUP, participant_id=GONE, revision=2),
        ConsentWithdrawn(participant_id=GONE, revision=2, purpose="pairing"),
        told(2, is_merged=True),
    )
    proposal = await gallery.propose()
    assert proposal.pairing.meetings
    assert {SURVIVOR, GONE}.isdisjoint({meeting.participant_id for meeting in proposal.pairing.meetings})
    assert await rules(gallery) == {Pair(SURVIVOR, an_id(need)): "forbid" for need in NEEDS}
    await gallery.hear(told(3, is_merged=False), told(2, is_merged=True))
    assert await rules(gallery) == {Pair(GONE, an_id(need)): "forbid" for need in NEEDS}


async def test_the_latest_word_holds_under_whichever_name_and_is_taken_back_as_one(gallery: Stage) -> None:
    await gallery.hear(told(2, is_merged=True))
    async with unit_of_work(gallery.sessions) as session:
        words = ((GONE, "forbid", 1), (SURVIVOR, "pin", 2), (GONE, "pin", 0))
        for (person, rule, minutes), need in zip(words, (NEED, NEED, OTHER_NEED), strict=True):
            await pairings.save_rules(
                session,
                MEETUP,
                {Pair(person, need): "pin" if rule == "pin" else "forbid"},
                set_by=ADVISER,
                set_at=gallery.now + timedelta(minutes=minutes),
                at_once=True,
            )
        assert await pairings.forbids_at_once(session, MEETUP) == ()
    assert await rules(gallery) == {Pair(SURVIVOR, NEED): "pin", Pair(SURVIVOR, OTHER_NEED): "pin"}
    async with unit_of_work(gallery.sessions) as session:
        assert await pairings.drop_rule(session, MEETUP, Pair(SURVIVOR, NEED))
    assert await rules(gallery) == {Pair(SURVIVOR, OTHER_NEED): "pin"}
