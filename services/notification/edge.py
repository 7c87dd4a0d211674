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
from shared.identity import now_of
from shared.ids import new_id
from shared.moment import Moment
from shared.refusals import Unknown
from shared.rights import Scope


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


async def visible_meetup(session: AsyncSession, meetup_id: UUID, scope: Scope) -> Meetup:
    """The meetup; raises `Unknown` where there is none within the scope."""
    meetup = await told.meetup(session, meetup_id)
    if meetup is None or not scope.covers(meetup.agency_id):
        raise Unknown("meetup")
    return meetup


async def check_message(session: AsyncSession, message_id: UUID, scope: Scope) -> None:
    """Raise `Unknown` unless the message is of a meetup within the scope."""
    message = await messages.seen_by_id(session, message_id)
    if message is None or not await _is_visible(session, message.meetup_id, scope):
        raise Unknown("message")


async def check_invitation(session: AsyncSession, invitation_id: UUID, scope: Scope) -> None:
    """Raise `Unknown` unless the invitation is to a meetup within the scope."""
    invitation = await invitations.seen_by_id(session, invitation_id)
    if invitation is None or not await _is_visible(session, invitation.meetup_id, scope):
        raise Unknown("invitation")


async def check_shortlist(session: AsyncSession, shortlist_id: UUID, scope: Scope) -> None:
    """Raise `Unknown` unless the shortlist is of a meetup within the scope."""
    shortlist = await shortlists.seen_by_id(session, shortlist_id)
    if shortlist is None or not await _is_visible(session, shortlist.meetup_id, scope):
        raise Unknown("shortlist")


async def _is_visible(session: AsyncSession, meetup_id: UUID, scope: Scope) -> bool:
    meetup = await told.meetup(session, meetup_id)
    return meetup is not None and scope.covers(meetup.agency_id)
