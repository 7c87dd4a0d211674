"""What matching listens to. Each handler learns first, then lets pairings in force follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Policy
from services.matching.use_cases import erasing, facts, marking, releasing, rematches
from shared.contracts.envelope import Envelope, Event
from shared.contracts.invitations import InvitationDeclined, InvitationExpired
from shared.contracts.meetups import MeetupCancelled, ParticipantUnenrolled
from shared.contracts.participants import ConsentWithdrawn, ParticipantErased
from shared.contracts.rematches import RematchRequested
from shared.ids import NewId
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
        await facts.learn_participants(session, events)
        leaving = [one.participant_id for one in events if isinstance(one, ConsentWithdrawn | ParticipantErased)]
        await releasing.follow_withdrawals(session, leaving, policy=self.policy, now=self.clock(), new_id=self.new_id)
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
        await marking.mark_needs(session, events)

    async def on_meetups(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Meetups were scheduled, changed, cancelled; people were enrolled and unenrolled."""
        events = _events(envelopes)
        await facts.learn_meetups(session, events)
        for event in events:
            if isinstance(event, MeetupCancelled):
                await releasing.withdraw_pairing(session, event.meetup_id, now=self.clock(), new_id=self.new_id)
        leaving = [one for one in events if isinstance(one, ParticipantUnenrolled)]
        await self._follow(session, leaving)

    async def on_invitations(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Invitations were sent, accepted, declined, or ran out."""
        events = _events(envelopes)
        await facts.learn_replies(session, events)
        await self._follow(session, [one for one in events if isinstance(one, InvitationDeclined | InvitationExpired)])

    async def on_rematches(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Somebody asked for a pairing."""
        for event in _events(envelopes):
            if isinstance(event, RematchRequested):
                await rematches.accept_request(session, event, now=self.clock(), new_id=self.new_id)

    async def _follow(
        self, session: AsyncSession, events: Sequence[ParticipantUnenrolled | InvitationDeclined | InvitationExpired]
    ) -> None:
        for event in events:
            await releasing.follow_departure(
                session,
                event.meetup_id,
                event.participant_id,
                policy=self.policy,
                now=self.clock(),
                new_id=self.new_id,
            )


def _events(envelopes: Sequence[Envelope]) -> list[Event]:
    return [envelope.event for envelope in envelopes]
