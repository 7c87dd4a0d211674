"""Notification's pages, behind the links of its messages."""

from services.notification.pages import employer, reply, stopping

ROUTERS = (reply.router, employer.router, stopping.router)

__all__ = ["ROUTERS"]
