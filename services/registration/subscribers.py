"""What registration listens to: pairings and invitations, for a light picture of who was invited and what they said."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.use_cases.following import follow_invitations, follow_pairings
from shared.contracts.envelope import Envelope
from shared.travel.inbox import Subscription
from shared.travel.topics import INVITATIONS, PAIRINGS


async def handle_pairings(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
    """Keep what matching told."""
    await follow_pairings(session, [envelope.event for envelope in envelopes])


async def handle_invitations(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
    """Keep what notification told."""
    await follow_invitations(session, [envelope.event for envelope in envelopes])


def subscriptions() -> tuple[Subscription, ...]:
    """The topics that registration consumes."""
    return (Subscription(PAIRINGS, handle_pairings), Subscription(INVITATIONS, handle_invitations))
