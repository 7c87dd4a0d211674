"""At a provider: only whom it vouches for, to the browser that began, and only if they were invited."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from services.registration.adapters import provider as adapter
from services.registration.settings import Settings
from services.registration.web import create_app
from tests.services.registration.caught_mail import CaughtMail
from tests.services.registration.office import ADDRESS, NOW, OPERATOR, Office
from tests.services.registration.provider import CLIENT, SECRET, StandIn, signing_key
from tests.support.browsing import SCREENS, chromium, looking_at, small_targets
from tests.support.serving import serving
from tests.support.tokens import KEYS

HTML = {"accept": "text/html"}
ALINE = "aline.morel@francetravail.example"
KNOWN = {"email": ALINE, "email_verified": True, "given_name": "Aline", "usual_name": "Morel"}
SESSION = "__Host-vernissage_session"


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    """A provider that knows Aline."""
    provider = StandIn(NOW, told=dict(KNOWN))
    async with serving(provider.app()) as address:
        provider.address = address
        yield provider


@pytest.fixture
async def browser(office: Office, settings: Settings, stand_in: StandIn) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before the application with this provider."""
    told = {"provider_issuer": stand_in.address, "provider_client_id": CLIENT}
    own = settings.model_copy(update={**told, "provider_client_secret": SecretStr(SECRET)})
    app = create_app(own, keys=KEYS, staff_mail=CaughtMail(), clock=lambda: NOW)
    app.state.sessions = office.sessions
    async with (
        app.state.provider,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS, headers=HTML) as client,
    ):
        yield client


@pytest.fixture
async def account(office: Office) -> str:
    """The id of Aline's account."""
    body = {"email": ALINE, "role": "adviser", "agency_id": str(office.lens)}
    return str((await office.post("/api/v1/accounts", body, OPERATOR))["id"])


def form_token(page: httpx.Response) -> str:
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None, page.text
    return token[1]


async def begin(browser: httpx.AsyncClient, back: str = "/") -> str:
    """Where the browser is sent."""
    page = await browser.get("/sign-in")
    assert "Me connecter avec ProConnect" in page.text
    sent = await browser.post("/sign-in/provider", data={"form_token": form_token(page), "next": back})
    assert sent.status_code == 303
    return sent.headers["location"]


async def sign_in(browser: httpx.AsyncClient, stand_in: StandIn, back: str = "/") -> httpx.Response:
    query = stand_in.signs_in(await begin(browser, back))
    return await browser.get("/sign-in/provider/back", params=query)


async def test_whoever_was_invited_comes_in_under_the_name_that_their_provider_gives(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str, office: Office
) -> None:
    entered = await sign_in(browser, stand_in, "/account")
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    assert "Aline Morel" in (await browser.get("/account")).text
    [kept] = await office.rows("SELECT issuer, subject FROM accounts")
    assert kept == {"issuer": stand_in.address, "subject": "their-subject"}


async def test_a_form_may_lead_to_the_provider_and_nowhere_else(browser: httpx.AsyncClient, stand_in: StandIn) -> None:
    policy = (await browser.get("/sign-in")).headers["content-security-policy"]
    assert f"form-action 'self' {stand_in.address};" in policy


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        (None, "openid email profile"),
        (["openid", "profile", "email", "address"], "openid email profile"),
        (["openid", "given_name", "usual_name", "email", "siret"], "openid email given_name usual_name"),
    ],
    ids=["not said", "the standard's", "ProConnect's"],
)
async def test_a_provider_is_asked_for_nothing_that_it_does_not_know(
    browser: httpx.AsyncClient, stand_in: StandIn, known: list[str] | None, asked: str
) -> None:
    stand_in.scopes = known
    assert parse_qs(urlsplit(await begin(browser)).query)["scope"] == [asked]


