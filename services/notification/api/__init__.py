"""Notification's JSON API: how invitations, messages and answers stand, for those who may see and settle them."""

from services.notification.api.invitations import router as invitations
from services.notification.api.meetups import router as meetups
from services.notification.api.messages import router as messages

ROUTERS = (meetups, invitations, messages)

__all__ = ["ROUTERS"]
