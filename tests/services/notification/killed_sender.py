"""A sender that dies at a named point, as by `kill -9`: `python -m … DATABASE_URL SMTP_PORT POINT`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from services.notification.mail.sender import Sender
from services.notification.mail.transport import Connection, MailServer
from shared.database import create_engine, create_sessions
from tests.services.notification.story import Story

POINTS: dict[str, tuple[type, str, str]] = {
    "after-claim": (Sender, "_claim", "after"),
    "before-begin": (Sender, "_begin", "before"),
    "within-begin": (Sender, "_begin", "after"),
    "before-hand-over": (Connection, "hand_over", "before"),
    "after-hand-over": (Connection, "hand_over", "after"),
    "within-finish": (Sender, "_finish", "after"),
    "after-finish": (Sender, "_end", "after"),
}
"""Each point: the class, the method, and whether death comes before or after it."""


def deadly(step: Callable[..., Awaitable[Any]], when: str) -> Callable[..., Awaitable[Any]]:
    """The step with death before or after it."""

    async def die(*args: Any, **options: Any) -> None:
        if when == "after":
            await step(*args, **options)
        os._exit(9)

    return die


async def main(database_url: str, port: str, point: str) -> None:
    """Send what is due until death."""
    owner, name, when = POINTS[point]
    setattr(owner, name, deadly(getattr(owner, name), when))
    story = Story(create_sessions(create_engine(database_url)))
    await story.sender(MailServer("127.0.0.1", int(port))).send_due()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
