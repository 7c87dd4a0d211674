"""Who may see what of a meetup's messages."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.meetups import Meetup
from services.notification.repository import invitations, messages, shortlists, told
from services.notification.use_cases import refusals
from shared.identity import Person, Role, check_agency, require

Reader = Annotated[Person, Depends(require(Role.ADVISER, Role.MANAGER, Role.OPERATOR))]
Decider = Annotated[Person, Depends(require(Role.ADVISER, Role.MANAGER))]


class Strict(BaseModel):
    """A body in which an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


async def meetup_for(session: AsyncSession, meetup_id: UUID, person: Person) -> Meetup:
    """The meetup, if it is known and the person may see it."""
    meetup = await told.meetup(session, meetup_id)
    if meetup is None:
        raise refusals.UnknownMeetup
    check_agency(person, meetup.agency_id)
    return meetup


async def check_message(session: AsyncSession, message_id: UUID, person: Person) -> None:
    """Raise unless the message is known and of a meetup that the person may see."""
    message = await messages.seen_by_id(session, message_id)
    if message is None:
        raise refusals.UnknownMessage
    await meetup_for(session, message.meetup_id, person)


async def check_invitation(session: AsyncSession, invitation_id: UUID, person: Person) -> None:
    """Raise unless the invitation is known and to a meetup that the person may see."""
    invitation = await invitations.seen_by_id(session, invitation_id)
    if invitation is None:
        raise refusals.UnknownInvitation
    await meetup_for(session, invitation.meetup_id, person)


async def check_shortlist(session: AsyncSession, shortlist_id: UUID, person: Person) -> None:
    """Raise unless the shortlist is known and of a meetup that the person may see."""
    shortlist = await shortlists.seen_by_id(session, shortlist_id)
    if shortlist is None:
        raise refusals.UnknownShortlist
    await meetup_for(session, shortlist.meetup_id, person)
