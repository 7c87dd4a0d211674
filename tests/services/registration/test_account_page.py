"""Who is signed in is said on every page, with a way out; one's own account ends all browsers at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Page

from services.registration.settings import Settings
from services.registration.web import create_app
from shared.database import Sessions
from tests.services.registration.caught_mail import CaughtMail
from tests.services.registration.office import ADDRESS, NOW, Office
from tests.support.browsing import SCREENS, check_page, chromium, looking_at, small_targets
from tests.support.serving import serving
from tests.support.tokens import KEYS

HTML = {"accept": "text/html"}


@pytest.fixture
async def other_browser(app: FastAPI, office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """A second browser of the same person."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
        yield client


async def sign_in(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/sign-in", headers=HTML)
    await browser.post("/sign-in", data={"person": "manager", "form_token": form_token(page)}, headers=HTML)


def form_token(page: httpx.Response) -> str:
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None, page.text
    return token[1]


@pytest.mark.parametrize("path", ["/", "/account", "/sign-in"])
async def test_every_page_says_who_is_signed_in_and_lets_them_out(office: Office, path: str) -> None:
    await sign_in(office.client)
    page = await office.client.get(path, headers=HTML)
    assert "Démonstration" in page.text
    assert 'action="/sign-out"' in page.text


async def test_nobody_else_is_offered_a_way_out(office: Office) -> None:
    assert 'action="/sign-out"' not in (await office.client.get("/sign-in", headers=HTML)).text


async def test_signing_out_everywhere_ends_all_browsers(office: Office, other_browser: httpx.AsyncClient) -> None:
    for browser in (office.client, other_browser):
        await sign_in(browser)
    account = await office.client.get("/account", headers=HTML)
    assert account.text.count("dernière page vue") == 2
    out = await office.client.post("/sign-out-everywhere", data={"form_token": form_token(account)}, headers=HTML)
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    for browser in (office.client, other_browser):
        assert (await browser.get("/account", headers=HTML)).headers["location"] == "/sign-in?next=%2Faccount"


@pytest.fixture
async def served(settings: Settings, sessions: Sessions) -> AsyncIterator[str]:
    """Where the application is served for a real browser."""
    told = settings.model_copy(update={"public_url": "http://127.0.0.1"})
    app = create_app(told, keys=KEYS, staff_mail=CaughtMail(), clock=lambda: NOW)
    app.state.sessions = sessions
    async with serving(app) as address:
        yield address


@pytest.mark.browser
async def test_the_pages_are_accessible_and_easy_to_press_on_every_screen(
    office: Office, served: str, note_used: Callable[[str, str], None]
) -> None:
    async with chromium(note_used) as browser:
        await check_page(browser, f"{served}/sign-in", "sign-in")
        async with looking_at(browser, SCREENS[0], scripts=False) as page:
            await page.goto(f"{served}/account")
            assert await small_targets(page) == []
            await _ask_for_a_link(page)
            await page.goto(f"{served}/account")
            await page.click("text=Pilotage du programme")
            assert await page.inner_text("h1") == "Mon compte"
            assert await small_targets(page) == []
            overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0
            await page.screenshot(path="var/screenshots/account-phone.png", full_page=True)
            await page.click("text=Me déconnecter partout")
            assert await page.inner_text("h1") == "Se connecter"


async def _ask_for_a_link(page: Page) -> None:
    await page.fill("#field-email", "nobody@francetravail.example")
    await page.click("text=Recevoir un lien")
    assert await page.inner_text("h1") == "Regardez vos messages"
    await page.screenshot(path="var/screenshots/link-sent-phone.png", full_page=True)
