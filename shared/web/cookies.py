"""The cookies that browsers keep for us: a session's, and a visitor's before somebody signs in.

Their names begin with `__Host-`, so that neither another host nor a page without TLS can set them. On an address
without TLS, where browsers would refuse that, the plain names stand.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

SESSION = "vernissage_session"
VISITOR = "vernissage_visitor"
PREFIX = "__Host-"


def session_of(request: Request) -> str | None:
    """What the browser shows for its session."""
    return request.cookies.get(_name(request, SESSION))


def visitor_of(request: Request) -> str | None:
    """What the browser shows as a visitor."""
    return request.cookies.get(_name(request, VISITOR))


def keep_session(request: Request, response: Response, token: str, lasts: timedelta) -> None:
    """Have the browser keep a session, and forget whom it was a visitor as: what was shown before counts no more."""
    _keep(request, response, SESSION, token, lasts)
    _forget(request, response, VISITOR)


def forget_session(request: Request, response: Response) -> None:
    """Have the browser forget its session."""
    _forget(request, response, SESSION)


def keep_visitor(request: Request, response: Response, visitor: str) -> None:
    """Have the browser keep who visits, until it is closed."""
    _keep(request, response, VISITOR, visitor, None)


def _keep(request: Request, response: Response, name: str, value: str, lasts: timedelta | None) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=int(lasts.total_seconds()) if lasts else None,
        secure=_has_tls(request),
        httponly=True,
        samesite="lax",
    )


def _forget(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(_name(request, name), secure=_has_tls(request), httponly=True, samesite="lax")


def _name(request: Request, name: str) -> str:
    return PREFIX + name if _has_tls(request) else name


def _has_tls(request: Request) -> bool:
    """Whether people reach the service by TLS, by its public address: a proxy may be what ends it."""
    return str(request.app.state.settings.public_url).startswith("https:")
