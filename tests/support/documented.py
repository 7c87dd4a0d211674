"""Every answer that a test is given is one that the service's OpenAPI document knows, and holds what that says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from jsonschema import Draft202012Validator, FormatChecker

NO_CONTENT = 204
JSON = "application/json"


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
        if kind == JSON and answer.is_success:
            content = json.loads(await answer.aread())
            errors = errors_in(content, said["content"][JSON], app.openapi()["components"]["schemas"])
            assert not errors, f"{asked} answers otherwise than its document says: {errors}"

    return {"response": [compare]}


def json_answers(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every answer in JSON that tells of success, with how it is called, and what is said of it."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for status, answer in operation["responses"].items():
                if status.startswith("2") and JSON in answer.get("content", {}):
                    yield f"{method.upper()} {path} {status}", answer["content"][JSON]


def errors_in(content: Any, said: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[str]:
    """What in an answer is not as described, or not described."""
    closed = {name: _closed(schema) for name, schema in schemas.items()}
    schema = {**said["schema"], "components": {"schemas": closed}}
    found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(content)
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message}" for each in found]


def _closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that lets nothing through beside what it names."""
    names_all = "properties" in schema and "additionalProperties" not in schema
    return {**schema, "additionalProperties": False} if names_all else dict(schema)


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
