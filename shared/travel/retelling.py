"""Telling anew: a service tells its present state, so that another is rebuilt from that and not from old events.

What is told bears the present revision of each thing. So a consumer that knows all of it changes nothing, one that
missed something catches up, and one that lost its tables has them again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Event
from shared.database import Sessions, unit_of_work
from shared.moment import Moment
from shared.travel import outbox
from shared.travel.topics import TOPICS, Service, Topic

PAGE = 200
"""How many things one transaction tells of."""


@dataclass(frozen=True, slots=True)
class Retold:
    """What some things have to tell; ``last`` is the id of the last of them, None where none is left."""

    events: Sequence[Event]
    last: UUID | None


Chapter = Callable[[AsyncSession, UUID | None], Awaitable[Retold]]
"""Gives the page of things behind an id, or the first; in the order of their ids, `PAGE` at most."""

Chapters = Mapping[Topic, Sequence[Chapter]]
"""What a service tells anew, by topic."""


def producers_for(consumer: Service) -> dict[Service, list[Topic]]:
    """Which other services a service listens to, with the topics that it hears from each."""
    found: dict[Service, list[Topic]] = {}
    for topic in TOPICS:
        if consumer in topic.consumers and topic.producer != consumer:
            found.setdefault(topic.producer, []).append(topic)
    return found


async def tell_anew(sessions: Sessions, chapters: Sequence[Chapter], source: str, moment: Moment) -> int:
    """Tell all of these chapters, page by page, each in a transaction of its own; how many events that made."""
    count = 0
    for chapter in chapters:
        after: UUID | None = None
        while True:
            async with unit_of_work(sessions) as session:
                page = await chapter(session, after)
                await outbox.tell(session, *page.events, source=source, moment=moment)
            count += len(page.events)
            if page.last is None:
                break
            after = page.last
    return count
