"""What pages and API of this service work with, kept in the application's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from services.notification.directory import Directory
from services.notification.domain.rules import Rules
from services.notification.settings import NotificationSettings
from shared.database import Sessions
from shared.identity import Clock
from shared.ids import NewId


@dataclass(frozen=True, slots=True)
class Parts:
    """The database, the directory, the rules, the time and fresh ids."""

    sessions: Sessions
    directory: Directory
    settings: NotificationSettings
    rules: Rules
    clock: Clock
    new_id: NewId


def parts_of(request: Request) -> Parts:
    """The parts of the application that serves the request."""
    parts = request.app.state.parts
    if not isinstance(parts, Parts):
        raise TypeError("app.state.parts are no Parts")
    return parts


ServiceParts = Annotated[Parts, Depends(parts_of)]
