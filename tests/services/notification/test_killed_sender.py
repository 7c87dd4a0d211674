"""A sender killed at any point loses no message and sends none twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.services.notification.events import in_force, meeting
from tests.services.notification.killed_sender import POINTS
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story

NOT_BEGUN = ("after-claim", "before-begin", "within-begin")
AFTERMATH = {
    **dict.fromkeys(NOT_BEGUN, ("sent", 0)),
    "before-hand-over": ("uncertain", 0),
    "after-hand-over": ("uncertain", 1),
    "within-finish": ("uncertain", 1),
    "after-finish": ("sent", 1),
}
"""What the message becomes at last, and how often the mail server had taken it when the sender died."""


@pytest.fixture(scope="module")
def doomed(database_url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that makes senders which die."""
    command = [sys.executable, "-m", "tests.services.notification.killed_sender", database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield running


def let_one_die(doomed: subprocess.Popen[str], port: int, point: str) -> int:
    """Let a sender die at a point; gives its exit code."""
    assert doomed.stdin is not None
    assert doomed.stdout is not None
    doomed.stdin.write(f"{port} {point}\n")
    doomed.stdin.flush()
    return int(doomed.stdout.readline())


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_a_named_point(
    story: Story, catcher: MailCatcher, doomed: subprocess.Popen[str], point: str
) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    assert await asyncio.to_thread(let_one_die, doomed, catcher.server.port, point) == 9
    state, taken = AFTERMATH[point]
    assert len(catcher.box.messages) == taken

    assert "sent" not in await story.send(catcher), "nobody else may touch a message under a lease"
    await story.change("UPDATE messages SET lease_until = clock_timestamp() - interval '1 second'")
    await story.send(catcher)
    await story.send(catcher)

    assert await story.states() == [("invitation", state)]
    assert len(catcher.box.messages) == (1 if point in NOT_BEGUN else taken)
    assert await story.event_names() == [f"invitation.{state}"]
    assert await story.value("SELECT smtp_id IS NOT NULL FROM messages")


async def test_a_sender_that_was_only_slow_still_says_how_it_ended(
    story: Story, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    box = catcher.box
    usual = box.handle_DATA

    async def slow(*args: object) -> str:
        await story.change("UPDATE messages SET lease_until = clock_timestamp() - interval '1 second'")
        await story.sender(catcher.server).send_due()
        return await usual(*args)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(box, "handle_DATA", slow)
    assert await story.send(catcher) == {"sent": 1}
    assert await story.event_names() == ["invitation.uncertain", "invitation.sent"]
    assert (await story.invitation())["delivery"] == "sent"
