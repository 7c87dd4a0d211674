"""Every answer that a test is given is one that the service's OpenAPI document knows."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI

NO_CONTENT = 204


def watching(app: FastAPI) -> dict[str, list[Any]]:
    """The hooks of a client that compares each answer of ``app`` with its document."""

    async def compare(answer: httpx.Response) -> None:
        operation = _operation(app, answer.request.method.lower(), answer.request.url.path)
        if operation is None:
            return
        said = operation["responses"].get(str(answer.status_code))
        asked = f"{answer.request.method} {answer.request.url.path}"
        assert said is not None, f"{asked} answers {answer.status_code}, of which its document does not speak"
        if answer.status_code == NO_CONTENT:
            return
        kinds = set(said.get("content", ()))
        kind = answer.headers.get("content-type", "").partition(";")[0]
        assert kind in kinds or not (kinds or kind), f"{asked} answers {kind}, where its document says {kinds}"

    return {"response": [compare]}


def _operation(app: FastAPI, method: str, path: str) -> dict[str, Any] | None:
    """What the document says of a request: of two addresses that fit, the one with fewer gaps."""
    fitting = [(template, item[method]) for template, item in app.openapi()["paths"].items() if method in item]
    found = [(template.count("{"), operation) for template, operation in fitting if _pattern(template).fullmatch(path)]
    return min(found, key=lambda each: each[0])[1] if found else None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    gaps = {"identifier": "(?s:.+)"}
    return re.compile(
        "".join(gaps.get(part, "[^/]+") if place % 2 else re.escape(part) for place, part in enumerate(parts))
    )
