"""What notification listens to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.rules import Rules
from services.notification.use_cases import hearing
from shared.contracts.envelope import Envelope, Event
from shared.identity import Clock
from shared.ids import NewId
from shared.moment import Moment
from shared.travel.inbox import Subscription
from shared.travel.topics import EMPLOYERS, MEETUPS, PAIRINGS, PARTICIPANTS


@dataclass(frozen=True, slots=True)
class Subscribers:
    """Notification's handlers with what they need from their surroundings."""

    rules: Rules
    clock: Clock
    new_id: NewId

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every topic that notification listens to."""
        return (
            Subscription(PARTICIPANTS, self.on_participants),
            Subscription(EMPLOYERS, self.on_employers),
            Subscription(MEETUPS, self.on_meetups),
            Subscription(PAIRINGS, self.on_pairings),
        )

    async def on_participants(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Participants joined, changed, agreed, withdrew or were erased."""
        await hearing.hear_of_participants(session, _events(envelopes), moment=self._moment(), rules=self.rules)

    async def on_employers(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Needs were published, changed or closed."""
        await hearing.hear_of_employers(session, _events(envelopes), moment=self._moment(), rules=self.rules)

    async def on_meetups(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Meetups were scheduled, changed or cancelled."""
        await hearing.hear_of_meetups(session, _events(envelopes), moment=self._moment(), rules=self.rules)

    async def on_pairings(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        """Pairings came into force, or no longer hold."""
        await hearing.hear_of_pairings(session, _events(envelopes), moment=self._moment(), rules=self.rules)

    def _moment(self) -> Moment:
        return Moment(self.clock(), self.new_id)


def _events(envelopes: Sequence[Envelope]) -> list[Event]:
    return [envelope.event for envelope in envelopes]
