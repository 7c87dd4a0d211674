"""Every request has an id, which its answer and the log of what goes wrong both tell: so one finds the other."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ids import new_id

HEADER = "x-request-id"
NAMED = "request_id"
"""Where the state of a request keeps its id."""

# No letters beyond these: whatever is logged could otherwise be somebody's name.
_TAKEN = re.compile(r"[0-9a-fA-F-]{8,64}")


class NamedRequest:
    """Gives each request the id that its caller says in `X-Request-Id`, where that is one, or a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get(HEADER, "")
        request_id = said if _TAKEN.fullmatch(said) else str(new_id())
        scope.setdefault("state", {})[NAMED] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self.app(scope, receive, send_with_id)


def request_id_of(request: Request) -> str:
    """The id of a request."""
    return str(getattr(request.state, NAMED, ""))
