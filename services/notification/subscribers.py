"""What notification listens to."""

from __future__ import annotations

from typing import Annotated

from faststream import Context
from faststream.kafka import KafkaRouter

from services.notification.domain.rules import Rules
from services.notification.use_cases import hearing
from shared.travel.subscribing import IN_BATCHES, Events, Session, ThisMoment
from shared.travel.topics import EMPLOYERS, MEETUPS, PAIRINGS, PARTICIPANTS

GivenRules = Annotated[Rules, Context("rules")]


def create_router() -> KafkaRouter:
    """Notification's subscribers; they are given ``rules``."""
    router = KafkaRouter()

    @router.subscriber(PARTICIPANTS.full_name(), **IN_BATCHES)
    async def on_participants(events: Events, session: Session, moment: ThisMoment, rules: GivenRules) -> None:
        """Participants joined, changed, agreed, withdrew or were erased."""
        await hearing.hear_of_participants(session, events, moment=moment, rules=rules)

    @router.subscriber(EMPLOYERS.full_name(), **IN_BATCHES)
    async def on_employers(events: Events, session: Session, moment: ThisMoment, rules: GivenRules) -> None:
        """Needs were published, changed or closed."""
        await hearing.hear_of_employers(session, events, moment=moment, rules=rules)

    @router.subscriber(MEETUPS.full_name(), **IN_BATCHES)
    async def on_meetups(events: Events, session: Session, moment: ThisMoment, rules: GivenRules) -> None:
        """Meetups were scheduled, changed or cancelled."""
        await hearing.hear_of_meetups(session, events, moment=moment, rules=rules)

    @router.subscriber(PAIRINGS.full_name(), **IN_BATCHES)
    async def on_pairings(events: Events, session: Session, moment: ThisMoment, rules: GivenRules) -> None:
        """Pairings came into force, or no longer hold."""
        await hearing.hear_of_pairings(session, events, moment=moment, rules=rules)

    return router
