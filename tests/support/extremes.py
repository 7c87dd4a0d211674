"""Addresses that nobody types: every GET route with texts and dates at the ends of what can be written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

SOME_ID = "0192f000-0000-7000-8000-000000000001"
EXTREMES = (
    "a%00b",
    "%ED%A0%80",
    "x" * 5_000,
    quote("0001-01-01T00:00:00+14:00"),
    quote("9999-12-31T23:59:59-14:00"),
    "-9223372036854775809",
    quote("%_\\"),
)
_PARAMETER = re.compile(r"\{(?P<name>\w+)(?::\w+)?\}")


def extreme_addresses(app: FastAPI) -> Iterator[tuple[str, bool]]:
    """Addresses of all GET routes, with one extreme at a time; and whether it holds a NUL, which nothing can keep."""
    described = app.openapi()["paths"]
    for path in sorted(set(_paths_to_get(app.routes))):
        plain = _PARAMETER.sub(SOME_ID, path)
        names = [each["name"] for each in described.get(path, {}).get("get", {}).get("parameters", [])]
        asked = [name for name in names if f"{{{name}}}" not in path]
        for extreme in EXTREMES:
            holds_nul = "%00" in extreme
            for name in [*asked, "lang"]:
                yield f"{plain}?{name}={extreme}", holds_nul
            for parameter in _PARAMETER.finditer(path):
                yield plain_but(path, parameter["name"], extreme), holds_nul


def _paths_to_get(routes: Sequence[BaseRoute]) -> Iterator[str]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _paths_to_get(included.routes)
        elif isinstance(route, Route) and "GET" in (route.methods or ()):
            yield route.path


def plain_but(path: str, name: str, text: str) -> str:
    """The address of a route, with one of its parameters as it is given."""
    return _PARAMETER.sub(lambda found: text if found["name"] == name else SOME_ID, path)
