"""What the routes of this service work with, kept in the application's state."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from services.notification.adapters.directory import Directory
from services.notification.settings import Settings
from shared.identity import now_of
from shared.ids import new_id
from shared.moment import Moment


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

Names = Annotated[Directory, Depends(_names)]
"""Whom to ask for names and addresses."""

LinkMoment = Annotated[Moment, Depends(_moment)]
"""The moment of a request by somebody with a link, who has no account."""
