"""What matching promises of proposals, approvals, refusals and rematches, on a real database."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from services.matching.domain.pairing import Change
from services.matching.domain.situation import Pair, RunInputs
from services.matching.repository import pairings, runs
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases import computing, rematches, replaying
from services.matching.use_cases.approving import Edits, reject
from services.matching.use_cases.refusals import (
    ContradictoryRules,
    EditImpossible,
    MeetupOver,
    NotOfThisMeetup,
    NotWaiting,
)
from services.matching.use_cases.replaying import record_of, replay
from shared.contracts.employers import NeedClosed
from shared.contracts.invitations import InvitationAccepted, InvitationDeclined, InvitationExpired
from shared.contracts.meetups import MeetupCancelled, ParticipantUnenrolled
from shared.contracts.participants import ConsentWithdrawn, ParticipantErased
from shared.contracts.vocabulary import RematchReason
from shared.database import unit_of_work
from shared.ids import new_id
from shared.travel.tables import outbox
from tests.services.matching.conftest import ADVISER, NEEDS, PEOPLE, Stage
from tests.support.events import (
    NICE,
    NOW,
    an_id,
    meetup_scheduled,
    need_published,
    participant_registered,
    skill_observed,
)

MEETUP = an_id("meetup")


def declined(participant_id: UUID, revision: int = 2) -> InvitationDeclined:
    return InvitationDeclined(
        meetup_id=MEETUP,
        participant_id=participant_id,
        invitation_id=participant_id,
        revision=revision,
        reason="unsaid",
    )


def accepted(participant_id: UUID, revision: int = 2) -> InvitationAccepted:
    return InvitationAccepted(
        meetup_id=MEETUP, participant_id=participant_id, invitation_id=participant_id, revision=revision
    )


def pairs(stored: StoredPairing) -> frozenset[Pair]:
    return stored.pairing.pairs


def places(stored: StoredPairing) -> dict[Pair, tuple[int, int]]:
    return {meeting.pair: (meeting.slot, meeting.table) for meeting in stored.pairing.meetings}


def causes(changes: tuple[Change, ...]) -> dict[Pair, str]:
    return {Pair(change.participant_id, change.need_id): change.cause for change in changes}


async def published(stage: Stage) -> list[str]:
    async with unit_of_work(stage.sessions) as session:
        return list((await session.exec(select(outbox.c.type).order_by(outbox.c.position))).all())


async def test_everybody_who_can_have_a_worthwhile_meeting_gets_one_before_anybody_gets_a_third(
    gallery: Stage,
) -> None:
    proposal = await gallery.propose()
    meetings, reserve = proposal.pairing.meetings, proposal.pairing.reserve
    could = {one.participant_id for one in meetings if one.is_worthwhile}
    could |= {one.participant_id for one in reserve if one.is_worthwhile}
    counts = Counter(one.participant_id for one in meetings if one.is_worthwhile)
    assert len(meetings) == 9, "three needs with three seats each are full"
    assert set(counts) == could
    assert max(counts.values()) <= min(counts.values()) + 1, "as even as it can be"
    assert proposal.pairing.proof.plan_status == "optimal"


async def test_nothing_is_in_force_before_an_adviser_approves(gallery: Stage) -> None:
    await gallery.propose()
    async with unit_of_work(gallery.sessions) as session:
        assert await pairings.in_force(session, MEETUP) is None
    assert "vernissage.pairing.approved.v1" not in await published(gallery)


async def test_a_score_is_the_sum_of_its_terms(gallery: Stage) -> None:
    proposal = await gallery.propose()
    for meeting in proposal.pairing.meetings:
        score = meeting.reasons.score
        assert score.value == pytest.approx(sum(term.contribution for term in score.terms), abs=1e-12)
        assert score.low <= score.value <= score.high


async def test_a_pair_that_cannot_be_says_why(gallery: Stage) -> None:
    await gallery.hear(
        participant_registered(PEOPLE[0], revision=2, home=NICE),
        need_published(NEEDS[1], revision=2, hours=("day", "night")),
    )
    proposal = await gallery.propose()
    reasons = {(one.participant_id, one.need_id): one.reasons for one in proposal.pairing.dropped}
    assert reasons[an_id(PEOPLE[0]), an_id(NEEDS[0])] == ("commute",)
    assert reasons[an_id(PEOPLE[0]), an_id(NEEDS[1])] == ("commute", "hours")
    assert reasons[an_id(PEOPLE[1]), an_id(NEEDS[1])] == ("hours",)
    assert an_id(PEOPLE[0]) in proposal.pairing.without_meeting
    assert an_id(NEEDS[1]) in proposal.pairing.unmet_needs


async def test_somebody_who_refuses_to_be_paired_never_is(gallery: Stage) -> None:
    await gallery.hear(ConsentWithdrawn(participant_id=an_id(PEOPLE[2]), revision=2, purpose="pairing"))
    proposal = await gallery.propose()
    assert all(one.participant_id != an_id(PEOPLE[2]) for one in proposal.pairing.meetings)
    assert all(one.participant_id != an_id(PEOPLE[2]) for one in proposal.pairing.reserve)


async def test_repeating_a_rematch_with_nothing_changed_changes_nothing(gallery: Stage) -> None:
    first = await gallery.approve(await gallery.propose())
    again = await gallery.propose()
    assert places(again) == places(first)
    assert again.pairing.difference.is_empty
    assert len(again.pairing.difference.kept) == len(first.pairing.meetings)


async def test_requests_for_the_same_meetup_share_one_run(gallery: Stage) -> None:
    asked = [await gallery.ask(), await gallery.ask(), await gallery.ask()]
    assert await gallery.compute() == 1
    run = await gallery.newest_run()
    async with unit_of_work(gallery.sessions) as session:
        answered = [request.id for request in await runs.requests_of_run(session, run.id)]
    assert sorted(answered) == sorted(asked)


async def test_a_newer_proposal_supersedes_the_one_that_waits(gallery: Stage) -> None:
    first = await gallery.propose()
    second = await gallery.propose(forbids=[(PEOPLE[0], NEEDS[0])])
    with pytest.raises(NotWaiting) as refusal:
        await gallery.approve(first)
    assert refusal.value.status == "superseded"
    assert refusal.value.newer == second.id


async def test_two_advisers_at_once_cannot_both_win(gallery: Stage) -> None:
    proposal = await gallery.propose()
    outcomes = await asyncio.gather(gallery.approve(proposal), gallery.approve(proposal), return_exceptions=True)
    assert sum(isinstance(outcome, StoredPairing) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, NotWaiting) for outcome in outcomes) == 1
    assert (await published(gallery)).count("vernissage.pairing.approved.v1") == 1


async def test_pins_and_forbids_hold_and_are_named_as_causes(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    out = before.pairing.meetings[0].pair
    everything = [Pair(an_id(one), an_id(need)) for one in PEOPLE for need in NEEDS]
    absent = next(pair for pair in everything if pair not in pairs(before))
    names = {an_id(name): name for name in (*PEOPLE, *NEEDS)}
    after = await gallery.propose(
        pins=[(names[absent.participant_id], names[absent.need_id])],
        forbids=[(names[out.participant_id], names[out.need_id])],
    )
    assert absent in pairs(after)
    assert out not in pairs(after)
    assert (await gallery.in_force()).id == before.id, "what a request forbids waits for an approval"
    difference = after.pairing.difference
    assert causes(difference.added)[absent] == "pin"
    assert causes(difference.removed)[out] == "forbid"
    assert all(one.cause != "unexplained" for one in (*difference.added, *difference.removed, *difference.moved))


async def test_an_impossible_demand_is_refused_and_named(gallery: Stage) -> None:
    await gallery.hear(participant_registered(PEOPLE[0], revision=2, home=NICE))
    await gallery.ask(pins=[(PEOPLE[0], NEEDS[0])])
    await gallery.compute()
    run = await gallery.newest_run()
    assert run.status == "impossible"
    assert [conflict["kind"] for conflict in run.conflicts] == ["pin-infeasible"]
    assert run.conflicts[0]["pairs"] == [[str(an_id(PEOPLE[0])), str(an_id(NEEDS[0]))]]
    assert run.conflicts[0]["obstacles"][0].startswith("commute")


async def test_a_refusal_is_filled_from_the_reserve_and_touches_nobody_else(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    leaver = before.pairing.meetings[0].participant_id
    await gallery.hear(declined(leaver))
    after = await gallery.in_force()
    stayed = {pair: place for pair, place in places(before).items() if pair.participant_id != leaver}
    assert stayed.items() <= places(after).items()
    assert leaver not in {meeting.participant_id for meeting in after.pairing.meetings}
    assert len(after.pairing.meetings) == len(before.pairing.meetings)
    reserve = {place.pair for place in before.pairing.reserve}
    assert all(Pair(one.participant_id, one.need_id) in reserve for one in after.pairing.difference.added)
    assert {one.cause for one in after.pairing.difference.removed} == {"refusal"}
    assert after.decided_by == ADVISER
    assert (await published(gallery))[-1] == "vernissage.pairing.revised.v1"


async def test_a_refusal_heard_twice_is_filled_once(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    leaver = before.pairing.meetings[0].participant_id
    await gallery.hear(declined(leaver))
    await gallery.hear(declined(leaver))
    await gallery.hear(InvitationExpired(meetup_id=MEETUP, participant_id=leaver, invitation_id=leaver, revision=3))
    assert (await gallery.in_force()).revision == before.revision + 1


async def test_somebody_who_changed_their_mind_in_time_is_not_taken_out(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    person = before.pairing.meetings[0].participant_id
    await gallery.hear(accepted(person, revision=3))
    await gallery.hear(declined(person, revision=2))
    assert (await gallery.in_force()).id == before.id


async def test_somebody_who_declined_comes_back_by_a_rematch(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    person = before.pairing.meetings[0].participant_id
    await gallery.hear(declined(person))
    assert person not in {one.participant_id for one in (await gallery.propose()).pairing.meetings}
    await gallery.hear(accepted(person, revision=3))
    assert person in {one.participant_id for one in (await gallery.propose()).pairing.meetings}


async def test_an_accepted_meeting_stays_whatever_is_seen_later(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    weakest = min(before.pairing.meetings, key=lambda meeting: meeting.reasons.utility)
    await gallery.hear(accepted(weakest.participant_id))
    name = next(name for name in PEOPLE if an_id(name) == weakest.participant_id)
    await gallery.hear(
        participant_registered(name, revision=2, home=NICE),
        *(skill_observed(name, "6D102", 0, f"late rater {number}") for number in range(5)),
    )
    after = await gallery.propose()
    kept = {meeting.pair for meeting in before.pairing.meetings if meeting.participant_id == weakest.participant_id}
    assert kept <= pairs(after)


async def test_a_proposal_that_counts_on_somebody_who_leaves_is_computed_again(gallery: Stage) -> None:
    proposal = await gallery.propose()
    leaver = proposal.pairing.meetings[0].participant_id
    await gallery.hear(ParticipantUnenrolled(meetup_id=MEETUP, participant_id=leaver, revision=2))
    with pytest.raises(NotWaiting):
        await gallery.approve(proposal)
    assert await gallery.compute() == 1
    assert leaver not in {meeting.participant_id for meeting in (await gallery.proposal()).pairing.meetings}


async def test_a_refusal_that_comes_while_a_run_computes_is_not_overwritten(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await gallery.approve(await gallery.propose())
    leaver = before.pairing.meetings[0].participant_id
    await gallery.ask()
    compute = replaying.propose_on_record

    async def compute_while_somebody_declines(inputs: RunInputs) -> object:
        monkeypatch.setattr(replaying, "propose_on_record", compute)
        await gallery.hear(declined(leaver))
        return await compute(inputs)

    monkeypatch.setattr(replaying, "propose_on_record", compute_while_somebody_declines)
    assert await gallery.compute() == 2, "the run is computed again on what holds now"
    proposal = await gallery.proposal()
    assert proposal.based_on == (await gallery.in_force()).id
    assert leaver not in {meeting.participant_id for meeting in proposal.pairing.meetings}


async def test_an_erased_participant_is_forgotten_and_replaced(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    leaver = before.pairing.meetings[0].participant_id
    await gallery.hear(ParticipantErased(participant_id=leaver, revision=9, erased_at=NOW))
    after = await gallery.in_force()
    assert leaver not in {meeting.participant_id for meeting in after.pairing.meetings}
    assert not after.pairing.difference.removed, "what became of them is no longer told under their id"


async def test_a_cancelled_meetup_has_no_pairing(gallery: Stage) -> None:
    await gallery.approve(await gallery.propose())
    await gallery.hear(MeetupCancelled(meetup_id=MEETUP, revision=2))
    async with unit_of_work(gallery.sessions) as session:
        assert await pairings.in_force(session, MEETUP) is None
        with pytest.raises(MeetupOver):
            await rematches.meetup_to_come(session, MEETUP, NOW)
    assert (await published(gallery))[-1] == "vernissage.pairing.withdrawn.v1"


async def test_a_closed_need_loses_its_meetings_with_that_cause(gallery: Stage) -> None:
    await gallery.approve(await gallery.propose())
    await gallery.hear(NeedClosed(employer_id=an_id(f"employer of {NEEDS[0]}"), need_id=an_id(NEEDS[0]), revision=2))
    after = await gallery.in_force()
    assert an_id(NEEDS[0]) not in {meeting.need_id for meeting in after.pairing.meetings}
    assert {one.cause for one in after.pairing.difference.removed if one.need_id == an_id(NEEDS[0])} == {"closed-need"}


async def test_a_request_that_comes_before_its_meetup_waits_for_it(stage: Stage) -> None:
    await stage.ask()
    assert await stage.compute() == 0
    await stage.hear(need_published(NEEDS[0]), meetup_scheduled("meetup", [NEEDS[0]]))
    assert await stage.compute() == 1
    assert (await stage.proposal()).pairing.meetings == ()


async def test_an_adviser_changes_and_approves(gallery: Stage) -> None:
    proposal = await gallery.propose()
    out = proposal.pairing.meetings[0].pair
    instead = next(place.pair for place in proposal.pairing.reserve if place.need_id == out.need_id)
    approved = await gallery.approve(proposal, Edits(remove=[out], add=[instead]))
    assert pairs(approved) == (pairs(proposal) - {out}) | {instead}
    assert pairs(await gallery.in_force()) == pairs(approved)


async def test_an_edit_beyond_the_seats_is_refused_and_changes_nothing(gallery: Stage) -> None:
    proposal = await gallery.propose()
    newcomer = proposal.pairing.reserve[0].pair
    with pytest.raises(EditImpossible) as refusal:
        await gallery.approve(proposal, Edits(add=[newcomer]))
    assert refusal.value.rule == "seats"
    assert (await gallery.proposal()).id == proposal.id


async def test_a_rejected_proposal_leaves_what_was_in_force(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    proposal = await gallery.propose(forbids=[(PEOPLE[0], NEEDS[0])])
    async with unit_of_work(gallery.sessions) as session:
        await reject(session, proposal.id, rejected_by=ADVISER, note="Pas maintenant", now=NOW)
    assert (await gallery.in_force()).id == before.id
    with pytest.raises(NotWaiting):
        await gallery.approve(proposal)


async def test_contradictory_and_foreign_pairs_are_refused(gallery: Stage) -> None:
    pair = Pair(an_id(PEOPLE[0]), an_id(NEEDS[0]))
    stranger = Pair(an_id("a stranger"), an_id(NEEDS[0]))
    for pins, forbids, refusal in (([pair], [pair], ContradictoryRules), ([stranger], [], NotOfThisMeetup)):
        with pytest.raises(refusal):
            async with unit_of_work(gallery.sessions) as session:
                await rematches.ask_for_pairing(
                    session,
                    meetup_id=MEETUP,
                    requested_by=ADVISER,
                    reason=RematchReason.OTHER,
                    note=None,
                    pins=pins,
                    forbids=forbids,
                    moment=gallery.moment(),
                )
    assert "vernissage.rematch.requested.v1" not in await published(gallery)


async def test_a_past_meetup_is_not_approved(gallery: Stage) -> None:
    proposal = await gallery.propose()
    gallery.now = NOW + timedelta(days=11)
    with pytest.raises(MeetupOver):
        await gallery.approve(proposal)


async def test_a_recorded_run_gives_the_same_bytes_again(gallery: Stage) -> None:
    await gallery.approve(await gallery.propose())
    await gallery.hear(*(skill_observed(name, "6D102", 4, "somebody new") for name in PEOPLE))
    async with unit_of_work(gallery.sessions) as session:
        for run in (await runs.runs_of(session, MEETUP)).items:
            assert await replay(await record_of(session, run.id))


async def test_a_run_whose_computer_died_is_computed_by_another(gallery: Stage) -> None:
    await gallery.ask()
    async with unit_of_work(gallery.sessions) as session:
        dead = await runs.claim(session, new_id(), timedelta(seconds=-1))
    assert dead is not None
    assert await gallery.compute() == 1
    assert (await gallery.newest_run()).attempts == 2
    await gallery.proposal()


async def test_a_computer_that_lost_its_lease_records_nothing(gallery: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await gallery.ask()
    compute = replaying.propose_on_record

    async def compute_too_long(inputs: RunInputs) -> object:
        monkeypatch.setattr(replaying, "propose_on_record", compute)
        monkeypatch.setattr(computing, "LEASE", timedelta(minutes=5))
        await gallery.compute()
        return await compute(inputs)

    monkeypatch.setattr(computing, "LEASE", timedelta(seconds=-1))
    monkeypatch.setattr(replaying, "propose_on_record", compute_too_long)
    await gallery.compute()
    async with unit_of_work(gallery.sessions) as session:
        assert len((await pairings.history(session, MEETUP)).items) == 1
