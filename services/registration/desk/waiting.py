"""What waits for an adviser, in the order in which it presses: the nearest meetup first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.repository.duplicates import open_suspicions
from services.registration.repository.following import proposed_among, replies_counted
from services.registration.repository.meetups import MeetupFilter, list_meetups
from services.registration.repository.proposals import list_proposals
from services.registration.repository.retention import list_planned
from shared.identity import Person
from shared.paging import Paging
from shared.rights import scope_of

NEAREST = 30
"""So many meetups are looked through; who plans more finds the others in their list."""

TO_PHONE = ("call-requested", "asked-again", "failed", "uncertain")
"""States of an invitation in which no message tells somebody what they should know."""


@dataclass(frozen=True, slots=True)
class MeetupAhead:
    """A meetup to come: what of it waits for a decision, and how its invitations stand."""

    meetup: RowMapping
    is_proposed: bool
    replies: Counter[str]

    @property
    def to_phone(self) -> int:
        """How many people somebody has to phone."""
        return sum(self.replies[state] for state in TO_PHONE)

    @property
    def is_ready(self) -> bool:
        """Whether people and needs are there, and nobody has asked for a proposal."""
        return bool(self.meetup["participants"] and self.meetup["needs"]) and not (self.is_proposed or self.replies)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits; of what is no meetup's, whether there is any (as many as one page holds are counted)."""

    ahead: Sequence[MeetupAhead]
    duplicates: int
    proposals: int
    erasures: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits for anybody."""
        presses = any(each.is_proposed or each.to_phone or each.is_ready for each in self.ahead)
        return not (presses or self.duplicates or self.proposals or self.erasures)


async def what_waits(session: AsyncSession, person: Person, now: datetime) -> Waiting:
    """All that waits for whoever looks."""
    wanted = MeetupFilter(after=now)
    ahead = [
        each
        for each in (await list_meetups(session, scope_of(person, "read meetups"), wanted, Paging(size=NEAREST))).items
        if not each["is_cancelled"]
    ]
    ids = [each["id"] for each in ahead]
    proposed, replies = await proposed_among(session, ids), await replies_counted(session, ids)
    paging = Paging(size=100)
    suspected = await open_suspicions(session, scope_of(person, "read duplicates"), paging)
    asked = await list_proposals(session, scope_of(person, "settle proposals"), paging, is_open=True)
    planned = await list_planned(session, scope_of(person, "settle erasures"), paging)
    return Waiting(
        ahead=[MeetupAhead(each, each["id"] in proposed, replies.get(each["id"], Counter())) for each in ahead],
        duplicates=len(suspected.items),
        proposals=len(asked.items),
        erasures=len([each for each in planned.items if each["told_at"] is None]),
    )
