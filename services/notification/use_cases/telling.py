"""Notification's events: what happened, told to the other services through the outbox."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import Invitation
from shared.contracts.envelope import Event
from shared.moment import Moment
from shared.travel import outbox

SOURCE = "/notification"


async def tell(session: AsyncSession, *events: Event, moment: Moment) -> None:
    """Put events into the outbox."""
    await outbox.tell(session, *events, source=SOURCE, moment=moment)


def step_of(invitation: Invitation) -> dict[str, object]:
    """The fields that all events of an invitation have."""
    return {
        "meetup_id": invitation.meetup_id,
        "participant_id": invitation.participant_id,
        "invitation_id": invitation.id,
        "revision": invitation.revision,
    }
