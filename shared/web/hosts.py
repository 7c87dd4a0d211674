"""Which names a service answers to.

Another site can point a name of its own at this machine; a browser then takes the service for a part of that site and
lets it read what it shows. Only the name that was asked for gives that away.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problems import Problem
from shared.web.protection import AnswersProblem

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

ANY_NAME = ("/health", "/metrics")
"""What whoever watches a process asks at any address of it, and what tells of nobody."""

UNKNOWN_HOST = Problem(
    421,
    "unknown-host",
    "Adresse inconnue",
    "Ce service ne répond pas sous ce nom. Ouvrez l’adresse que votre organisation vous a donnée.",
    english=(
        "Unknown address",
        "This service does not answer under this name. Open the address that your organisation gave you.",
    ),
)


def known_names(public_url: str, other_names: str) -> frozenset[str]:
    """The names of a service: that of its address, and others separated by commas. A loopback name stands for all."""
    names = {urlsplit(public_url).hostname or "", *(name.strip().lower() for name in other_names.split(","))} - {""}
    return frozenset(names | LOOPBACK_NAMES if names & LOOPBACK_NAMES else names)


class KnownHost:
    """Refuses what is asked under a name that is not this service's."""

    def __init__(self, app: ASGIApp, *, names: Collection[str], answer: AnswersProblem) -> None:
        self.app = app
        self.names = names
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not scope["path"].startswith(ANY_NAME) and not self._is_known(scope):
            await self.answer(Request(scope), UNKNOWN_HOST)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        try:
            name = urlsplit("//" + Headers(scope=scope).get("host", "")).hostname
        except ValueError:
            return False
        return name is not None and name.removesuffix(".") in self.names
