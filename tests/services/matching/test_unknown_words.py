"""Codes that the tables of this version do not hold stop nothing: what is known of the rest counts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.matching.domain.known_words import in_known_words
from services.matching.domain.pairing import Meeting
from services.matching.domain.scoring import NOT_WEIGHED, RequiredSkill
from services.matching.repository import shortlists
from services.matching.use_cases import following, replaying
from services.matching.use_cases.facts import _need
from services.matching.use_cases.fitting import refit
from services.matching.use_cases.profiles import read_profile
from services.matching.use_cases.standing import make_pool
from shared.contracts.employers import NeedChanged
from shared.contracts.invitations import InvitationAccepted
from shared.database import unit_of_work
from shared.ids import new_id
from shared.moment import Moment
from tests.services.matching.conftest import NEEDS, PEOPLE, Stage
from tests.support.events import NOW, an_id, meetup_scheduled, need_published, participant_registered, skill_observed

MOMENT = Moment(NOW, new_id)
UNKNOWN_NEED, HALF_KNOWN_NEED = "asks what nobody knows", "asks something known too"


@pytest.fixture
async def newer(gallery: Stage) -> Stage:
    """The gallery, told in words of newer tables."""
    await gallery.hear(
        skill_observed(PEOPLE[0], "ZZ9", 4),
        skill_observed(PEOPLE[0], "6D102", 4, exercise="a-new-exercise"),
        skill_observed(PEOPLE[1], "6D102", 4, framework="a-newer-framework"),
        participant_registered(
            PEOPLE[2], revision=2, wishes=("Z9999",), refused_occupations=("Z9998",), licences=("a-new-licence",)
        ),
        need_published(UNKNOWN_NEED, {"ZZ9": (2, 1.0)}),
        need_published(HALF_KNOWN_NEED, {"ZZ9": (2, 0.5), "6D102": (2, 0.3), "6D109": (2, 0.2)}, occupation="Z9999"),
        need_published("a need of a newer framework", framework="a-newer-framework"),
        meetup_scheduled("meetup", [*NEEDS, UNKNOWN_NEED, HALF_KNOWN_NEED, "a need of a newer framework"], revision=2),
    )
    return gallery


async def test_pairings_are_made(newer: Stage) -> None:
    proposal = await newer.propose()
    met = {meeting.need_id for meeting in proposal.pairing.meetings}
    assert an_id(HALF_KNOWN_NEED) in met
    assert met <= {an_id(need) for need in [*NEEDS, HALF_KNOWN_NEED]}


def place_of(meeting: Meeting) -> tuple[UUID, int, int, int]:
    return meeting.id, meeting.slot, meeting.table, meeting.length


@pytest.mark.parametrize("unknown", [{"skills": {"ZZ9": (2, 1.0)}}, {"framework": "a-newer-framework"}])
async def test_a_yes_at_a_need_in_unknown_words_keeps_its_place(gallery: Stage, unknown: dict[str, Any]) -> None:
    need = an_id(NEEDS[0])
    before = await gallery.approve(await gallery.propose())
    there = [meeting for meeting in before.pairing.meetings if meeting.need_id == need]
    yes, *unanswered = (meeting.pair for meeting in there)
    kept = [place_of(there[0])]
    await gallery.hear(
        InvitationAccepted(
            meetup_id=an_id("meetup"), participant_id=yes.participant_id, invitation_id=yes.participant_id, revision=2
        ),
        NeedChanged(**{**need_published(NEEDS[0], **unknown).model_dump(), "revision": 2}),
    )
    assert (await gallery.in_force()).id == before.id, "nobody is un-invited because a word is unknown here"

    proposal = await gallery.propose()
    assert [place_of(one) for one in proposal.pairing.meetings if one.need_id == need] == kept
    assert {change.cause for change in proposal.pairing.difference.removed if change.need_id == need} == {
        "changed-need"
    }
    assert {"unknown_skills"} == {
        reason for one in proposal.pairing.dropped if one.need_id == need for reason in one.reasons
    }
    assert {pair.participant_id for pair in unanswered} <= {
        one.participant_id for one in proposal.pairing.dropped if one.need_id == need
    }

    approved = await gallery.approve(proposal)
    async with unit_of_work(gallery.sessions) as session:
        await following.follow(session, [an_id("meetup")], gallery.moment(), gallery.policy)
    after = await gallery.in_force()
    assert after.id == approved.id
    [meeting] = [one for one in after.pairing.meetings if one.need_id == need]
    assert [place_of(meeting)] == kept
    assert meeting.reasons.score == NOT_WEIGHED
    assert "sans score" in meeting.reasons.account.for_adviser.fr
    assert meeting.reasons.account.for_employer.fr
    async with unit_of_work(gallery.sessions) as session:
        assert approved.run_id is not None
        assert await replaying.replay(await replaying.record_of(session, approved.run_id))


async def test_components_are_fitted(newer: Stage) -> None:
    assert await refit(newer.sessions, "rome-4", moment=MOMENT) == len(PEOPLE) * 6 + 2


async def test_standing_shortlists_are_kept(newer: Stage) -> None:
    await make_pool(newer.sessions, newer.policy, moment=MOMENT)
    async with unit_of_work(newer.sessions) as session:
        kept = await shortlists.find_many(session, [an_id(need) for need in [*NEEDS, UNKNOWN_NEED, HALF_KNOWN_NEED]])
    assert set(kept) == {an_id(need) for need in [*NEEDS, HALF_KNOWN_NEED]}
    assert all(len(shortlist.places) == len(PEOPLE) for shortlist in kept.values())


async def test_a_profile_says_how_many_observations_it_leaves_out(newer: Stage) -> None:
    async with unit_of_work(newer.sessions) as session:
        seen = [await read_profile(session, an_id(name), "rome-4") for name in PEOPLE[:2]]
    assert [one.left_out for one in seen] == [1, 0]


def test_a_need_keeps_what_is_known_of_it_with_weights_that_are_shares_of_one() -> None:
    def known(skills: dict[str, tuple[int, float]]) -> list[tuple[RequiredSkill, ...]]:
        needs, _ = in_known_words([_need(need_published("need", skills))], lambda _: {"6D101", "6D102"})
        return [need.requirements for need in needs]

    assert known({"6D101": (2, 0.5), "6D102": (3, 0.5)}) == [
        (RequiredSkill("6D101", 2, 0.5), RequiredSkill("6D102", 3, 0.5))
    ]
    assert known({"6D101": (2, 0.25), "ZZ9": (3, 0.75)}) == [(RequiredSkill("6D101", 2, 1.0),)]
    assert known({"ZZ9": (3, 1.0)}) == [()]
