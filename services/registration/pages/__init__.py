"""Registration's pages. Signing in for a demonstration is none of these: it is served only where anybody may."""

from services.registration.pages import (
    account,
    duplicates,
    exports,
    home,
    imports,
    meetup_day,
    meetup_messages,
    meetup_people,
    meetups,
    observing,
    pairing,
    participant_rights,
    participants,
    record,
    signing_in,
    workshop_sessions,
    workshops,
)

ROUTERS = (
    home.router,
    account.router,
    record.router,
    participants.router,
    participant_rights.router,
    duplicates.router,
    imports.router,
    exports.router,
    workshops.router,
    workshop_sessions.router,
    observing.router,
    meetups.router,
    meetup_people.router,
    meetup_messages.router,
    meetup_day.router,
    pairing.router,
    signing_in.router,
)

__all__ = ["ROUTERS"]
