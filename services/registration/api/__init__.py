"""Registration's JSON API: its records, imports and erasures, for those who may see them."""

from services.registration.api import (
    accounts,
    agencies,
    audit,
    credentials,
    duplicates,
    employers,
    erasures,
    imports,
    internal,
    meetup_people,
    meetups,
    needs,
    observations,
    participants,
    planned_erasures,
    proposals,
    reference,
    tokens,
    venues,
    workshops,
)

ROUTERS = (
    accounts.router,
    credentials.router,
    tokens.router,
    agencies.router,
    participants.router,
    duplicates.router,
    erasures.router,
    planned_erasures.router,
    workshops.router,
    observations.router,
    employers.router,
    needs.router,
    meetups.router,
    meetup_people.router,
    proposals.router,
    reference.router,
    venues.router,
    imports.router,
    internal.router,
    audit.router,
)

__all__ = ["ROUTERS"]
