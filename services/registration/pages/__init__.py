"""Registration's pages. Signing in for a demonstration is none of these: it is served only where anybody may."""

from services.registration.pages import account, home, meetup_people, meetups, pairing, participants, record, signing_in

ROUTERS = (
    home.router,
    account.router,
    record.router,
    participants.router,
    meetups.router,
    meetup_people.router,
    pairing.router,
    signing_in.router,
)

__all__ = ["ROUTERS"]
