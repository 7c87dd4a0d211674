"""Links go some months after a meetup, what became of messages after a year, replies and answers after two."""

from __future__ import annotations

from datetime import timedelta

from services.notification.settings import Settings
from services.notification.use_cases.retention import all_kept
from shared.retention import count_outlived, let_outlived_go
from tests.services.notification.events import STARTS_AT
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story
from tests.services.notification.test_shortlists import shortlisted

TABLES = ("links", "messages", "meetings", "invitations", "shortlists")


async def counts(story: Story) -> list[int]:
    """How many rows are in each of the tables."""
    return [await story.value(f"SELECT count(*) FROM {name}") for name in TABLES]  # noqa: S608


async def test_what_is_kept_goes_step_by_step_and_nobody_is_written_to_again(
    story: Story, catcher: MailCatcher, settings: Settings
) -> None:
    await shortlisted(story, catcher)
    kept, before = all_kept(settings), await counts(story)
    assert all(before), before
    steps = ((89, before), (91, [0, *before[1:]]), (366, [0, 0, *before[2:]]), (731, [0] * 5))
    for days, left in steps:
        story.now = STARTS_AT + timedelta(days=days)
        counted = await count_outlived(story.sessions, kept, now=story.now)
        assert await let_outlived_go(story.sessions, kept, now=story.now) == counted
        assert await counts(story) == left
        sent = len(catcher.box.messages)
        await story.keep_deadlines()
        await story.send(catcher)
        assert len(catcher.box.messages) == sent
        assert await counts(story) == left
