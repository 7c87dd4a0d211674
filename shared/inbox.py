"""The inbox: each event is applied once, in one transaction with its mark, before its offset is committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Envelope
from shared.topics import Topic

Handler = Callable[[AsyncSession, Sequence[Envelope]], Awaitable[None]]
"""Applies new events of one topic, in order per key, through a session that the inbox commits.

It raises to reject; then the inbox finds the events that cannot be applied, and applies the others. It must be
convergent: an event counts only if its revision is higher than what is known.
"""


@dataclass(frozen=True)
class Subscription:
    """One topic that a service listens to, and what it does with its events."""

    topic: Topic
    handler: Handler
