"""Being signed in: it ends by itself, by signing out, and at once with the account, and its tokens with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from services.registration.domain.accounts import Lifetimes
from services.registration.repository.accounts import account_by_email
from services.registration.use_cases import signing_in
from shared.database import unit_of_work
from shared.identity import InvalidToken, Person, Role
from shared.ids import new_id
from shared.moment import Moment
from shared.tokens import KnownKeys, TokenReader, TokenSigner
from tests.services.registration.office import ADDRESS, NOW, OPERATOR, SECRET, Office
from tests.support.tokens import SIGNERS

ALINE = "aline.morel@francetravail.example"
LIMITS = Lifetimes(timedelta(hours=2), timedelta(hours=10))
MINUTE = timedelta(minutes=1)


class Later:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(app: FastAPI) -> Iterator[Later]:
    """The clock of the application."""
    before, later = app.state.clock, Later()
    app.state.clock = later
    yield later
    app.state.clock = before


@pytest.fixture
async def account(office: Office) -> str:
    """The id of an adviser's account."""
    body = {"email": ALINE, "role": "adviser", "agency_id": str(office.lens)}
    return str((await office.post("/api/v1/accounts", body, OPERATOR))["id"])


async def sign_in(office: Office, now: datetime = NOW) -> str:
    async with unit_of_work(office.sessions) as session:
        found = await account_by_email(session, ALINE, lock=True)
        assert found is not None
        return await signing_in.sign_in(session, found, LIMITS, Moment(now, new_id))


@pytest.fixture
async def browser(office: Office, app: FastAPI, account: str) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of the adviser, signed in."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
        client.cookies.set("__Host-vernissage_session", await sign_in(office), domain="registration.test")
        yield client


async def status(browser: httpx.AsyncClient) -> int:
    return (await browser.get("/api/v1/participants")).status_code


async def test_somebody_signed_in_is_let_in_and_only_a_digest_of_their_token_is_kept(
    office: Office, browser: httpx.AsyncClient
) -> None:
    assert await status(browser) == 200
    kept = repr(await office.rows("SELECT t::text AS row FROM signed_in t"))
    assert browser.cookies["__Host-vernissage_session"] not in kept


async def test_it_ends_after_a_while_without_a_request_and_at_the_latest_after_hours(
    browser: httpx.AsyncClient, clock: Later
) -> None:
    for _ in range(5):
        clock.now += LIMITS.idle - MINUTE
        assert await status(browser) == 200
    clock.now = NOW + LIMITS.longest - MINUTE
    assert await status(browser) == 200
    clock.now = NOW + LIMITS.longest
    assert await status(browser) == 401


async def test_without_a_request_it_ends_sooner(browser: httpx.AsyncClient, clock: Later) -> None:
    clock.now += LIMITS.idle
    assert await status(browser) == 401


@pytest.mark.parametrize("token", ["", "x", "../", "é" * 40])
async def test_a_token_that_nobody_gave_is_nobody(office: Office, token: str) -> None:
    cookie = f"__Host-vernissage_session={token}".encode()
    assert (await office.client.get("/api/v1/participants", headers={b"cookie": cookie})).status_code == 401


async def test_whoever_is_let_go_or_moved_is_signed_out_everywhere_at_once(
    office: Office, browser: httpx.AsyncClient, account: str
) -> None:
    duty = {"role": "mediator", "agency_id": str(office.lille)}
    moved = await office.ask(
        "PUT", f"/api/v1/accounts/{account}/duty", OPERATOR, json=duty, headers={"if-match": '"1"'}
    )
    assert moved.status_code == 200
    assert await status(browser) == 401
    browser.cookies.set("__Host-vernissage_session", await sign_in(office), domain="registration.test")
    assert (await browser.get("/api/v1/workshops")).status_code == 200
    await office.ask("DELETE", f"/api/v1/accounts/{account}", OPERATOR)
    assert (await browser.get("/api/v1/workshops")).status_code == 401


async def test_a_token_for_another_service_stands_for_whoever_is_signed_in_and_for_that_service_alone(
    office: Office, browser: httpx.AsyncClient, account: str
) -> None:
    given = await browser.post("/api/v1/tokens", json={"service": "matching"})
    assert given.status_code == 200
    token = given.json()["token"]
    keys = KnownKeys(TokenSigner("registration", [SECRET]))
    claims = await TokenReader("matching", keys).read(token, now=NOW)
    published = (await browser.get("/.well-known/jwks.json")).json()
    assert published == TokenSigner("registration", [SECRET]).published()
    assert claims.person == Person(UUID(account), Role.ADVISER, office.lens)
    with pytest.raises(InvalidToken):
        await TokenReader("notification", keys).read(token, now=NOW)


async def test_only_a_browser_that_is_signed_in_gets_tokens(office: Office, browser: httpx.AsyncClient) -> None:
    bare = await office.client.post("/api/v1/tokens", json={"service": "matching"})
    by_token = await office.ask("POST", "/api/v1/tokens", json={"service": "matching"})
    own = await browser.post("/api/v1/tokens", json={"service": "registration"})
    from_elsewhere = await browser.post(
        "/api/v1/tokens", json={"service": "matching"}, headers={"origin": "https://evil.example"}
    )
    answers = (bare, by_token, own, from_elsewhere)
    assert [each.status_code for each in answers] == [401, 401, 422, 403]


async def test_a_token_of_somebody_signed_in_ends_with_their_session_here_at_once(
    office: Office, browser: httpx.AsyncClient, account: str
) -> None:
    [session] = await office.rows("SELECT id FROM signed_in")
    adviser = Person(UUID(account), Role.ADVISER, office.lens)
    token = SIGNERS["registration"].sign(adviser, "registration", now=NOW, session_id=session["id"])
    headers = {"authorization": f"Bearer {token}"}
    assert (await office.client.get("/api/v1/participants", headers=headers)).status_code == 200
    await office.ask("DELETE", f"/api/v1/accounts/{account}", OPERATOR)
    assert (await office.client.get("/api/v1/participants", headers=headers)).status_code == 401
