"""Somebody who has been everywhere is erased: afterwards matching's database speaks of them in its tombstone alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from services.matching.domain.situation import Pair
from services.matching.repository import facts, pairings, runs
from services.matching.tables import Base
from services.matching.use_cases import rematches, replaying, standing
from services.matching.use_cases.approving import Edits, reject
from services.matching.use_cases.computing import compute_next
from services.matching.use_cases.refusals import RecordRedacted
from shared.contracts.envelope import body_of
from shared.contracts.invitations import InvitationAccepted
from shared.contracts.participants import ParticipantErased
from shared.contracts.vocabulary import RematchReason
from shared.database import unit_of_work
from shared.ids import new_id
from shared.moment import Moment
from shared.sql import run
from shared.travel.inbox import apply_batch
from shared.travel.retention import TOMBSTONES_STAY, prune
from shared.travel.topics import OBSERVATIONS, PARTICIPANTS, TOPICS
from tests.services.matching.conftest import ADVISER, NEEDS, PEOPLE, Stage
from tests.shared.travel.records import deliver
from tests.support.events import NOW, an_id, consent_granted, sent, skill_observed
from tests.support.traces import AUDIT, HOW_TO_MEND, traces_of

MEETUP = an_id("meetup")
TOMBSTONE = {"participants.id"}


async def somebody_everywhere(stage: Stage) -> UUID:
    """The people of the gallery live through everything; gives one of those who have a meeting that holds."""
    await stage.approve(await stage.propose(forbids=[(PEOPLE[7], NEEDS[0])]))
    person = (await stage.in_force()).pairing.meetings[0].participant_id
    name = next(each for each in PEOPLE if an_id(each) == person)
    need = (await stage.in_force()).pairing.meetings[0].need_id
    await stage.hear(
        InvitationAccepted(meetup_id=MEETUP, participant_id=person, invitation_id=an_id("invitation"), revision=2)
    )
    async with unit_of_work(stage.sessions) as session:
        await rematches.ask_for_pairing(
            session,
            meetup_id=MEETUP,
            requested_by=ADVISER,
            reason=RematchReason.OTHER,
            note="à revoir",
            pins=[Pair(person, need)],
            forbids=[Pair(an_id(PEOPLE[6]), need)],
            moment=stage.moment(),
        )
    rejected = await stage.propose(pins=[(name, next(each for each in NEEDS if an_id(each) == need))])
    async with unit_of_work(stage.sessions) as session:
        await reject(session, rejected.id, rejected_by=ADVISER, note="non", now=stage.now)
    await stage.approve(await stage.propose(), Edits())
    await stage.propose()
    await stage.ask(forbids=[(name, NEEDS[1])])
    await refresh_shortlists(stage)
    await stage.hear(skill_observed(name, "6D102", 1, "mediator", exercise="le-choix"))
    await bury(stage, name)
    return person


async def bury(stage: Stage, name: str) -> None:
    """Two letters about somebody die: one says too much to be read, one is no JSON at all."""
    seen = sent(skill_observed(name, "6D102", 1, "adviser"))
    registered = sent(consent_granted(name))
    for topic, envelope, body in (
        (OBSERVATIONS, seen, body_of(seen.event).replace(b'"level":1', b'"level":9')),
        (PARTICIPANTS, registered, f"<participant>{an_id(name)}</participant>".encode()),
    ):
        letter = replace(deliver([envelope])[0], topic=topic.full_name(), value=body)
        subscription = stage.hearing.subscription(topic)
        outcome = await apply_batch(stage.sessions, subscription, [letter], dead_in_a_row=0, limit=20)
        assert outcome.dead == 1


async def refresh_shortlists(stage: Stage) -> None:
    await standing.make_pool(stage.sessions, stage.policy, moment=Moment(stage.now, new_id))


async def test_of_somebody_erased_only_the_tombstone_stays(gallery: Stage) -> None:
    person = await somebody_everywhere(gallery)
    before = await traces_of(gallery.sessions, str(person))
    assert len(before) >= 15, f"they have not been everywhere: {sorted(before)}"
    await gallery.hear(ParticipantErased(participant_id=person, revision=9, erased_at=NOW))
    left = await traces_of(gallery.sessions, str(person)) - TOMBSTONE - AUDIT
    assert not left, f"{sorted(left)} {HOW_TO_MEND}"


async def test_what_was_erased_stays_so_when_late_events_and_refreshings_come(gallery: Stage) -> None:
    person = await somebody_everywhere(gallery)
    name = next(each for each in PEOPLE if an_id(each) == person)
    erased = ParticipantErased(participant_id=person, revision=9, erased_at=NOW)
    await gallery.hear(erased, erased)
    await gallery.hear(
        consent_granted(name, revision=8),
        skill_observed(name, "6D109", 2, "late"),
        InvitationAccepted(meetup_id=MEETUP, participant_id=person, invitation_id=an_id("invitation"), revision=7),
    )
    await gallery.ask(pins=[(name, NEEDS[0])], forbids=[(PEOPLE[3], NEEDS[0])])
    await gallery.compute()
    await refresh_shortlists(gallery)
    left = await traces_of(gallery.sessions, str(person)) - TOMBSTONE - AUDIT
    assert not left, f"{sorted(left)} {HOW_TO_MEND}"


async def test_a_tombstone_goes_when_nothing_late_can_come_and_late_dead_letters_before(gallery: Stage) -> None:
    person = await somebody_everywhere(gallery)
    await gallery.hear(ParticipantErased(participant_id=person, revision=9, erased_at=NOW))
    await bury(gallery, next(each for each in PEOPLE if an_id(each) == person))
    assert "dead_letters.body" in await traces_of(gallery.sessions, str(person))
    await prune(gallery.sessions, Base.metadata, now=NOW + TOMBSTONES_STAY)
    left = await traces_of(gallery.sessions, str(person)) - TOMBSTONE - AUDIT
    assert not left, f"{sorted(left)} {HOW_TO_MEND}"
    await prune(gallery.sessions, Base.metadata, now=NOW + TOMBSTONES_STAY + timedelta(seconds=1))
    assert await traces_of(gallery.sessions, str(person)) - AUDIT == set()
    others = [an_id(name) for name in PEOPLE if an_id(name) != person]
    async with unit_of_work(gallery.sessions) as session:
        assert len(await facts.find_participants(session, others)) == len(others)


async def test_a_pairing_goes_on_without_the_meetings_of_somebody_erased(gallery: Stage) -> None:
    person = await somebody_everywhere(gallery)
    await gallery.hear(ParticipantErased(participant_id=person, revision=9, erased_at=NOW))
    async with unit_of_work(gallery.sessions) as session:
        lines = (await pairings.history(session, MEETUP)).items
        history = [stored for line in lines if (stored := await pairings.find(session, line.id))]
    assert len(history) >= 3
    assert all(stored.pairing.meetings for stored in history)
    assert all(person not in {one.participant_id for one in stored.pairing.meetings} for stored in history)
    await gallery.approve(await gallery.propose())


async def test_the_record_of_a_run_says_that_its_people_were_erased(gallery: Stage) -> None:
    await gallery.propose()
    run_before = await gallery.newest_run()
    await gallery.hear(ParticipantErased(participant_id=an_id(PEOPLE[0]), revision=9, erased_at=NOW))
    async with unit_of_work(gallery.sessions) as session:
        kept = await runs.find(session, run_before.id)
        assert kept is not None
        assert (kept.status, kept.digest, kept.redacted_at) == ("done", run_before.digest, gallery.now)
        with pytest.raises(RecordRedacted):
            await replaying.record_of(session, kept.id)


async def test_somebody_erased_while_a_run_computes_is_not_in_its_record(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = an_id(PEOPLE[2])
    propose = replaying.propose_on_record

    async def propose_meanwhile(inputs: object) -> object:
        proposed = await propose(inputs)  # type: ignore[arg-type]  # the inputs as they came
        await gallery.hear(ParticipantErased(participant_id=person, revision=9, erased_at=NOW))
        monkeypatch.undo()
        return proposed

    await gallery.ask()
    monkeypatch.setattr(replaying, "propose_on_record", propose_meanwhile)
    assert await compute_next(gallery.computer)
    assert await traces_of(gallery.sessions, str(person)) - AUDIT <= TOMBSTONE | {"shortlists_due.id"}
    await gallery.compute()
    await gallery.approve(await gallery.proposal())
    assert await traces_of(gallery.sessions, str(person)) - AUDIT <= TOMBSTONE | {"shortlists_due.id"}


async def test_nobody_else_loses_anything_by_an_erasure(gallery: Stage) -> None:
    person = await somebody_everywhere(gallery)
    others = [an_id(name) for name in PEOPLE if an_id(name) != person]
    before = {one: await traces_of(gallery.sessions, str(one)) for one in others}
    await gallery.hear(ParticipantErased(participant_id=person, revision=9, erased_at=NOW))
    for one in others:
        gone = before[one] - await traces_of(gallery.sessions, str(one))
        # The newest revision may give a meeting that was free to somebody who stood in reserve.
        assert not gone - {"pair_rules.participant_id"}, gone


async def test_the_message_of_a_pairing_that_waits_to_be_sent_still_is_one(gallery: Stage) -> None:
    person = await somebody_everywhere(gallery)
    await gallery.hear(ParticipantErased(participant_id=person, revision=9, erased_at=NOW))
    async with unit_of_work(gallery.sessions) as session:
        bodies = (await run(session, text("SELECT type, body FROM outbox"))).mappings().all()
    events = {event.type: event for topic in TOPICS for event in topic.events}
    assert all(events[each["type"]].model_validate_json(each["body"]) for each in bodies)