@pytest.mark.parametrize(
    "names",
    [
        {"given_name": "Aline", "usual_name": "Morel", "family_name": "Durand"},
        {"given_name": "Aline", "family_name": "Morel", "name": "A. Morel"},
        {"name": "Aline Morel"},
    ],
    ids=["ProConnect's words", "the standard's words", "in one"],
)
async def test_names_are_understood_in_the_words_of_each_provider(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str, names: dict[str, str]
) -> None:
    stand_in.told = {"email": ALINE, "email_verified": True, **names}
    await sign_in(browser, stand_in)
    assert "Aline Morel" in (await browser.get("/account")).text


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another", "a third"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": int((NOW - timedelta(minutes=1)).timestamp())},
        {"exp": None},
        {"iat": int((NOW + timedelta(minutes=5)).timestamp())},
        {"sub": None},
        {"at_hash": "wrong"},
    ],
    ids="-".join,
)
async def test_an_id_token_that_does_not_hold_lets_nobody_in(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str, claims: dict[str, Any]
) -> None:
    stand_in.claims = claims
    refused = await sign_in(browser, stand_in)
    assert refused.status_code == 400
    assert "Cette connexion n’a pas abouti" in refused.text
    assert SESSION not in browser.cookies


async def test_a_key_that_the_provider_does_not_publish_signs_nobody_in(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str
) -> None:
    stand_in.signing = signing_key(2)
    assert (await sign_in(browser, stand_in)).status_code == 400


async def test_a_new_key_of_the_provider_is_asked_for(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "KEYS_ASKED_EVERY_SECONDS", 0.0)
    for _ in range(2):
        assert (await sign_in(browser, stand_in)).status_code == 303
    assert stand_in.asked == ["keys"]
    stand_in.key = signing_key(2)
    assert (await sign_in(browser, stand_in)).status_code == 303
    assert stand_in.asked == ["keys", "keys"]


