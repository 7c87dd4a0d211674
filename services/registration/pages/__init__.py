"""Registration's pages. That of the demo's sign-in is none of these: it is served only where anybody may sign in."""

from services.registration.pages import home

ROUTERS = (home.router,)

__all__ = ["ROUTERS"]
