"""Notification's pages, behind the links of its messages."""

from services.notification.pages.employer import router as employer
from services.notification.pages.reply import router as reply
from services.notification.pages.stopping import router as stopping

ROUTERS = (reply, employer, stopping)

__all__ = ["ROUTERS"]
