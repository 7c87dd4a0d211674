"""What the routes share: what the operator decided, and which meetups somebody may see."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Meetup, Policy
from services.matching.repository import facts
from services.matching.settings import Settings
from shared.refusals import Unknown
from shared.rights import Scope


def _policy(request: Request) -> Policy:
    settings: Settings = request.app.state.settings
    return settings.policy


RequestPolicy = Annotated[Policy, Depends(_policy)]
"""What the operator decided for all pairings."""


async def visible_meetup(session: AsyncSession, meetup_id: UUID, scope: Scope) -> Meetup:
    """The meetup; raises `Unknown` where there is none within the scope."""
    meetup = await facts.find_meetup(session, meetup_id)
    if meetup is None or not scope.covers(meetup.agency_id):
        raise Unknown("meetup")
    return meetup


async def check_participant(session: AsyncSession, participant_id: UUID, scope: Scope) -> None:
    """Raise `Unknown` unless the participant is known and within the scope."""
    participant = await facts.find_participant(session, participant_id)
    if participant is None or not scope.covers(participant.agency_id):
        raise Unknown("participant")


async def is_visible(session: AsyncSession, meetup_id: UUID, scope: Scope) -> bool:
    """Whether a meetup is known and within the scope."""
    meetup = await facts.find_meetup(session, meetup_id)
    return meetup is not None and scope.covers(meetup.agency_id)
