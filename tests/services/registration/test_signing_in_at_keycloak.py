"""At a real provider, from end to end: what a real Keycloak says and does lets the right people in, and out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.processes import Supervisor
from services.registration.adapters import provider as adapter
from services.registration.settings import Settings
from services.registration.web import create_app
from tests.services.registration.caught_mail import CaughtMail
from tests.services.registration.office import OPERATOR, Office
from tests.support.browsing import SCREENS, chromium, looking_at
from tests.support.keycloak import Keycloak, keycloak_archive, start_keycloak
from tests.support.run_rules import skip_or_fail
from tests.support.serving import serving
from tests.support.tokens import KEYS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]

CLIENT, SECRET, PASSWORD = "vernissage", "a secret of the client", "a password of Aline"


@pytest.fixture
def keycloak(own_supervisor: Supervisor, tmp_path: Path, note_used: Callable[[str, str], None]) -> Keycloak:
    """A Keycloak for this test."""
    try:
        archive = keycloak_archive()
    except EmbeddedError as error:
        skip_or_fail(error, "Keycloak")
    note_used("provider", archive.stem)
    (tmp_path / "keycloak").mkdir()
    return start_keycloak(own_supervisor, archive, tmp_path / "keycloak")


def realm_for(ours: str) -> dict[str, Any]:
    """A museum's realm: the product at its address, and three people of whom one has confirmed no address."""
    client = {
        "clientId": CLIENT,
        "secret": SECRET,
        "redirectUris": [f"{ours}/sign-in/provider/back"],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": f"{ours}/sign-in",
            "backchannel.logout.url": f"{ours}/sign-in/provider/signed-out",
            "backchannel.logout.session.required": "true",
        },
    }
    people = [("Aline", "Morel", True), ("Bruno", "Petit", True), ("Chloé", "Roy", False)]
    return {
        "realm": "museum",
        "enabled": True,
        "clients": [client],
        "users": [
            {
                "username": given.lower(),
                "email": address_of(given),
                "emailVerified": is_verified,
                "firstName": given,
                "lastName": family,
                "enabled": True,
                "credentials": [{"type": "password", "value": PASSWORD}],
            }
            for given, family, is_verified in people
        ],
    }


def address_of(given: str) -> str:
    return f"{given.lower().replace('é', 'e')}@museum.example"


@pytest.fixture
async def ours(
    office: Office, settings: Settings, keycloak: Keycloak, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The address of the application, which sends people to the museum's Keycloak. Aline and Chloé are invited."""
    monkeypatch.setattr(adapter, "KEYS_ASKED_EVERY_SECONDS", 0.0)
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    told = {
        "public_url": address,
        "provider_issuer": keycloak.add_realm(realm_for(address)),
        "provider_client_id": CLIENT,
        "provider_client_secret": SecretStr(SECRET),
        "provider_name": "le musée",
    }
    for given in ("Aline", "Chloé"):
        body = {"email": address_of(given), "role": "adviser", "agency_id": str(office.lens)}
        await office.post("/api/v1/accounts", body, OPERATOR)
    app = create_app(settings.model_copy(update=told), keys=KEYS, staff_mail=CaughtMail())
    app.state.sessions = office.app.state.sessions
    async with app.state.provider, serving(app, port):
        yield address


@pytest.fixture
async def browser(note_used: Callable[[str, str], None]) -> AsyncIterator[Browser]:
    async with chromium(note_used) as browser:
        yield browser


async def sign_in(page: Page, ours: str, given: str) -> None:
    """Go the whole way: our page, the provider's page with its password, and back."""
    await page.goto(f"{ours}/sign-in?next=/account")
    await page.click("text=Me connecter avec le musée")
    await page.fill("#username", given.lower())
    await page.fill("#password", PASSWORD)
    await page.click("#kc-login")


async def test_people_come_in_and_go_out_with_a_real_keycloak(ours: str, keycloak: Keycloak, browser: Browser) -> None:
    async with looking_at(browser, SCREENS[0]) as page:
        await sign_in(page, ours, "Aline")
        await expect(page.locator("body")).to_contain_text("Aline Morel")
        await page.click("text=Me déconnecter")
        await page.wait_for_url(f"{ours}/sign-in")
        await sign_in(page, ours, "Aline")
        assert page.url == f"{ours}/account", "signed out there as well, she was asked for her password again"

        sign_with_a_new_key(keycloak)
        async with looking_at(browser, SCREENS[1]) as elsewhere:
            await sign_in(elsewhere, ours, "Aline")
            assert elsewhere.url == f"{ours}/account"

            # In a thread: Keycloak answers once this loop, which serves the application, has heard of it.
            await asyncio.to_thread(end_all_sessions, keycloak, "aline")
            for each in (page, elsewhere):
                await each.reload()
                assert each.url == f"{ours}/sign-in?next=%2Faccount", "who is signed out there is signed out here"

    for given, why in (("Bruno", "personne ne vous a encore invité"), ("Chloé", "Elle n’a pas confirmé votre adresse")):
        async with looking_at(browser, SCREENS[0]) as page:
            await sign_in(page, ours, given)
            await expect(page.locator("body")).to_contain_text(why)


def sign_with_a_new_key(keycloak: Keycloak) -> None:
    """Have the realm sign with a key that it did not publish before."""
    key = {
        "name": "newer",
        "providerId": "rsa-generated",
        "providerType": "org.keycloak.keys.KeyProvider",
        "config": {"priority": ["1000"], "algorithm": ["RS256"]},
    }
    keycloak.administer("POST", "/museum/components", key)


def end_all_sessions(keycloak: Keycloak, username: str) -> None:
    """Sign somebody out at the provider, as its administrators do when somebody leaves."""
    [user] = keycloak.administer("GET", f"/museum/users?username={username}&exact=true")
    keycloak.administer("POST", f"/museum/users/{user['id']}/logout")
