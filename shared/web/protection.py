"""What every answer and every request goes through: headers, body limit, addresses, cross-origin guard, last resort.

These are plain ASGI middlewares: they see bytes and headers only, and never hold a whole body.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from time import perf_counter
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.database import is_away
from shared.web.naming import request_id_of
from shared.web.problems import UNAVAILABLE, UNEXPECTED, Problem, from_validation, json_answer
from shared.web.templating import language_of
from shared.web.values import NUL

log = logging.getLogger(__name__)

AnswersProblem = Callable[[Request, Problem], Response]
"""Turns a problem into a page or JSON, whichever the request asks for."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Links hold tokens. Not "no-referrer": with it, browsers hide the origin of a form's own POST.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-robots-tag": "noindex, nofollow",
}

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class SecurityHeaders:
    """Adds the security headers, and `no-store` where an answer does not say how long it may be kept."""

    def __init__(self, app: ASGIApp, *, https: bool, forms_lead_to: str = "") -> None:
        self.app = app
        self.headers = dict(SECURITY_HEADERS)
        if forms_lead_to:
            # Browsers hold a form to this also where its answer sends them on.
            policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {forms_lead_to}")
            self.headers["content-security-policy"] = policy
        if https:
            self.headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class LastResort:
    """Answers an unforeseen error, and logs its kind and place without its text, which may hold personal data.

    A database that is away, full, or too slow is no fault of ours: the answer says when to come again.

    Also logs each request by the template of its route: an address may hold a token.
    """

    def __init__(self, app: ASGIApp, *, answer: AnswersProblem) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        status = 0

        async def send_and_watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_watch)
        except Exception as error:
            trouble = UNAVAILABLE if is_away(error) else UNEXPECTED
            _log(error, trouble, request_id_of(Request(scope)))
            if status:
                raise ConnectionAbortedError("the answer broke off") from None
            await self._apology(scope, trouble)(scope, receive, send_and_watch)
        finally:
            milliseconds = (perf_counter() - began) * 1000
            log.info("%s %s %d %.0f ms", scope["method"], _route_of(scope), status, milliseconds)

    def _apology(self, scope: Scope, trouble: Problem) -> Response:
        try:
            return self.answer(Request(scope), trouble)
        except Exception:  # the page itself may be what is broken
            return json_answer(trouble, language_of(Request(scope)))


def _log(error: Exception, trouble: Problem, request_id: str) -> None:
    if trouble is UNAVAILABLE:
        # One line: while PostgreSQL is away there are many of them, all alike.
        cause = getattr(error, "orig", None) or error
        log.warning("the database cannot serve: %s", type(getattr(cause, "__cause__", None) or cause).__name__)
    else:
        places = "".join(traceback.format_tb(error.__traceback__))
        log.error("unexpected %s in the request %s\n%s", type(error).__name__, request_id, places)


def _route_of(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "(no route)"))


class BodyLimit:
    """Refuses a body above the limit, as soon as it is announced or as soon as it has grown too long.

    ``limits`` gives other limits, in bytes, to addresses that begin with a prefix.
    """

    def __init__(self, app: ASGIApp, *, limit: int, limits: Mapping[str, int], answer: AnswersProblem) -> None:
        self.app = app
        self.limit = limit
        self.limits = limits
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > limit:
            await self.answer(Request(scope), too_large(limit))(scope, receive, send)
            return
        received = 0

        async def receive_up_to_the_limit() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise too_large(limit)
            return message

        await self.app(scope, receive_up_to_the_limit, send)

    def _limit_of(self, path: str) -> int:
        return next((limit for prefix, limit in self.limits.items() if path.startswith(prefix)), self.limit)


def too_large(limit: int) -> Problem:
    """The problem of a body above ``limit`` bytes."""
    size = f"{limit / 1_000_000:g}"
    return Problem(
        413,
        "body-too-large",
        "Envoi trop volumineux",
        f"Cette adresse accepte au plus {size.replace('.', ',')} Mo. Envoyez moins à la fois.",
        english=("Too large", f"This address takes {size} MB at most. Send less at once."),
        headers={"connection": "close"},
        limit_bytes=limit,
    )


class KeepableAddress:
    """Refuses an address with a NUL character, which no text of PostgreSQL can hold: neither its path nor its query."""

    def __init__(self, app: ASGIApp, *, answer: AnswersProblem) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        places = _places_of_nul(scope) if scope["type"] == "http" else []
        if places:
            trouble = from_validation([{"type": "nul_character", "loc": place} for place in places])
            await self.answer(Request(scope), trouble)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _places_of_nul(scope: Scope) -> list[tuple[str, ...]]:
    """Where an address has a NUL: in its path, or in which parameters."""
    named = QueryParams(scope["query_string"]).multi_items()
    parameters = [("query", name.replace(NUL, "")) for name, value in named if NUL in name or NUL in value]
    return [*([("path",)] if NUL in scope["path"] else []), *parameters]


class CrossOriginGuard:
    """Refuses what another site makes a browser send: the second lock beside each form's own token.

    Browsers say where a request comes from (`Sec-Fetch-Site`, else `Origin`); programs say neither and are let through,
    since they carry no cookie of somebody else.
    """

    def __init__(self, app: ASGIApp, *, answer: AnswersProblem) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and _is_cross_origin(Headers(scope=scope)):
            await self.answer(Request(scope), CROSS_ORIGIN)(scope, receive, send)
            return
        await self.app(scope, receive, send)


CROSS_ORIGIN = Problem(
    403,
    "cross-origin",
    "Envoi refusé",
    "Cette demande vient d’un autre site. Ouvrez la page elle-même, puis recommencez.",
    english=("Refused", "This request comes from another site. Open the page itself, then try again."),
)


def _is_cross_origin(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
