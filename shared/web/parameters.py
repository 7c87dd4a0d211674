"""Query parameters: the API refuses one that an address does not know, since a filter misspelt shows everything."""

from __future__ import annotations

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Cookie, Header, Path
from fastapi.routing import APIRoute

PREFIXES = ("/api/", "/internal/")
ELSEWHERE = (Path, Header, Cookie)
"""Parameters that stand elsewhere than in the query."""
LONGEST_NAME = 100
"""How much of a parameter's name is told back, in characters."""


async def only_known_parameters(request: Request) -> None:
    """Raise `RequestValidationError` where a request to the API names a parameter that its route does not take."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not route.path.startswith(PREFIXES):
        return
    if unknown := sorted(set(request.query_params) - _parameters_of(route)):
        raise RequestValidationError(
            [{"type": "unknown_parameter", "loc": ("query", name[:LONGEST_NAME])} for name in unknown]
        )


def _parameters_of(route: APIRoute) -> frozenset[str]:
    taken = get_flat_params(route.dependant)
    return frozenset(field.alias for field in taken if not isinstance(field.field_info, ELSEWHERE))
