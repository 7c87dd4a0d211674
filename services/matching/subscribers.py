"""What matching listens to. Each handler learns first, then lets what it touched follow."""

from __future__ import annotations

from typing import Annotated

from faststream import Context
from faststream.kafka import KafkaRouter

from services.matching.domain.situation import Policy
from services.matching.use_cases import erasing, facts, following, marking, rematches
from shared.contracts.rematches import RematchRequested
from shared.travel.subscribing import IN_BATCHES, Events, Session, ThisMoment
from shared.travel.topics import EMPLOYERS, INVITATIONS, MEETUPS, OBSERVATIONS, PARTICIPANTS, REMATCHES

GivenPolicy = Annotated[Policy, Context("policy")]


def create_router() -> KafkaRouter:
    """Matching's subscribers; they are given the ``policy``."""
    router = KafkaRouter()

    @router.subscriber(PARTICIPANTS.full_name(), **IN_BATCHES)
    async def on_participants(events: Events, session: Session, moment: ThisMoment, policy: GivenPolicy) -> None:
        """Participants joined, changed, agreed, withdrew or were erased."""
        # Before somebody who is erased is forgotten, together with where they take part.
        touched = await following.meetups_of_participants(session, events)
        await facts.learn_participants(session, events)
        await following.follow(session, touched, moment, policy)
        await marking.mark_participants(session, events)
        await erasing.forget_erased(session, events, now=moment.now)

    @router.subscriber(OBSERVATIONS.full_name(), **IN_BATCHES)
    async def on_observations(events: Events, session: Session) -> None:
        """Skills were seen, corrected, taken back."""
        await facts.learn_observations(session, events)
        await marking.mark_participants(session, events)

    @router.subscriber(EMPLOYERS.full_name(), **IN_BATCHES)
    async def on_employers(events: Events, session: Session, moment: ThisMoment, policy: GivenPolicy) -> None:
        """Needs were published, changed, closed."""
        await facts.learn_needs(session, events)
        await following.follow(session, await following.meetups_of_needs(session, events), moment, policy)
        await marking.mark_needs(session, events)

    @router.subscriber(MEETUPS.full_name(), **IN_BATCHES)
    async def on_meetups(events: Events, session: Session, moment: ThisMoment, policy: GivenPolicy) -> None:
        """Meetups were scheduled, changed, cancelled; people were enrolled and unenrolled."""
        await facts.learn_meetups(session, events)
        await following.follow(session, following.meetups_named(events), moment, policy)

    @router.subscriber(INVITATIONS.full_name(), **IN_BATCHES)
    async def on_invitations(events: Events, session: Session, moment: ThisMoment, policy: GivenPolicy) -> None:
        """Invitations were sent, accepted, declined, or ran out."""
        await facts.learn_replies(session, events)
        await following.follow(session, following.meetups_named(events), moment, policy)

    @router.subscriber(REMATCHES.full_name(), **IN_BATCHES)
    async def on_rematches(events: Events, session: Session, moment: ThisMoment, policy: GivenPolicy) -> None:
        """Somebody asked for a pairing."""
        asked = [event for event in events if isinstance(event, RematchRequested)]
        await rematches.accept_requests(session, asked, moment, policy)

    return router