@pytest.mark.parametrize(
    "told",
    [{"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}, {"email": None}],
    ids=["not verified", "not said", "said in words", "no address"],
)
async def test_an_address_that_is_not_verified_finds_no_account(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str, told: dict[str, Any]
) -> None:
    stand_in.told = {name: value for name, value in {**KNOWN, **told}.items() if value is not None}
    refused = await sign_in(browser, stand_in)
    assert refused.status_code == 403
    assert "Elle n’a pas confirmé votre adresse électronique" in refused.text


async def test_whoever_was_not_invited_is_told_whom_to_ask(
    browser: httpx.AsyncClient, stand_in: StandIn, office: Office
) -> None:
    refused = await sign_in(browser, stand_in)
    assert refused.status_code == 403
    assert "personne ne vous a encore invité" in refused.text
    assert SESSION not in browser.cookies
    assert await office.rows("SELECT id FROM signed_in") == []


async def test_from_the_second_time_on_the_providers_own_name_decides_not_the_address(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str
) -> None:
    await sign_in(browser, stand_in)
    stand_in.told["email"] = "aline.durand@francetravail.example"
    assert (await sign_in(browser, stand_in)).status_code == 303
    stand_in.claims, stand_in.told = {"sub": "somebody-else"}, {**KNOWN, "sub": "somebody-else"}
    assert (await sign_in(browser, stand_in)).status_code == 403, "an address given to somebody else opens nothing"


async def test_whoever_was_let_go_is_not_let_in(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str, office: Office
) -> None:
    await sign_in(browser, stand_in)
    await office.ask("DELETE", f"/api/v1/accounts/{account}", OPERATOR)
    assert (await browser.get("/account")).status_code == 303
    assert (await sign_in(browser, stand_in)).status_code == 403


async def test_what_comes_back_twice_or_elsewhere_or_was_never_begun_lets_nobody_in(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str
) -> None:
    query = stand_in.signs_in(await begin(browser))
    visitor = dict(browser.cookies)
    assert (await browser.get("/sign-in/provider/back", params=query)).status_code == 303
    browser.cookies.clear()
    for name, value in visitor.items():
        browser.cookies.set(name, value, domain="registration.test")
    again = {**query, **stand_in.signs_in(await begin(browser)), "state": query["state"]}
    assert (await browser.get("/sign-in/provider/back", params=again)).status_code == 400
    elsewhere = stand_in.signs_in(await begin(browser))
    browser.cookies.clear()
    assert (await browser.get("/sign-in/provider/back", params=elsewhere)).status_code == 400
    for never in ({}, {"state": "x", "code": "y"}, {"error": "access_denied", "state": "x"}):
        assert (await browser.get("/sign-in/provider/back", params=never)).status_code == 400


async def test_userinfo_of_somebody_else_lets_nobody_in(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str
) -> None:
    stand_in.told["sub"] = "somebody-else"
    assert (await sign_in(browser, stand_in)).status_code == 400


async def test_userinfo_may_be_signed_as_proconnect_does(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str
) -> None:
    stand_in.signs_userinfo = True
    assert (await sign_in(browser, stand_in)).status_code == 303


async def test_signing_out_ends_it_here_and_then_there(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str
) -> None:
    await sign_in(browser, stand_in)
    page = await browser.get("/account")
    out = await browser.post("/sign-out", data={"form_token": form_token(page)})
    there = urlsplit(out.headers["location"])
    asked = parse_qs(there.query)
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{stand_in.address}/end"
    assert asked["post_logout_redirect_uri"] == [f"{ADDRESS}/sign-in"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert (await browser.get("/account")).headers["location"] == "/sign-in?next=%2Faccount"


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({}, True),
        ({"sid": "their-session"}, True),
        ({"sub": None, "sid": "their-session"}, True),
        ({"sid": "another session"}, False),
        ({"sub": "somebody-else"}, False),
    ],
    ids=["all of theirs", "this one", "this one alone", "another one", "somebody else's"],
)
async def test_the_provider_tells_who_signed_out_there(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str, changes: dict[str, Any], ends: bool
) -> None:
    await sign_in(browser, stand_in)
    told = await browser.post("/sign-in/provider/signed-out", data={"logout_token": stand_in.logout_token(**changes)})
    assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
    assert (await browser.get("/account")).status_code == (303 if ends else 200)


@pytest.mark.parametrize(
    "changes",
    [{"events": {}}, {"nonce": "x"}, {"aud": "another"}, {"sub": None}, {"exp": 1}, {"iss": "https://evil.example"}],
    ids="-".join,
)
async def test_a_token_of_logout_that_does_not_hold_ends_nothing(
    browser: httpx.AsyncClient, stand_in: StandIn, account: str, changes: dict[str, Any]
) -> None:
    await sign_in(browser, stand_in)
    token = stand_in.logout_token(**changes)
    assert (await browser.post("/sign-in/provider/signed-out", data={"logout_token": token})).status_code == 400
    assert (await browser.get("/account")).status_code == 200


async def test_a_provider_that_is_away_is_said_to_be(office: Office, settings: Settings, account: str) -> None:
    own = settings.model_copy(update={"provider_issuer": "http://127.0.0.1:1", "provider_client_id": CLIENT})
    app = create_app(own, keys=KEYS, staff_mail=CaughtMail(), clock=lambda: NOW)
    app.state.sessions = office.sessions
    async with (
        app.state.provider,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS, headers=HTML) as browser,
    ):
        page = await browser.get("/sign-in")
        away = await browser.post("/sign-in/provider", data={"form_token": form_token(page)})
    assert away.status_code == 503
    assert "ne répond pas" in away.text


@pytest.mark.browser
async def test_a_real_browser_follows_to_the_provider(
    office: Office, settings: Settings, stand_in: StandIn, note_used: Callable[[str, str], None]
) -> None:
    told = {"public_url": "http://127.0.0.1", "provider_issuer": stand_in.address, "provider_client_id": CLIENT}
    app = create_app(settings.model_copy(update=told), keys=KEYS, staff_mail=CaughtMail(), clock=lambda: NOW)
    app.state.sessions = office.sessions
    async with (
        app.state.provider,
        serving(app) as address,
        chromium(note_used) as browser,
        looking_at(browser, SCREENS[0]) as page,
    ):
        await page.goto(f"{address}/sign-in")
        assert await small_targets(page) == []
        await page.screenshot(path="var/screenshots/sign-in-provider-phone.png", full_page=True)
        await page.click("text=Me connecter avec ProConnect")
        assert page.url.startswith(f"{stand_in.address}/authorize?")
