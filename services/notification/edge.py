"""What the routes share: what somebody may see, and what they work with, kept in the application's state."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.adapters.directory import Directory
from services.notification.domain.meetups import Meetup
from services.notification.repository import invitations, messages, shortlists, told
from services.notification.settings import Settings
from shared.identity import Person, check_agency, now_of
from shared.ids import new_id
from shared.moment import Moment
from shared.refusals import Unknown


def _settings(request: Request) -> Settings:
    settings = request.app.state.settings
    if not isinstance(settings, Settings):
        raise TypeError("app.state.settings are not those of notification")
    return settings


def _names(request: Request) -> Directory:
    names: Directory = request.app.state.directory
    return names


def _moment(request: Request) -> Moment:
    return Moment(now_of(request), new_id)


OurSettings = Annotated[Settings, Depends(_settings)]
"""The settings of the application that serves the request."""

AskedDirectory = Annotated[Directory, Depends(_names)]
"""Whom to ask for names and addresses."""

LinkMoment = Annotated[Moment, Depends(_moment)]
"""The moment of a request by somebody with a link, who has no account."""


async def visible_meetup(session: AsyncSession, meetup_id: UUID, person: Person) -> Meetup:
    """The meetup, if it is known and the person may see it."""
    meetup = await told.meetup(session, meetup_id)
    if meetup is None:
        raise Unknown("meetup")
    check_agency(person, meetup.agency_id)
    return meetup


async def check_message(session: AsyncSession, message_id: UUID, person: Person) -> None:
    """Raise unless the message is known and of a meetup that the person may see."""
    message = await messages.seen_by_id(session, message_id)
    if message is None:
        raise Unknown("message")
    await visible_meetup(session, message.meetup_id, person)


async def check_invitation(session: AsyncSession, invitation_id: UUID, person: Person) -> None:
    """Raise unless the invitation is known and to a meetup that the person may see."""
    invitation = await invitations.seen_by_id(session, invitation_id)
    if invitation is None:
        raise Unknown("invitation")
    await visible_meetup(session, invitation.meetup_id, person)


async def check_shortlist(session: AsyncSession, shortlist_id: UUID, person: Person) -> None:
    """Raise unless the shortlist is known and of a meetup that the person may see."""
    shortlist = await shortlists.seen_by_id(session, shortlist_id)
    if shortlist is None:
        raise Unknown("shortlist")
    await visible_meetup(session, shortlist.meetup_id, person)
