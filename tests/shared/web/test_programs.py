"""What programs can rely on, whichever service they ask: languages, ids of requests, methods, parameters."""

from __future__ import annotations

import ast
import logging
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]
REQUEST_ID = "0192f0c1-7a4e-7c11-8000-00000000abcd"


async def test_a_problem_is_told_in_the_language_asked_for(client: httpx.AsyncClient) -> None:
    for asked, language, title in (("en-GB, fr;q=0.5", "en", "Gone"), ("de", "fr", "Parti"), ("fr", "fr", "Parti")):
        response = await client.get("/api/v1/gone", headers={"accept-language": asked})
        assert (response.json()["title"], response.headers["content-language"]) == (title, language)
        assert response.headers["vary"] == "accept-language"


async def test_fields_are_told_in_the_language_asked_for(client: httpx.AsyncClient) -> None:
    for asked, message in (("fr", "La valeur doit être au plus 4."), ("en", "The value must be 4 at most.")):
        response = await client.post("/api/v1/notes", json={"level": 9}, headers={"accept-language": asked})
        assert [error["message"] for error in response.json()["errors"]] == [message]


def test_every_problem_is_written_in_both_languages() -> None:
    without = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for folder in ("services", "shared", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Problem"
        if not any(keyword.arg == "english" for keyword in call.keywords)
    ]
    assert without == []


async def test_an_unknown_parameter_is_refused_by_name(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/found", params={"text": "a", "at-most": 2})).json() == "a 2"
    response = await client.get("/api/v1/found", params={"text": "a", "most": 2})
    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert (error["in"], error["path"], error["code"]) == ("query", "most", "unknown-parameter")


async def test_a_page_takes_parameters_that_it_does_not_know(client: httpx.AsyncClient) -> None:
    assert (await client.get("/form", params={"utm_source": "mail"}, headers={"accept": "text/html"})).is_success


async def test_head_is_answered_as_get_without_a_body(client: httpx.AsyncClient) -> None:
    response = await client.head("/api/v1/found")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == (await client.get("/api/v1/found")).headers["content-type"]
    assert (await client.head("/api/v1/gone")).status_code == 410


async def test_an_address_says_which_methods_it_takes(client: httpx.AsyncClient) -> None:
    asked = await client.options("/api/v1/found")
    refused = await client.put("/api/v1/found")
    assert (asked.status_code, refused.status_code, refused.json()["code"]) == (204, 405, "method-not-allowed")
    assert asked.headers["allow"] == refused.headers["allow"] == "DELETE, GET, HEAD, OPTIONS"


async def test_every_answer_says_the_id_of_its_request(client: httpx.AsyncClient) -> None:
    given = await client.get("/api/v1/gone")
    another = await client.get("/api/v1/gone")
    assert given.headers["x-request-id"] != another.headers["x-request-id"]
    said = await client.get("/api/v1/found", headers={"x-request-id": REQUEST_ID})
    assert said.headers["x-request-id"] == REQUEST_ID


@pytest.mark.parametrize("said", ["Jeanne Quatrepommes", "jeanne@example.org", "x" * 100, ""])
async def test_no_request_bears_the_name_of_somebody(client: httpx.AsyncClient, said: str) -> None:
    response = await client.get("/api/v1/found", headers={"x-request-id": said})
    assert said not in response.headers["x-request-id"] or not said


async def test_the_id_leads_to_what_went_wrong(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = await client.get("/boom-page", headers={"accept": "text/html", "x-request-id": REQUEST_ID})
    assert response.status_code == 500
    assert REQUEST_ID in response.text
    assert any(REQUEST_ID in record.getMessage() for record in caplog.records)
