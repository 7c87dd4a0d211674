"""What an address can be asked: HEAD wherever GET is answered, and the methods that it takes."""

from __future__ import annotations

from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class AnswersHead:
    """Answers HEAD as GET, without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        # In place, no copy of it: what stands around this reads from the same scope which route was found.
        scope["method"] = "GET"

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, send_head)


def methods_of(request: Request) -> list[str]:
    """The methods that the address of a request takes."""
    taken = {"OPTIONS"}
    for context in iter_route_contexts(request.app.routes):
        route = context.original_route
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            taken |= route.methods or set()
    return sorted(taken | ({"HEAD"} if "GET" in taken else set()))
