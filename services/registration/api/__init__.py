"""Registration's JSON API: `routers` holds all of it."""

from services.registration.api import (
    agencies,
    employers,
    erasures,
    imports,
    internal,
    meetup_people,
    meetups,
    needs,
    observations,
    participants,
    reference,
    workshops,
)

routers = (
    agencies.router,
    participants.router,
    erasures.router,
    workshops.router,
    observations.router,
    employers.router,
    needs.router,
    meetups.router,
    meetup_people.router,
    reference.router,
    imports.router,
    internal.router,
)

__all__ = ["routers"]
