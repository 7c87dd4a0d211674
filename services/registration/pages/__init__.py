"""Registration's pages. Signing in for a demonstration is none of these: it is served only where anybody may."""

from services.registration.pages import account, home, signing_in

ROUTERS = (home.router, account.router, signing_in.router)

__all__ = ["ROUTERS"]
