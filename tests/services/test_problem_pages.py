"""The type of every problem that a service tells leads to a page that says what to do, whoever opens it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

import shared.web
from shared.language import Language
from tests.services.test_documents import NOWHERE
from tests.services.test_documents_hold import APPS

ROOT = Path(shared.web.__file__).parents[2]
READ_BY: dict[Language, str] = {"fr": "Code, pour les programmes", "en": "Code, for programs"}


def codes_in(folder: Path) -> Iterator[str]:
    """The codes of the problems that code makes, wherever it does."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                code = node.args[1]
                if isinstance(code, ast.Constant):
                    yield str(code.value)


def door_of(service: str) -> httpx.AsyncClient:
    """How nobody in particular asks a service, which needs no database for this."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(APPS[service](NOWHERE)), base_url="http://127.0.0.1")


@pytest.mark.parametrize("service", APPS)
async def test_every_problem_has_its_page_in_both_languages(service: str) -> None:
    codes = {*codes_in(ROOT / "services" / service), *codes_in(ROOT / "shared" / "web")}
    assert len(codes) > 15
    async with door_of(service) as door:
        for code in codes:
            for language, says in READ_BY.items():
                page = await door.get(f"/problems/{code}", headers={"accept-language": language, "accept": "text/html"})
                assert (page.status_code, says in page.text, code in page.text) == (200, True, True), code
        assert (await door.get("/problems/of-nobody")).status_code == 404


@pytest.mark.parametrize("service", APPS)
async def test_what_is_told_leads_to_the_page(service: str) -> None:
    async with door_of(service) as door:
        told = (await door.get("/api/v1/audit")).json()
        assert told["type"] == f"http://127.0.0.1/problems/{told['code']}"
        page = await door.get(urlsplit(told["type"]).path)
        assert told["detail"] in page.text


async def test_what_a_refusal_names_has_its_page_too() -> None:
    async with door_of("registration") as registration, door_of("matching") as matching:
        for door, code in ((registration, "unknown-commune"), (matching, "pairing-rejected"), (matching, "edit-seats")):
            assert (await door.get(f"/problems/{code}")).status_code == 200, code
