"""One way to refuse, the same protections everywhere."""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import AsyncIterator

import httpx
import jinja2
import pytest
from fastapi import FastAPI

from shared.identity import Role
from shared.web import create_web_app
from shared.web.protection import CONTENT_SECURITY_POLICY
from shared.web.serving import lay_out
from tests.shared.web.conftest import Settings, bearer

BROWSER = {"accept": "text/html,application/xhtml+xml"}


async def test_problems_are_rfc_9457(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/v1/gone")
    assert response.status_code == 410
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "http://vernissage.localhost:8000/problems/gone-away",
        "title": "Parti",
        "status": 410,
        "detail": "Cherchez ailleurs.",
        "code": "gone-away",
        "where": "elsewhere",
    }


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"level": 9}, "level", "less-than-equal"),
        ({"level": "Quatrepommes"}, "level", "int-parsing"),
        ({}, "level", "missing"),
        ({"level": 1, "kind": "Quatrepommes"}, "kind", "literal-error"),
        ({"level": 1, "parts": ["Quatrepommes"]}, "parts.0", "uuid-parsing"),
    ],
)
async def test_a_wrong_field_is_named_and_its_value_is_not_repeated(
    client: httpx.AsyncClient, body: dict[str, object], path: str, code: str
) -> None:
    response = await client.post("/api/v1/notes", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid-request")
    [error] = response.json()["errors"]
    assert (error["in"], error["path"], error["code"]) == ("body", path, code)
    assert error["message"].endswith(".")
    assert "Quatrepommes" not in response.text


async def test_broken_json_is_told(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/api/v1/notes", content=b'{"level": Quatre', headers={"content-type": "application/json"}
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "json-invalid"
    assert "Quatre" not in response.text


async def test_a_body_above_the_limit_is_refused_announced_or_not(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield b"x" * 1_000

    for content in (b"x" * 6_000, parts()):
        response = await client.post("/api/v1/large", content=content)
        assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
        assert response.json()["limit_bytes"] == 5_000
    assert (await client.post("/api/v1/large", content=b"x" * 4_000)).json() == 4_000
    assert (await client.post("/api/v1/notes", content=b"x" * 4_000)).status_code == 413


async def test_a_false_length_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/large", content=b"x", headers={"content-length": "-1"})).status_code == 413


async def test_an_unforeseen_error_is_answered_and_its_text_is_nowhere(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="shared.web.protection")
    for headers in ({}, BROWSER):
        response = await client.get("/api/v1/boom/Zephyrine", headers=headers)
        assert (response.status_code, response.json()["code"]) == (500, "unexpected-error")
        assert "Zephyrine" not in response.text
    ours = "\n".join(each.getMessage() for each in caplog.records if each.name == "shared.web.protection")
    assert "unexpected ValueError" in ours
    assert "GET /api/v1/boom/{name} 500" in ours
    assert "Zephyrine" not in ours


async def test_programs_get_json_and_people_get_a_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).json()["code"] == "not-found"
    page = await client.get("/nowhere", headers=BROWSER)
    assert page.status_code == 404
    assert "<h1>Page introuvable</h1>" in page.text
    english = await client.get("/nowhere", headers={**BROWSER, "accept-language": "en-GB,en;q=0.9,fr;q=0.5"})
    assert "<h1>Page not found</h1>" in english.text
    assert '<html lang="en">' in english.text
    assert (await client.put("/form", headers=BROWSER)).status_code == 405
    assert (await client.get("/api/v1/nowhere", headers=BROWSER)).json()["code"] == "not-found"


async def test_somebody_unknown_is_sent_to_sign_in_and_back(client: httpx.AsyncClient) -> None:
    assert (await client.get("/advisers")).status_code == 401
    asked = await client.get("/advisers?page=2", headers=BROWSER)
    assert asked.status_code == 303
    assert asked.headers["location"] == "http://vernissage.localhost:8001/sign-in?next=%2Fadvisers%3Fpage%3D2"
    assert (await client.get("/advisers", headers=bearer(Role.ADVISER))).text == "adviser"
    refused = await client.get("/advisers", headers={**bearer(Role.MEDIATOR), **BROWSER})
    assert refused.status_code == 403
    assert "Accès refusé" in refused.text


@pytest.mark.parametrize("path", ["/form", "/nowhere", "/api/v1/gone", "/api/v1/boom/x", "/health"])
async def test_every_answer_carries_the_protections(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


async def test_https_is_kept_where_it_is_used() -> None:
    app = create_web_app(title="Essai", settings=Settings(public_url="https://vernissage.example", demo_sign_in=False))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://vernissage.example") as client:
        assert "max-age" in (await client.get("/health")).headers["strict-transport-security"]
        assert (await client.get("/pieces")).status_code == 404


async def test_the_style_is_kept_by_browsers_under_its_fingerprint(client: httpx.AsyncClient) -> None:
    page = (await client.get("/form")).text
    address = re.search(r'href="(/static/vernissage\.css\?v=[0-9a-f]{12})"', page)
    assert address
    style = await client.get(address[1])
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]
    assert len(style.content) < 15_000
    assert "http" not in re.sub(r"/\*.*?\*/", "", style.text)


async def token_in(client: httpx.AsyncClient, **headers: str) -> str:
    """The form token on the page."""
    page = await client.get("/form", headers=headers)
    found = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def test_a_form_needs_the_token_of_its_own_visitor(client: httpx.AsyncClient) -> None:
    token = await token_in(client)
    fields = {"form_token": token, "word": "oui"}
    assert (await client.post("/form", data=fields)).text == "oui"
    assert (await client.post("/form", data={"word": "oui"})).json()["code"] == "form-expired"
    client.cookies.clear()
    assert (await client.post("/form", data=fields)).status_code == 403
    client.cookies.set("vernissage_visitor", "somebody else")
    assert (await client.post("/form", data=fields)).status_code == 403


async def test_the_visitors_cookie_is_closed_to_scripts_and_other_sites(client: httpx.AsyncClient) -> None:
    cookie = (await client.get("/form")).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "set-cookie" not in (await client.get("/form")).headers


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://vernissage.localhost:9999"},
    ],
)
async def test_what_another_site_sends_is_refused_even_with_a_token(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    fields = {"form_token": await token_in(client), "word": "oui"}
    refused = await client.post("/form", data=fields, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross-origin")
    refused = await client.post("/api/v1/notes", json={"level": 1}, headers=headers)
    assert refused.status_code == 403
    own = {"sec-fetch-site": "same-origin", "origin": "http://vernissage.localhost:8000"}
    assert (await client.post("/form", data=fields, headers=own)).status_code == 200


async def test_the_first_request_of_a_process_that_was_laid_out_compiles_nothing(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(app)

    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError("this was to be done before")

    monkeypatch.setattr(jinja2.Environment, "compile", refuse)
    monkeypatch.setattr(inspect, "signature", refuse)
    assert (await client.get("/form", headers=BROWSER)).status_code == 200
    assert (await client.post("/api/v1/notes", json={"level": 2})).status_code == 200
    assert (await client.get("/nowhere", headers=BROWSER)).status_code == 404
