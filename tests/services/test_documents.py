"""What the OpenAPI document of each service says of every operation: enough to ask without reading the code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from services.matching import api as matching
from services.notification import api as notification
from services.registration import api as registration
from shared.web.describing import METHODS, WRITING, Examples
from shared.web.problems import PROBLEM_TYPE
from tests.services.test_documents_hold import APPS
from tests.support.documented import errors_in, json_answers

NOWHERE = "postgresql+asyncpg://nobody:nothing@127.0.0.1:1/nothing"
EXAMPLES: dict[str, Examples] = {
    "registration": registration.EXAMPLES,
    "matching": matching.EXAMPLES,
    "notification": notification.EXAMPLES,
}
ALWAYS = {"400", "401", "403", "422", "429", "500", "503"}
WHEN_WRITING = {"404", "409", "413"}

OPEN = {
    "RecordOfService.record": "rows of the service's tables, whatever columns they have",
    "RecordOfMatching.record": "the same",
    "ServiceRecord.record": "the same",
    "ServiceRecord.profile": "as matching describes it",
    "RecordShown.ids": "what an id stands for: other members for each kind",
    "ProposalShown.changes": "the body of a change, of any of four kinds",
}
"""What holds members that no schema names, and why."""

CARRIED_OUT_EACH_TIME = {"POST /internal/mails"}
"""What is done anew whenever it is asked."""


def app_of(service: str) -> FastAPI:
    """A service's application, of which only the document is asked."""
    return APPS[service](NOWHERE)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation with its method and how it is called."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, f"{method.upper()} {path}", item[method]


def answers_something(operation: dict[str, Any]) -> bool:
    """Whether an operation says what its answer holds, where it holds anything."""
    return "204" in operation["responses"] or any(
        said.get("schema")
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for said in answer.get("content", {}).values()
    )


@pytest.mark.parametrize("service", APPS)
def test_every_operation_says_what_it_does_what_it_takes_and_what_it_answers(service: str) -> None:
    document = app_of(service).openapi()
    lacking = []
    for method, name, operation in operations(document):
        words = ("summary", "description", "tags", "operationId")
        lacking += [f"{name}: no {word}" for word in words if not operation.get(word)]
        unsaid = [each["name"] for each in operation.get("parameters", ()) if not each.get("description")]
        lacking += [f"{name}: nothing is said of {each}" for each in unsaid]
        if not any(status.startswith("2") for status in operation["responses"]):
            lacking.append(f"{name}: nothing is said of success")
        if method in WRITING and not answers_something(operation):
            lacking.append(f"{name}: nothing is said of what is answered")
        expected = ALWAYS | (WHEN_WRITING if method in WRITING else set())
        lacking += [f"{name}: nothing is said of {status}" for status in expected - set(operation["responses"])]
    assert not lacking, "\n".join(lacking)


@pytest.mark.parametrize("service", APPS)
def test_every_problem_is_one_with_its_type_and_says_when_it_is_told(service: str) -> None:
    document = app_of(service).openapi()
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for _, name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert answer["content"] == {PROBLEM_TYPE: problem}, (name, status)
                assert answer["description"].endswith("."), (name, status)


@pytest.mark.parametrize("service", APPS)
def test_whatever_is_posted_takes_a_key_or_says_why_it_is_safe_to_repeat(service: str) -> None:
    for method, name, operation in operations(app_of(service).openapi()):
        keys = [each for each in operation.get("parameters", ()) if each["name"] == "Idempotency-Key"]
        is_safe = "Safe to repeat" in operation["description"]
        assert method == "post" or not keys, name
        assert method != "post" or keys or is_safe or name in CARRIED_OUT_EACH_TIME, name


LIMITED = {
    "registration": {
        "GET /api/v1/occupations": '"searches";q=300;w=60',
        "GET /api/v1/communes": '"searches";q=300;w=60',
        "POST /api/v1/imports": '"imports";q=60;w=3600',
        "POST /api/v1/exports": '"exports";q=20;w=3600',
    },
    "matching": {
        "POST /api/v1/meetups/{meetup_id}/rematches": '"rematches";q=60;w=600',
        "POST /api/v1/runs/{run_id}/replay": '"replays";q=10;w=600',
    },
    "notification": {},
}


@pytest.mark.parametrize("service", APPS)
def test_whatever_is_limited_says_so_and_in_which_headers_what_is_left_is_told(service: str) -> None:
    said = {}
    for _, name, operation in operations(app_of(service).openapi()):
        answers = operation["responses"]
        assert "Retry-After" in answers["429"]["headers"], name
        assert "Retry-After" in answers["503"]["headers"], name
        if "RateLimit" in answers["429"]["headers"]:
            said[name] = answers["429"]["headers"]["RateLimit-Policy"]["example"]
            assert "times within" in operation["description"], name
            when_well = [answer["headers"] for status, answer in answers.items() if status.startswith("2")]
            assert all(headers.keys() >= {"RateLimit", "RateLimit-Policy"} for headers in when_well), name
    assert said == LIMITED[service]


@pytest.mark.parametrize("service", APPS)
def test_whoever_asks_is_told_how_to_say_who_they_are(service: str) -> None:
    document = app_of(service).openapi()
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


@pytest.mark.parametrize("service", APPS)
def test_every_body_has_an_example_that_is_taken(service: str) -> None:
    app, examples = app_of(service), EXAMPLES[service]
    schemas = app.openapi()["components"]["schemas"]
    for _, name, operation in operations(app.openapi()):
        said = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        for each in said.get("oneOf", [said] if said else []):
            assert schemas[each["$ref"].rpartition("/")[2]].get("examples"), name
    for model, example in examples.items():
        model.model_validate_json(json.dumps(example))


@pytest.mark.parametrize("service", APPS)
def test_every_answer_names_all_that_it_holds(service: str) -> None:
    document = app_of(service).openapi()
    schemas = document["components"]["schemas"]
    for name, answer in json_answers(document):
        unnamed = set(unnamed_in(answer["schema"], "the answer", schemas)) - set(OPEN)
        assert not unnamed, f"{name}: {unnamed}"


def unnamed_in(schema: dict[str, Any], place: str, schemas: dict[str, Any]) -> Iterator[str]:
    """The places in a schema that hold what nobody named."""
    if "$ref" in schema:
        yield from unnamed_in(schemas[schema["$ref"].rpartition("/")[2]], place, schemas)
    elif "properties" in schema:
        for name, field in schema["properties"].items():
            yield from unnamed_in(field, f"{schema['title']}.{name}", schemas)
    elif schema.get("type") == "object":
        values = schema.get("additionalProperties", True)
        yield from unnamed_in({} if values is True else values, place, schemas)
    elif schema.get("type") == "array":
        for part in schema.get("prefixItems") or [schema["items"]]:
            yield from unnamed_in(part, place, schemas)
    elif "anyOf" in schema:
        for part in schema["anyOf"]:
            yield from unnamed_in(part, place, schemas)
    elif not schema.keys() & {"type", "const", "enum"}:
        yield place


@pytest.mark.parametrize("service", APPS)
def test_every_answer_has_an_example_that_is_as_described(service: str) -> None:
    document = app_of(service).openapi()
    for name, answer in json_answers(document):
        errors = errors_in(answer["example"], answer, document["components"]["schemas"])
        assert not errors, f"{name}: {errors}"
