"""What registration listens to: pairings and invitations, for a light picture of who was invited and what they said."""

from __future__ import annotations

from faststream.kafka import KafkaRouter

from services.registration.use_cases.following import follow_invitations, follow_pairings
from shared.travel.subscribing import IN_BATCHES, Events, Session
from shared.travel.topics import INVITATIONS, PAIRINGS


def create_router() -> KafkaRouter:
    """Registration's subscribers."""
    router = KafkaRouter()

    @router.subscriber(PAIRINGS.full_name(), **IN_BATCHES)
    async def on_pairings(events: Events, session: Session) -> None:
        """Keep what matching told."""
        await follow_pairings(session, events)

    @router.subscriber(INVITATIONS.full_name(), **IN_BATCHES)
    async def on_invitations(events: Events, session: Session) -> None:
        """Keep what notification told."""
        await follow_invitations(session, events)

    return router
