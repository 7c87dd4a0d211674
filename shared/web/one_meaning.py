"""JSON that can be read in one way only: an object that names a member twice is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import Problem, from_validation
from shared.web.protection import AnswersProblem

LONGEST_NAME = 100
"""How much of a member's name is told back, in characters."""


class _NamedTwice(Exception):
    def __init__(self, name: str) -> None:
        super().__init__("a member is named twice")
        self.name = name


class OneMeaning:
    """Refuses JSON in which a member is named twice: of two programs that read it, one would take the first.

    It holds the body of such a request, as the route will: `BodyLimit` stands around it.
    """

    def __init__(self, app: ASGIApp, *, answer: AnswersProblem) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not _is_json(Headers(scope=scope).get("content-type", "")):
            await self.app(scope, receive, send)
            return
        try:
            messages = await _whole(receive)
        except Problem as trouble:
            await self.answer(Request(scope), trouble)(scope, receive, send)
            return
        twice = _named_twice(b"".join(message.get("body", b"") for message in messages))
        if twice is not None:
            refusal = from_validation([{"type": "named_twice", "loc": ("body", twice[:LONGEST_NAME])}])
            await self.answer(Request(scope), refusal)(scope, receive, send)
            return

        async def receive_again() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, receive_again, send)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


async def _whole(receive: Receive) -> list[Message]:
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _named_twice(body: bytes) -> str | None:
    """The first member that is named twice in one object; `None` too where the body is no JSON: the route says so."""
    try:
        json.loads(body, object_pairs_hook=_once)
    except _NamedTwice as error:
        return error.name
    except (ValueError, RecursionError):
        return None
    return None


def _once(members: Sequence[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in members:
        if name in seen:
            raise _NamedTwice(name)
        seen.add(name)
