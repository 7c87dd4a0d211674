"""What is told anew is what was told last: whoever lost everything knows afterwards what the others know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from services.notification.domain.replying import Choice
from services.notification.use_cases import attending, retelling
from shared.contracts.envelope import Event
from shared.contracts.invitations import EmployerReplied, InvitationEvent, ShortlistSent
from shared.database import unit_of_work
from shared.travel.topics import INVITATIONS
from tests.services.notification.events import STARTS_AT, an_id, in_force, meeting, scheduled
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in
from tests.services.notification.test_shortlists import answer

NEXT_DAY = STARTS_AT + timedelta(days=1)


def thing_of(event: Event) -> tuple[UUID, ...]:
    """What an event is about."""
    if isinstance(event, InvitationEvent):
        return (event.invitation_id,)
    if isinstance(event, ShortlistSent):
        return (event.shortlist_id,)
    assert isinstance(event, EmployerReplied)
    return event.need_id, event.participant_id


def newest(events: Iterable[Event]) -> dict[tuple[UUID, ...], tuple[str, dict[str, Any]]]:
    """The newest event of each thing; without the way by which a message left, which nobody keeps."""
    found: dict[tuple[UUID, ...], Any] = {}
    for event in events:
        known = found.get(thing_of(event))
        if known is None or known.revision < event.revision:  # type: ignore[attr-defined]  # all of them have one
            found[thing_of(event)] = event
    return {thing: (event.type, event.model_dump(exclude={"channel"})) for thing, event in found.items()}


async def told(story: Story) -> list[Event]:
    """All that was told so far."""
    rows = await story.rows("SELECT type, body FROM outbox ORDER BY position")
    return [INVITATIONS.by_type[row["type"]].model_validate_json(row["body"]) for row in rows]


async def told_anew(story: Story) -> list[Event]:
    """All that would be told anew."""
    async with unit_of_work(story.sessions) as session:
        pages = [await chapter(session, None) for chapter in retelling.CHAPTERS[INVITATIONS]]
    return [event for page in pages for event in page.events]


async def check(story: Story) -> None:
    """What is told anew is the newest of what was told, of each thing once."""
    anew = await told_anew(story)
    assert newest(anew) == newest(await told(story))
    assert len(anew) == len(newest(anew))


async def test_what_is_told_anew_is_what_was_told_last(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    names = ("zephyrine", "barnabe", "colette")
    await story.begin(*names)
    await story.hear(in_force(*(meeting(name, slot=slot) for slot, name in enumerate(names))))
    await check(story)
    await story.send(catcher)
    await check(story)
    for name, choices in (("zephyrine", "c"), ("barnabe", "ac"), ("colette", "dc")):
        for choice in choices:
            await story.reply_by_phone(name, {"a": Choice.ACCEPT, "c": Choice.CALL, "d": Choice.DECLINE}[choice])
            await check(story)
    async with unit_of_work(story.sessions) as session:
        called = (await story.invitation("zephyrine"))["id"]
        await attending.tell_participant(session, called, moment=story.moment(), rules=story.rules)
    await check(story)
    await story.hear(scheduled(2, changed=True, starts_at=NEXT_DAY))
    await check(story)
    assert {event.type for event in await told_anew(story)} >= {"vernissage.invitation.asked-again.v1"}
    await story.send(catcher)
    await check(story)
    await story.reply_by_phone("barnabe", Choice.ACCEPT)
    story.now += timedelta(days=6)
    await story.keep_deadlines()
    await check(story)
    await story.request_shortlists()
    await story.send(catcher)
    await check(story)
    link = link_in(next(mail for mail in catcher.box.messages if "dupain" in mail["To"]))
    story.now = NEXT_DAY
    for choice in ("meet-again", "hire"):
        assert (await answer(client, link, "barnabe", choice=choice)).status_code == 303
        await check(story)
    assert an_id("barnabe") in {getattr(event, "participant_id", None) for event in await told_anew(story)}
