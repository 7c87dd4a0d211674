"""A service answers under its own names alone, and believes a proxy only where it is told to."""

import httpx
import pytest
from fastapi import FastAPI

from shared.identity import Role
from shared.web import create_web_app
from shared.web.hosts import known_names
from tests.shared.web.conftest import ANYBODY, NOW, Settings, bearer, router

BROWSER = {"accept": "text/html"}


async def ask(app: FastAPI, path: str, host: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://anywhere") as client:
        return await client.get(path, headers={"host": host, **headers})


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "vernissage.localhost.evil.example", "[", "", "127.0.0.2"]
)
async def test_a_name_that_is_not_ours_shows_nothing_even_to_somebody_signed_in(app: FastAPI, host: str) -> None:
    signed_in = {**bearer(Role.ADVISER), "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    assert (await ask(app, "/advisers", "vernissage.localhost:8000", **signed_in)).status_code == 200
    refused = await ask(app, "/advisers", host, **signed_in)
    assert (refused.status_code, refused.json()["code"]) == (421, "unknown-host")
    page = await ask(app, "/advisers", host, **signed_in, **BROWSER)
    assert page.status_code == 421
    assert "Ouvrez l’adresse que votre organisation vous a donnée." in page.text
    assert "evil" not in page.text


async def test_what_a_proxy_says_of_the_name_does_not_count(app: FastAPI) -> None:
    forwarded = {"x-forwarded-host": "vernissage.localhost", "forwarded": "host=vernissage.localhost"}
    assert (await ask(app, "/advisers", "evil.example", **bearer(Role.ADVISER), **forwarded)).status_code == 421


async def test_the_process_is_watched_at_any_address_of_it(app: FastAPI) -> None:
    for path in ("/health", "/health/live", "/metrics"):
        assert (await ask(app, path, "10.0.0.7:8000")).status_code == 200


async def test_a_service_has_further_names_inside_a_cluster() -> None:
    settings = Settings(public_url="https://vernissage.example", other_names="registration, registration.gallery.svc")
    app = create_web_app(title="Essai", settings=settings, routers=[router], identified_by=ANYBODY, clock=lambda: NOW)
    for name in ("vernissage.example", "Vernissage.Example.", "registration:8001", "registration.gallery.svc"):
        assert (await ask(app, "/advisers", name, **bearer(Role.ADVISER))).status_code == 200, name
    assert (await ask(app, "/advisers", "127.0.0.1", **bearer(Role.ADVISER))).status_code == 421


@pytest.mark.parametrize("address", ["http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001"])
def test_on_loopback_its_names_are_one(address: str) -> None:
    assert known_names(address, "") == {"127.0.0.1", "localhost", "::1"}
