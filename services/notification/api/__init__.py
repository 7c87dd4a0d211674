"""Notification's JSON API: how invitations, messages and answers stand, for those who may see and settle them."""

from services.notification.api import audit, internal, invitations, meetups, messages
from services.notification.api.examples import ANSWERED, EXAMPLES

ROUTERS = (meetups.router, invitations.router, messages.router, internal.router, audit.router)

__all__ = ["ANSWERED", "EXAMPLES", "ROUTERS"]
