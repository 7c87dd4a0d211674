"""What the OpenAPI document of a service says of every operation alike: who may ask, and which problems it can tell.

Routes declare what is theirs: bodies, parameters, what they answer when all is well. What stands around every route is
declared here, where it is done for all: signing in, limits, bodies that cannot be read, revisions that were not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from shared.limits import Limit
from shared.web.exemplifying import Exemplifier
from shared.web.limiting import Limited
from shared.web.problems import PROBLEM_TYPE

_Described = dict[str, Any]
Examples = Mapping[type[BaseModel], Mapping[str, Any]]
"""An example of each body that an API takes."""

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

PARAMETERS: Mapping[str, str] = {
    "Idempotency-Key": (
        "Any text of your own, once for each request: the same request again under it gets the same answer and does "
        "nothing, for two days; another request under it is `409`."
    ),
    "If-Match": "The `ETag` of the record as you saw it; `*` replaces whatever is there.",
    "after": "From this instant on.",
    "agency": "The id of the agency whose they are.",
    "before": "Before this instant.",
    "code": "The code of the occupation (ROME).",
    "cursor": "`next` of the part before.",
    "dry_run": "Tell what would become of each row, and change nothing.",
    "employer": "The id of the employer whose they are.",
    "framework": "The framework of skills, by its name.",
    "identifier": "The record's name in the system that asks or is asked about.",
    "kind": "The table of what was changed or looked at.",
    "limit": "How many at most.",
    "meetup": "The id of the meetup where they are.",
    "occupation": "The code of the occupation (ROME).",
    "open": "Only those that are open, or only those that are not.",
    "operation": "The id of the operation that they belong to.",
    "participant": "The id of the participant whom it is about.",
    "person": "The id of whoever did it.",
    "purpose": "What they agree to: to be paired, or to be contacted.",
    "q": "Words that their name or title holds, or their identifier.",
    "record": "The id of what was changed or looked at.",
    "size": "How many at most.",
    "text_version": "The version of the text that was shown.",
    "venue": "The id of the venue where they are.",
    "way": "How it was handed in.",
    "what": "What was done: `insert`, `update`, `delete`, `look`.",
    "workshop": "The id of the workshop where they are.",
}
"""What a parameter says: one of the same name says the same everywhere, unless its route says more."""

RETRY_AFTER: _Described = {
    "Retry-After": {"description": "How many seconds to wait.", "schema": {"type": "string", "pattern": r"^\d+$"}}
}


def _headers_of(limit: Limit) -> _Described:
    """What an answer says of a limit (draft-ietf-httpapi-ratelimit-headers-10)."""
    seconds = round(limit.within.total_seconds())
    return {
        "RateLimit-Policy": {
            "description": "How many times (`q`) one may within how many seconds (`w`).",
            "schema": {"type": "string"},
            "example": f'"{limit.name}";q={limit.times};w={seconds}',
        },
        "RateLimit": {
            "description": "How many times are left (`r`), and in how many seconds all are there again (`t`).",
            "schema": {"type": "string"},
            "example": f'"{limit.name}";r={limit.times - 1};t={ceil(limit.pace.total_seconds())}',
        },
    }


PROBLEM_SCHEMA: _Described = {
    "title": "Problem",
    "description": "A problem as RFC 9457 describes it: what is wrong, where, and what to do, in French or English.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "The address of a page that says what to do."},
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
    """An application whose document says what is true of all operations, with an example of each body and answer.

    ``examples`` are of bodies; ``answered`` are values of fields of answers by name (`Exemplifier`).
    """

    def __init__(self, *, examples: Examples, answered: Mapping[str, Any], **details: Any) -> None:
        super().__init__(**details)
        self.examples = examples
        self.answered = answered

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
            for model, example in self.examples.items():
                schemas[model.__name__]["examples"] = [example]
            exemplifier = Exemplifier(schemas, self.answered)
            for method, operation in _operations(document):
                _describe(method, operation)
                for answer in _json_answers(operation):
                    answer["example"] = exemplifier.of(answer["schema"])
            for operation, limit in self._limited(document):
                _describe_limit(operation, limit)
        return self.openapi_schema or {}

    def _limited(self, document: Mapping[str, Any]) -> Iterator[tuple[_Described, Limit]]:
        """The operations that one may ask for so many times within a time."""
        for context in iter_route_contexts(self.routes):
            route, item = context.original_route, document["paths"].get(context.path_format, {})
            if isinstance(route, APIRoute):
                limits = [each.call.limit for each in route.dependant.dependencies if isinstance(each.call, Limited)]
                methods = {method.lower() for method in route.methods or ()} & item.keys()
                yield from ((item[method], limit) for method in methods for limit in limits)


def _describe(method: str, operation: _Described) -> None:
    """Say of an operation what it does in short, what its parameters mean, and which problems it can tell."""
    operation["summary"] = _in_short(operation["description"])
    for parameter in operation.get("parameters", ()):
        if "description" not in parameter:
            parameter["description"] = _said_of(parameter["name"])
    for status in _problems_of(method, operation):
        operation["responses"][str(status)] = _told(PROBLEMS[status])
    for refused in ("429", "503"):
        operation["responses"][refused]["headers"] = {**RETRY_AFTER}


def _describe_limit(operation: _Described, limit: Limit) -> None:
    minutes = round(limit.within.total_seconds() / 60)
    within = "a minute" if minutes == 1 else f"{minutes} minutes"
    operation["description"] += f"\n\nEach person, or system, may ask for this {limit.times} times within {within}."
    for status, answer in operation["responses"].items():
        if status.startswith("2") or status == "429":
            answer["headers"] = {**answer.get("headers", {}), **_headers_of(limit)}


def _in_short(description: str) -> str:
    """The beginning of a description, as far as it stands alone."""
    return re.split(r"[.:;](?:\s|$)", description, maxsplit=1)[0]


def _said_of(name: str) -> str:
    """What a parameter says, wherever one of this name stands. Raises `KeyError` where nothing was written of it."""
    if name.endswith("_id"):
        return f"The id of the {name.removesuffix('_id').replace('_', ' ')}."
    return PARAMETERS[name]


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, _Described]]:
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                yield method, item[method]


def _json_answers(operation: _Described) -> Iterator[_Described]:
    """What an operation answers in JSON when all is well."""
    for status, answer in operation["responses"].items():
        if status.startswith("2") and "application/json" in answer.get("content", {}):
            yield answer["content"]["application/json"]


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
