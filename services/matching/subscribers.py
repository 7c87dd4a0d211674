"""What matching listens to. Each handler learns first, then lets what it touched follow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Policy
from services.matching.use_cases import erasing, facts, following, marking, rematches
from shared.contracts.envelope import Envelope, Event
from shared.contracts.rematches import RematchRequested
from shared.ids import NewId
from shared.moment import Moment
from shared.travel.inbox import Subscription
from shared.travel.topics import EMPLOYERS, INVITATIONS, MEETUPS, OBSERVATIONS, PARTICIPANTS, REMATCHES


@dataclass(frozen=True, slots=True)
class Subscribers:
    """Matching's handlers with what they need from their surroundings."""

    policy: Policy
    clock: Callable[[], datetime]
    new_id: NewId

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every topic that matching listens to."""
        return (
            Subscription(PARTICIPANTS, self.on_participants),
            Subscription(OBSERVATIONS, self.on_observations),
            Subscription(EMPLOYERS, self.on_employers),
            Subscription(MEETUPS, self.on_meetups),
            Subscription(INVITATIONS, self.on_invitations),
            Subscription(REMATCHES, self.on_rematches),
        )

    async def on_participants(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Participants joined, changed, agreed, withdrew or were erased."""
        events = _events(envelopes)
        # Before somebody who is erased is forgotten, together with where they take part.
        touched = await following.meetups_of_participants(session, events)
        await facts.learn_participants(session, events)
        await self._follow(session, touched)
        await marking.mark_participants(session, events)
        await erasing.forget_erased(session, events, now=self.clock())

    async def on_observations(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Skills were seen, corrected, taken back."""
        events = _events(envelopes)
        await facts.learn_observations(session, events)
        await marking.mark_participants(session, events)

    async def on_employers(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Needs were published, changed, closed."""
        events = _events(envelopes)
        await facts.learn_needs(session, events)
        await self._follow(session, await following.meetups_of_needs(session, events))
        await marking.mark_needs(session, events)

    async def on_meetups(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Meetups were scheduled, changed, cancelled; people were enrolled and unenrolled."""
        events = _events(envelopes)
        await facts.learn_meetups(session, events)
        await self._follow(session, following.meetups_named(events))

    async def on_invitations(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Invitations were sent, accepted, declined, or ran out."""
        events = _events(envelopes)
        await facts.learn_replies(session, events)
        await self._follow(session, following.meetups_named(events))

    async def on_rematches(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Somebody asked for a pairing."""
        asked = [event for event in _events(envelopes) if isinstance(event, RematchRequested)]
        await rematches.accept_requests(session, asked, Moment(self.clock(), self.new_id), self.policy)

    async def _follow(self, session: AsyncSession, meetup_ids: Collection[UUID]) -> None:
        await following.follow(session, meetup_ids, Moment(self.clock(), self.new_id), self.policy)


def _events(envelopes: Sequence[Envelope]) -> list[Event]:
    return [envelope.event for envelope in envelopes]
