"""Addresses with NUL, lone surrogates and very long texts are answered clearly, and so are notes that hold a NUL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.matching.settings import Settings
from services.matching.web import create_app
from shared.identity import Person, Role
from tests.services.matching.conftest import ADVISER, Stage
from tests.support.events import AGENCY, NOW, an_id
from tests.support.extremes import SOME_ID, extreme_addresses
from tests.support.tokens import KEYS, token_for

SECRET = "a secret of at least thirty-two characters"
ADDRESS = "http://matching.test"


@pytest.fixture
def app(gallery: Stage) -> FastAPI:
    url = gallery.engine.url.render_as_string(hide_password=False)
    return create_app(
        Settings(database_url=url, seal_secret=SecretStr(SECRET), public_url=ADDRESS), keys=KEYS, clock=lambda: NOW
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app):
        sealed = token_for(Person(ADVISER, Role.ADVISER, AGENCY), "matching", NOW)
        headers = {"authorization": f"Bearer {sealed}"}
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers) as client:
            yield client


async def test_no_address_of_a_get_route_breaks_the_service(app: FastAPI, client: httpx.AsyncClient) -> None:
    addresses = list(extreme_addresses(app))
    assert len(addresses) > 200
    for address, holds_nul in addresses:
        answer = await client.get(address)
        assert answer.status_code < 500, address
        assert answer.status_code == 422 or not holds_nul, address


@pytest.mark.parametrize(
    ("address", "body"),
    [
        (f"/api/v1/meetups/{an_id('meetup')}/rematches", {"reason": "first-pairing", "note": "a\x00b"}),
        (f"/api/v1/pairings/{SOME_ID}/reject", {"note": "a\x00b"}),
    ],
)
async def test_a_note_with_a_nul_is_refused(client: httpx.AsyncClient, address: str, body: dict[str, str]) -> None:
    answer = await client.post(address, json=body)
    assert answer.status_code == 422
    assert [each["path"] for each in answer.json()["errors"]] == ["note"]
