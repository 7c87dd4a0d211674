"""Somebody who has been everywhere is erased: afterwards notification speaks of them in its tombstone alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx

from services.notification.domain.replying import Choice
from services.notification.tables import Base
from services.notification.use_cases import replying
from shared.contracts.envelope import Envelope, body_of
from shared.contracts.participants import ParticipantErased
from shared.database import unit_of_work
from shared.ids import new_id
from shared.travel.inbox import apply_batch
from shared.travel.retention import TOMBSTONES_STAY, prune
from shared.travel.topics import PARTICIPANTS, TOPICS
from tests.services.notification.events import NOW, STARTS_AT, an_id, consented, in_force, meeting, registered
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in
from tests.services.notification.test_shortlists import answer, shortlisted
from tests.shared.travel.records import deliver
from tests.support.traces import AUDIT, HOW_TO_MEND, traces_of

TOMBSTONE = {"participants.id"}
ZEPHYRINE = an_id("zephyrine")
ERASED = ParticipantErased(participant_id=ZEPHYRINE, revision=9, erased_at=NOW)


async def zephyrine_everywhere(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    """She was invited, said yes, stopped messages, was answered for, and an event about her could not be read."""
    link = await shortlisted(story, catcher)
    await story.reply_by_phone("zephyrine", Choice.ACCEPT)
    mine = next(link_in(mail) for mail in catcher.box.messages if "zephyrine" in mail["To"])
    story.now = STARTS_AT
    assert (await answer(client, link, choice="hire")).status_code == 303
    async with unit_of_work(story.sessions) as session:
        await replying.stop_messages(session, ZEPHYRINE, moment=story.moment(), rules=story.rules)
    assert (await client.get(mine)).status_code == 200
    await bury(story)


async def bury(story: Story) -> None:
    """An event about Zéphyrine cannot be read."""
    subscription = story.hearing().subscription(PARTICIPANTS)
    event = registered("zephyrine")
    [record] = deliver([Envelope(new_id(), "/tests", story.now, event)])
    dead = replace(record, topic=subscription.topic.full_name(), value=body_of(event)[:-1])
    assert (await apply_batch(story.sessions, subscription, [dead], dead_in_a_row=0, limit=20)).dead == 1


async def test_of_somebody_erased_only_the_tombstone_stays(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    await zephyrine_everywhere(story, catcher, client)
    before = await traces_of(story.sessions, str(ZEPHYRINE))
    assert len(before) >= 9, f"she has not been everywhere: {sorted(before)}"
    await story.hear(ERASED)
    left = await traces_of(story.sessions, str(ZEPHYRINE)) - TOMBSTONE - AUDIT
    assert not left, f"{sorted(left)} {HOW_TO_MEND}"


async def test_late_events_bring_nobody_back(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    await zephyrine_everywhere(story, catcher, client)
    await story.hear(ERASED)
    await story.hear(registered("zephyrine", 12), consented("zephyrine", 13))
    await story.hear(in_force(meeting("zephyrine", slot=3), meeting("barnabe"), revision=7), ERASED)
    left = await traces_of(story.sessions, str(ZEPHYRINE)) - TOMBSTONE - AUDIT
    assert not left, f"{sorted(left)} {HOW_TO_MEND}"


async def test_a_tombstone_goes_when_nothing_late_can_come_and_late_dead_letters_before(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    await zephyrine_everywhere(story, catcher, client)
    await story.hear(ERASED)
    await bury(story)
    assert "dead_letters.body" in await traces_of(story.sessions, str(ZEPHYRINE))
    before = await traces_of(story.sessions, str(an_id("barnabe")))
    await prune(story.sessions, Base.metadata, now=NOW + TOMBSTONES_STAY)
    left = await traces_of(story.sessions, str(ZEPHYRINE)) - TOMBSTONE - AUDIT
    assert not left, f"{sorted(left)} {HOW_TO_MEND}"
    await prune(story.sessions, Base.metadata, now=NOW + TOMBSTONES_STAY + timedelta(seconds=1))
    assert await traces_of(story.sessions, str(ZEPHYRINE)) - AUDIT == set()
    assert await traces_of(story.sessions, str(an_id("barnabe"))) == before


async def test_the_others_go_on_as_before(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    await zephyrine_everywhere(story, catcher, client)
    before = await traces_of(story.sessions, str(an_id("barnabe")))
    await story.hear(ERASED)
    assert await traces_of(story.sessions, str(an_id("barnabe"))) == before
    events = {event.type: event for topic in TOPICS for event in topic.events}
    for row in await story.rows("SELECT type, body FROM outbox"):
        events[row["type"]].model_validate_json(row["body"])
