"""What is true now decides: pairings in force and proposals follow whatever other services tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from services.matching.domain.pairing import Change
from services.matching.domain.situation import Pair, RunInputs
from services.matching.repository import pairings, runs
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases import following, rematches, replaying, standing_of
from services.matching.use_cases.refusals import ProposalOutdated
from shared.contracts.employers import NeedChanged, NeedClosed
from shared.contracts.envelope import Event
from shared.contracts.invitations import InvitationAccepted, InvitationDeclined
from shared.contracts.meetups import InvitedNeed, MeetupCancelled, MeetupChanged, ParticipantUnenrolled
from shared.contracts.participants import ConsentWithdrawn, ParticipantChanged, ParticipantErased
from shared.database import unit_of_work
from shared.travel.tables import outbox
from tests.services.matching.conftest import ADVISER, NEEDS, PEOPLE, Stage
from tests.support.events import NICE, NOW, an_id, meetup_scheduled, need_published, participant_enrolled
from tests.support.events import participant_registered as registered

MEETUP = an_id("meetup")
NAMES = {an_id(name): name for name in (*PEOPLE, *NEEDS)}


def declined(person: UUID, revision: int = 2) -> InvitationDeclined:
    return InvitationDeclined(
        meetup_id=MEETUP, participant_id=person, invitation_id=person, revision=revision, reason="unsaid"
    )


def accepted(person: UUID, revision: int = 2) -> InvitationAccepted:
    return InvitationAccepted(meetup_id=MEETUP, participant_id=person, invitation_id=person, revision=revision)


def meetup_changed(invited: Sequence[str] = NEEDS, interviewers: int = 1, **said: object) -> MeetupChanged:
    """The meetup as it is told anew; the first need has so many interviewers."""
    needs = [InvitedNeed(need_id=an_id(name)) for name in invited]
    needs[0] = needs[0].model_copy(update={"interviewers": interviewers})
    told = meetup_scheduled("meetup", NEEDS).model_dump()
    return MeetupChanged(**{**told, "revision": 2, "needs": tuple(needs), **said})


def need_changed(name: str, **said: object) -> NeedChanged:
    return NeedChanged(**{**need_published(name).model_dump(), "revision": 2, **said})


def participant_changed(person: UUID, **said: object) -> ParticipantChanged:
    return ParticipantChanged(**{**registered(NAMES[person]).model_dump(), "revision": 2, **said})


def closed(need_id: UUID, revision: int = 2) -> NeedClosed:
    return NeedClosed(employer_id=an_id(f"employer of {NAMES[need_id]}"), need_id=need_id, revision=revision)


def unenrolled(person: UUID) -> ParticipantUnenrolled:
    return ParticipantUnenrolled(meetup_id=MEETUP, participant_id=person, revision=2)


def withdrawn(person: UUID, purpose: str = "pairing") -> ConsentWithdrawn:
    return ConsentWithdrawn.model_validate({"participant_id": person, "revision": 2, "purpose": purpose})


def people_of(stored: StoredPairing) -> set[UUID]:
    return {meeting.participant_id for meeting in stored.pairing.meetings}


def places(stored: StoredPairing) -> dict[Pair, tuple[int, int]]:
    return {meeting.pair: (meeting.slot, meeting.table) for meeting in stored.pairing.meetings}


def causes(changes: Sequence[Change]) -> dict[Pair, str]:
    return {Pair(change.participant_id, change.need_id): change.cause for change in changes}


async def published(stage: Stage) -> list[str]:
    async with unit_of_work(stage.sessions) as session:
        return list((await session.exec(select(outbox.c.type).order_by(outbox.c.position))).all())


@pytest.fixture
async def paired(gallery: Stage) -> Stage:
    """The gallery with a pairing in force that everybody accepted."""
    before = await gallery.approve(await gallery.propose())
    await gallery.hear(*(accepted(person) for person in sorted(people_of(before))))
    return gallery


async def test_a_moved_meetup_keeps_its_pairing(paired: Stage) -> None:
    before = await paired.in_force()
    await paired.hear(meetup_changed(starts_at=NOW + timedelta(days=20)))
    assert (await paired.in_force()).id == before.id


async def test_a_slot_that_vanished_moves_those_who_meet_in_it_and_nobody_else(paired: Stage) -> None:
    before = await paired.in_force()
    await paired.hear(meetup_changed(breaks=(0,)))
    after = await paired.in_force()
    assert after.pairing.pairs == before.pairing.pairs
    stayed = {pair: place for pair, place in places(before).items() if place[0] != 0}
    assert stayed.items() <= places(after).items()
    assert {slot for slot, _ in places(after).values()}.isdisjoint({0})
    assert set(causes(after.pairing.difference.moved).values()) == {"changed-meetup"}
    assert (await published(paired))[-1] == "vernissage.pairing.revised.v1"


async def test_whoever_has_no_slot_left_leaves_with_that_cause(paired: Stage) -> None:
    await paired.hear(meetup_changed(slots=1))
    after = await paired.in_force()
    assert len(after.pairing.meetings) == len(NEEDS)
    assert set(causes(after.pairing.difference.removed).values()) == {"changed-meetup"}


@pytest.mark.parametrize("cause", ["closed-need", "uninvited-need"])
async def test_a_need_that_left_is_met_by_nobody(paired: Stage, cause: str) -> None:
    gone = an_id(NEEDS[0])
    await paired.hear(closed(gone) if cause == "closed-need" else meetup_changed(NEEDS[1:]))
    after = await paired.in_force()
    assert gone not in {meeting.need_id for meeting in after.pairing.meetings}
    assert set(causes(after.pairing.difference.removed).values()) == {cause}
    assert after.pairing.difference.moved == ()


async def test_everything_withdrawn_withdraws_the_pairing(paired: Stage) -> None:
    await paired.hear(*(closed(an_id(need)) for need in NEEDS))
    async with unit_of_work(paired.sessions) as session:
        assert await pairings.in_force(session, MEETUP) is None
    assert (await published(paired))[-1] == "vernissage.pairing.withdrawn.v1"


async def test_who_accepted_is_never_uninvited_for_a_changed_limit_but_asked_about(paired: Stage) -> None:
    before = await paired.in_force()
    person = before.pairing.meetings[0].participant_id
    await paired.hear(participant_changed(person, home=NICE))
    assert (await paired.in_force()).id == before.id
    async with unit_of_work(paired.sessions) as session:
        standing = await standing_of.standing_of(session, MEETUP, paired.policy)
    own = {meeting.pair for meeting in before.pairing.meetings if meeting.participant_id == person}
    assert {ask.pair: ask.reasons for ask in standing.asks} == dict.fromkeys(own, ("commute",))


async def test_who_has_not_answered_leaves_when_a_limit_changes(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    person = before.pairing.meetings[0].participant_id
    await gallery.hear(participant_changed(person, home=NICE))
    after = await gallery.in_force()
    assert person not in people_of(after)
    assert set(causes(after.pairing.difference.removed).values()) == {"constraint"}


async def test_a_need_that_asks_a_licence_loses_who_has_none_and_not_answered(gallery: Stage) -> None:
    await gallery.approve(await gallery.propose())
    await gallery.hear(need_changed(NEEDS[0], licences=("b",)))
    after = await gallery.in_force()
    assert an_id(NEEDS[0]) not in {meeting.need_id for meeting in after.pairing.meetings}


async def test_fewer_seats_take_out_the_last_of_the_list_who_have_not_answered(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    of_need = sorted(
        (one for one in before.pairing.meetings if one.need_id == an_id(NEEDS[0])), key=lambda one: one.position
    )
    await gallery.hear(accepted(of_need[-1].participant_id), need_changed(NEEDS[0], seats=1))
    after = await gallery.in_force()
    assert [one.pair for one in after.pairing.meetings if one.need_id == an_id(NEEDS[0])] == [of_need[-1].pair]
    assert set(causes(after.pairing.difference.removed).values()) == {"capacity"}


async def test_withdrawing_contact_consent_throws_nobody_out(paired: Stage) -> None:
    before = await paired.in_force()
    await paired.hear(withdrawn(before.pairing.meetings[0].participant_id, "contact"))
    assert (await paired.in_force()).id == before.id


async def test_a_pair_forbidden_after_approval_is_out_at_once_and_never_fills(paired: Stage) -> None:
    before = await paired.in_force()
    out = before.pairing.meetings[0].pair
    waiting = [place.pair for place in before.pairing.reserve if place.need_id == out.need_id]
    async with unit_of_work(paired.sessions) as session:
        for pair in (*waiting, out):
            await rematches.set_rule(
                session, MEETUP, pair, "forbid", set_by=ADVISER, moment=paired.moment(), policy=paired.policy
            )
    after = await paired.in_force()
    assert causes(after.pairing.difference.removed) == {out: "forbid"}
    assert after.pairing.difference.added == ()


DEPARTURES = [
    pytest.param(withdrawn, id="consent withdrawn"),
    pytest.param(unenrolled, id="unenrolled"),
    pytest.param(lambda person: ParticipantErased(participant_id=person, revision=9, erased_at=NOW), id="erased"),
    pytest.param(lambda person: declined(person, 3), id="declined"),
    pytest.param(lambda person: participant_changed(person, home=NICE), id="moved away"),
]


@pytest.mark.parametrize("departure", DEPARTURES)
async def test_nobody_is_proposed_who_leaves_while_a_run_computes(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch, departure: Callable[[UUID], Event]
) -> None:
    leaver = an_id(PEOPLE[7])
    asked = await gallery.ask()
    compute = replaying.propose_on_record

    async def compute_while_somebody_leaves(inputs: RunInputs) -> object:
        monkeypatch.setattr(replaying, "propose_on_record", compute)
        await gallery.hear(departure(leaver))
        return await compute(inputs)

    monkeypatch.setattr(replaying, "propose_on_record", compute_while_somebody_leaves)
    assert await gallery.compute() == 2
    proposal = await gallery.proposal()
    assert leaver not in proposal.pairing.outline.people
    async with unit_of_work(gallery.sessions) as session:
        newest, first = (await runs.runs_of(session, MEETUP)).items
        assert (first.status, first.next_run_id) == ("outdated", newest.id)
        assert [request.id for request in await runs.requests_of_run(session, newest.id)] == [asked]
    assert (await gallery.approve(proposal)).status == "in-force"


async def test_a_meetup_cancelled_while_a_run_computes_gets_no_proposal(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gallery.ask()
    compute = replaying.propose_on_record

    async def compute_while_it_is_cancelled(inputs: RunInputs) -> object:
        await gallery.hear(MeetupCancelled(meetup_id=MEETUP, revision=2))
        return await compute(inputs)

    monkeypatch.setattr(replaying, "propose_on_record", compute_while_it_is_cancelled)
    assert await gallery.compute() == 1
    async with unit_of_work(gallery.sessions) as session:
        assert (await pairings.history(session, MEETUP)).items == ()
    run = await gallery.newest_run()
    assert (run.status, run.conflicts[0]["kind"]) == ("impossible", "meetup-over")


async def test_a_proposal_is_computed_again_as_soon_as_it_does_not_fit(gallery: Stage) -> None:
    proposal = await gallery.propose()
    await gallery.hear(closed(an_id(NEEDS[0])))
    assert await gallery.compute() == 1
    assert (await gallery.newest_run()).reason == "closed-need"
    again = await gallery.proposal()
    assert again.id != proposal.id
    assert an_id(NEEDS[0]) not in {meeting.need_id for meeting in again.pairing.meetings}


async def test_approval_refuses_what_time_made_untrue_and_the_proposal_gives_way(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = await gallery.propose()
    person = proposal.pairing.meetings[0].participant_id

    async def not_yet(*_: object) -> None:
        """The consumer learnt of it and has not followed yet."""

    with monkeypatch.context() as patched:
        patched.setattr(following, "follow", not_yet)
        await gallery.hear(withdrawn(person))
    with pytest.raises(ProposalOutdated) as refusal:
        await gallery.approve(proposal)
    assert {(one.pair.participant_id, one.cause) for one in refusal.value.broken} == {(person, "withdrawal")}
    async with unit_of_work(gallery.sessions) as session:
        await following.follow(session, [MEETUP], gallery.moment(), gallery.policy)
    assert await gallery.compute() == 1
    assert person not in people_of(await gallery.proposal())


async def test_a_proposal_that_drops_a_meeting_accepted_since_is_computed_again(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    kept = before.pairing.meetings[0]
    others = [place.pair for place in before.pairing.reserve if place.need_id == kept.need_id][:3]
    waiting = await gallery.propose(pins=[(NAMES[one.participant_id], NAMES[one.need_id]) for one in others])
    assert kept.pair not in waiting.pairing.pairs, "the scene needs a proposal that drops the meeting"
    await gallery.hear(accepted(kept.participant_id))
    await gallery.compute()
    run = await gallery.newest_run()
    assert (run.reason, run.status) == ("accepted", "impossible"), "pins and an accepted meeting take the same seats"


EVENTS: list[Event] = [
    meetup_changed(breaks=(1,), starts_at=NOW + timedelta(days=12)),
    closed(an_id(NEEDS[1])),
    need_changed(NEEDS[0], hours=("day", "night")),
    withdrawn(an_id(PEOPLE[0])),
    declined(an_id(PEOPLE[1]), 3),
    ParticipantErased(participant_id=an_id(PEOPLE[2]), revision=5, erased_at=NOW),
    unenrolled(an_id(PEOPLE[3])),
    participant_enrolled("meetup", PEOPLE[4], revision=2, first_slot=4),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
async def test_following_twice_changes_nothing(gallery: Stage, event: Event) -> None:
    await gallery.approve(await gallery.propose())
    await gallery.propose()
    await gallery.hear(event)
    told = await published(gallery)
    await gallery.hear(event)
    async with unit_of_work(gallery.sessions) as session:
        await following.follow(session, [MEETUP], gallery.moment(), gallery.policy)
    assert await published(gallery) == told


async def test_one_more_need_moves_no_accepted_meeting(paired: Stage) -> None:
    before = await paired.in_force()
    for number in range(6):
        newcomer = f"newcomer {number}"
        await paired.hear(need_published(newcomer), meetup_changed([newcomer, *NEEDS], revision=number + 2))
        after = await paired.propose()
        assert after.pairing.difference.moved == ()
        assert places(before).items() <= places(after).items()
        tables = {meeting.table for meeting in after.pairing.meetings if meeting.need_id == an_id(newcomer)}
        assert tables <= {len(NEEDS) + 1}


async def test_two_interviewers_keep_their_tables_when_somebody_declines(gallery: Stage) -> None:
    await gallery.hear(meetup_changed(interviewers=2))
    before = await gallery.approve(await gallery.propose())
    leaver = before.pairing.meetings[0].participant_id
    await gallery.hear(declined(leaver))
    after = await gallery.in_force()
    tables: dict[UUID, set[int]] = {}
    for meeting in (*before.pairing.meetings, *after.pairing.meetings):
        tables.setdefault(meeting.need_id, set()).add(meeting.table)
    assert sorted(len(found) for found in tables.values()) in ([1, 1, 2], [1, 1, 1])
    assert sum(len(found) for found in tables.values()) == len(set().union(*tables.values()))


async def test_what_was_in_force_at_a_meetup_that_began_stays_what_it_was(paired: Stage) -> None:
    before = await paired.in_force()
    person = before.pairing.meetings[0].participant_id
    paired.now = NOW + timedelta(days=10, minutes=1)
    await paired.hear(declined(person, revision=9), withdrawn(person), unenrolled(person))
    assert (await paired.in_force()).id == before.id
    assert (await published(paired))[-1] != "vernissage.pairing.withdrawn.v1"


async def test_a_second_interviewers_table_is_kept_from_the_first_placing_on(paired: Stage) -> None:
    await paired.hear(meetup_changed(interviewers=2, breaks=(0,)))
    async with unit_of_work(paired.sessions) as session:
        kept = await pairings.tables_of(session, MEETUP)
    assert list(kept.values()).count(an_id(NEEDS[0])) == 2


async def test_a_proposal_that_leaves_out_a_pair_pinned_since_is_computed_again(gallery: Stage) -> None:
    before = await gallery.propose()
    pair = before.pairing.reserve[0].pair
    async with unit_of_work(gallery.sessions) as session:
        await rematches.set_rule(
            session, MEETUP, pair, "pin", set_by=ADVISER, moment=gallery.moment(), policy=gallery.policy
        )
    assert await gallery.compute() == 1
    after = await gallery.proposal()
    assert after.id != before.id
    assert pair in after.pairing.pairs
