"""Events in any order and number lead to the same state."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.notification.tables import Base
from services.notification.use_cases import hearing
from shared.contracts.employers import NeedClosed, NeedPublished, RequiredSkill
from shared.contracts.envelope import Event
from shared.contracts.meetups import MeetupCancelled
from shared.contracts.pairings import PairingProposed, PairingWithdrawn
from shared.contracts.participants import ConsentGranted, ParticipantErased
from shared.database import unit_of_work
from shared.migrations import differences
from tests.services.notification.events import (
    LENS,
    MEETUP,
    NOW,
    an_id,
    consented,
    in_force,
    meeting,
    registered,
    scheduled,
    unconsented,
)
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story


def published(revision: int, occupation: str = "D1106") -> NeedPublished:
    """The bakery looks for somebody."""
    return NeedPublished(
        employer_id=an_id("bakery"),
        need_id=an_id("baker"),
        revision=revision,
        occupation=occupation,
        place=LENS,
        posts=1,
        seats=4,
        hours=("day",),
        licences=(),
        starts_on=None,
        framework="rome-4",
        skills=(RequiredSkill(skill="6D101", level=2, weight=1),),
    )


def erased(name: str, revision: int = 9) -> ParticipantErased:
    """A participant was erased."""
    return ParticipantErased(participant_id=an_id(name), revision=revision, erased_at=NOW)


HISTORY: tuple[Event, ...] = (
    registered("zephyrine"),
    consented("zephyrine"),
    registered("barnabe"),
    registered("barnabe", 4),
    consented("barnabe"),
    unconsented("barnabe"),
    registered("colette"),
    consented("colette"),
    erased("colette"),
    published(1),
    NeedClosed(employer_id=an_id("bakery"), need_id=an_id("baker"), revision=2),
    published(3, "D1102"),
    scheduled(),
    scheduled(2, changed=True, venue="Palais des Beaux-Arts"),
    in_force(meeting("zephyrine"), meeting("barnabe", slot=1), meeting("colette", slot=2)),
    in_force(meeting("zephyrine", slot=1), meeting("barnabe", "mechanic"), revision=2),
    in_force(meeting("zephyrine", slot=3), meeting("colette", slot=2), revision=3),
)

State = list[list[dict[str, object]]]


async def state_of(story: Story) -> State:
    """All that must be the same whatever the order: projections, and whom an invitation says what."""
    return [
        await story.rows("SELECT * FROM participants ORDER BY id"),
        await story.rows("SELECT * FROM needs ORDER BY id"),
        await story.rows("SELECT * FROM meetups ORDER BY id"),
        await story.rows("SELECT meetup_id, revision, pairing_id, is_withdrawn FROM pairings"),
        await story.rows("SELECT id, participant_id, slot, need_id FROM meetings ORDER BY id"),
        await story.rows(
            "SELECT participant_id, content, delivery FROM invitations WHERE is_in_force ORDER BY participant_id"
        ),
        await story.rows(
            "SELECT i.participant_id, count(*) FROM messages m JOIN invitations i ON i.id = m.invitation_id"
            " WHERE m.state = 'queued' GROUP BY 1 ORDER BY 1"
        ),
    ]


@pytest.fixture
async def told_in_order(story: Story) -> State:
    """The state after the history as it happened."""
    await story.hear(*HISTORY)
    return await state_of(story)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.permutations(HISTORY), repeated=st.lists(st.sampled_from(HISTORY), max_size=4))
async def test_any_order_and_any_repetition_lead_to_the_same_state(
    story: Story, told_in_order: State, events: Sequence[Event], repeated: Sequence[Event]
) -> None:
    await story.forget_everything()
    await story.hear(*events, *repeated)
    assert await state_of(story) == told_in_order


async def test_the_state_is_the_expected_one(story: Story) -> None:
    await story.hear(*HISTORY)
    people = {row["id"]: row for row in await story.rows("SELECT * FROM participants")}
    assert people[an_id("zephyrine")]["may_be_contacted"]
    assert not people[an_id("barnabe")]["may_be_contacted"]
    assert people[an_id("colette")]["erased_at"] == NOW
    meetings = await story.rows("SELECT participant_id, slot FROM meetings")
    assert meetings == [{"participant_id": an_id("zephyrine"), "slot": 3}]
    assert await story.states() == [("invitation", "queued")]


async def test_a_proposal_reaches_nobody(story: Story) -> None:
    await story.begin("zephyrine")
    approved = in_force(meeting("zephyrine"))
    fields = approved.model_dump(exclude={"approved_by"})
    await story.hear(PairingProposed.model_validate(fields))
    assert await story.states() == []


@pytest.mark.parametrize("late", [scheduled(), registered("zephyrine"), consented("zephyrine")])
async def test_whatever_comes_last_completes_the_invitation(story: Story, late: Event) -> None:
    first = [event for event in (scheduled(), registered("zephyrine"), consented("zephyrine")) if event != late]
    await story.hear(*first, in_force(meeting("zephyrine")))
    assert await story.states() == []
    await story.hear(late)
    assert await story.states() == [("invitation", "queued")]


async def test_two_who_learn_at_once_do_not_miss_each_other(story: Story) -> None:
    await story.hear(scheduled(), registered("zephyrine"))
    learned = asyncio.Event()
    may_commit = asyncio.Event()

    async def learn_slowly() -> None:
        async with unit_of_work(story.sessions) as session:
            await hearing.hear_of_participants(
                session, [consented("zephyrine")], moment=story.moment(), rules=story.rules
            )
            learned.set()
            await may_commit.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(learn_slowly())
        await learned.wait()
        approval = group.create_task(story.hear(in_force(meeting("zephyrine"))))
        await asyncio.wait([approval], timeout=0.5)
        may_commit.set()
    assert await story.states() == [("invitation", "queued")]


async def test_a_withdrawn_pairing_stays_withdrawn_when_its_approval_comes_late(story: Story) -> None:
    await story.begin("zephyrine")
    withdrawn = PairingWithdrawn(meetup_id=MEETUP, pairing_id=an_id("pairing 1"), revision=1)
    await story.hear(withdrawn, in_force(meeting("zephyrine")))
    assert await story.states() == []
    await story.hear(in_force(meeting("zephyrine"), revision=2))
    assert await story.states() == [("invitation", "queued")]


async def test_the_erased_are_forgotten_and_stay_so(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.send(catcher)
    await story.hear(erased("zephyrine"), registered("zephyrine", 20), consented("zephyrine", 21))
    await story.hear(in_force(meeting("zephyrine", slot=2), revision=2))
    for table in ("invitations", "messages", "links", "meetings"):
        assert await story.value(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 - names above
    assert not (await story.rows("SELECT * FROM participants"))[0]["may_be_contacted"]


async def test_consent_to_be_paired_is_no_consent_to_be_written_to(story: Story) -> None:
    await story.hear(scheduled(), registered("zephyrine"))
    await story.hear(ConsentGranted(participant_id=an_id("zephyrine"), revision=2, purpose="pairing"))
    await story.hear(in_force(meeting("zephyrine")))
    assert await story.states() == []
    assert (await story.invitation())["delivery"] == "not-contactable"


async def test_consent_withdrawn_before_the_mail_left_takes_it_back(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")), unconsented("zephyrine"))
    assert await story.send(catcher) == {}
    assert await story.states() == [("invitation", "withdrawn")]
    await story.hear(consented("zephyrine", 5))
    assert await story.send(catcher) == {"sent": 1}


async def test_a_cancelled_meetup_is_told_to_those_who_were_invited(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine", "barnabe")
    await story.hear(in_force(meeting("zephyrine")))
    await story.send(catcher)
    await story.hear(MeetupCancelled(meetup_id=MEETUP, revision=2))
    await story.send(catcher)
    assert [mail["To"] for mail in catcher.box.messages if "dupain" not in mail["To"]] == [
        "Zéphyrine Quatrepommes <zephyrine.quatrepommes@mail.example>"
    ] * 2
    assert ("cancellation", "sent") in await story.states()


async def test_the_migrations_make_the_tables(database_url: str) -> None:
    assert differences(database_url, Base.metadata) == []
