"""What the OpenAPI document of a service says of every operation alike: who may ask, and which problems it can tell.

Routes declare what is theirs: bodies, parameters, what they answer when all is well. What stands around every route is
declared here, where it is done for all: signing in, limits, bodies that cannot be read, revisions that were not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from shared.web.problems import PROBLEM_TYPE

_Described = dict[str, Any]

METHODS = ("get", "put", "post", "patch", "delete")
WRITING = ("put", "post", "patch", "delete")

PROBLEMS: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "Nobody valid is asking: sign in, or send another token.",
    403: "The role or agency of whoever asks does not give access, or another site sent the request.",
    404: "There is no such thing.",
    409: "It cannot be done as things stand.",
    412: "Somebody changed it since the revision that `If-Match` names; `changed` says what.",
    413: "The body is larger than this address takes.",
    415: "The body is in a format that this address does not take.",
    422: "Something in the request is not as described; `errors` says where and what to do.",
    428: "`If-Match` must say which revision was seen.",
    429: "It was asked too often, or another one is under way; `Retry-After` says how long to wait.",
    500: "Something went wrong that nobody foresaw; nothing was left half-done.",
    503: "The database cannot serve for the moment; `Retry-After` says how long to wait.",
}

EVERYWHERE = (400, 401, 403, 422, 429, 500, 503)
"""Problems that any operation can tell: of NUL in an address, of who asks, of how often, of what nobody foresaw."""

PROBLEM_SCHEMA: _Described = {
    "title": "Problem",
    "description": "A problem as RFC 9457 describes it: what is wrong, where, and what to do, in French.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "A URN of the code."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "code": {"type": "string", "description": "Stable, in kebab-case, for programs."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "path", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("in", "path", "code", "message")},
            },
        },
    },
}
SECURITY_SCHEMES: _Described = {
    "token": {"type": "http", "scheme": "bearer", "description": "The token of somebody signed in, or of a service."},
}


class DescribedAPI(FastAPI):
    """An application whose document says what is true of all operations."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            components = document.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas["Problem"] = PROBLEM_SCHEMA
            components["securitySchemes"] = SECURITY_SCHEMES
            document["security"] = [{scheme: []} for scheme in SECURITY_SCHEMES]
            for method, operation in _operations(document):
                for status in _problems_of(method, operation):
                    operation["responses"][str(status)] = _told(PROBLEMS[status])
        return self.openapi_schema or {}


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, _Described]]:
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                yield method, item[method]


def _problems_of(method: str, operation: _Described) -> set[int]:
    """The problems that an operation can tell, by what it takes."""
    statuses = set(EVERYWHERE)
    if operation.get("parameters"):
        statuses.add(404)
    if method in WRITING:
        statuses |= {404, 409, 413}
    if "requestBody" in operation:
        statuses.add(415)
    if any(parameter["name"].lower() == "if-match" for parameter in operation.get("parameters", ())):
        statuses |= {412, 428}
    return statuses


def telling(status: int, when: str) -> dict[int | str, dict[str, Any]]:
    """A problem of a route's own, for its `responses`."""
    return {status: _told(when)}


def _told(when: str) -> _Described:
    return {
        "description": when,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
