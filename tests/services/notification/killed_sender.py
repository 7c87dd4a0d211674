"""Senders that die at a named point, as by `kill -9`: `python -m … DATABASE_URL`, then a line `PORT POINT` for each.

Each line forks a process that sends until it dies; its exit code is the answer. One start pays for all imports.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from services.notification.adapters.transport import Connection, MailServer
from services.notification.use_cases import sending
from services.notification.use_cases.sender import Sender
from shared.database import create_engine, create_sessions
from tests.services.notification.story import Story

POINTS: dict[str, tuple[object, str, str]] = {
    "after-claim": (Sender, "_claim", "after"),
    "before-begin": (Sender, "_begin", "before"),
    "within-begin": (sending, "begin", "after"),
    "before-hand-over": (Connection, "hand_over", "before"),
    "after-hand-over": (Connection, "hand_over", "after"),
    "within-finish": (sending, "finish", "after"),
    "after-finish": (Sender, "_end", "after"),
}
"""Each point: the class or module, its step, and whether death comes before or after it."""


def deadly(step: Callable[..., Awaitable[Any]], when: str) -> Callable[..., Awaitable[Any]]:
    """The step with death before or after it."""

    async def die(*args: Any, **options: Any) -> None:
        if when == "after":
            await step(*args, **options)
        os._exit(9)

    return die


async def send_until_death(database_url: str, port: int, point: str) -> None:
    """Send what is due until death."""
    owner, name, when = POINTS[point]
    setattr(owner, name, deadly(getattr(owner, name), when))
    story = Story(create_sessions(create_engine(database_url)))
    await story.sender(MailServer("127.0.0.1", port)).send_due()


def main(database_url: str) -> None:
    """Fork a sender for each line that comes in, and answer how it ended."""
    for line in sys.stdin:
        port, point = line.split()
        child = os.fork()
        if child == 0:
            asyncio.run(send_until_death(database_url, int(port), point))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
