"""A link by mail: to known staff alone, once, for minutes, by a click; and nobody learns who is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.services.registration.caught_mail import CaughtMail
from tests.services.registration.office import ADDRESS, NOW, OPERATOR, Office

HTML = {"accept": "text/html"}
ALINE = "aline.morel@francetravail.example"
SESSION = "__Host-vernissage_session"


@pytest.fixture
def caught(app: FastAPI) -> Iterator[CaughtMail]:
    """What would leave."""
    app.state.staff_mail = CaughtMail()
    yield app.state.staff_mail
    app.state.clock = lambda: NOW


@pytest.fixture
async def account(office: Office) -> str:
    """The id of an account of an adviser."""
    body = {"email": ALINE, "role": "adviser", "agency_id": str(office.lens), "name": "Aline Morel"}
    return str((await office.post("/api/v1/accounts", body, OPERATOR))["id"])


async def ask(office: Office, email: str, back: str = "/") -> httpx.Response:
    page = await office.client.get("/sign-in", headers=HTML, params={"next": back})
    form = {"email": email, "next": back, "form_token": _form_token(page)}
    return await office.client.post("/sign-in/mail", data=form, headers=HTML)


def _form_token(page: httpx.Response) -> str:
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None, page.text
    return token[1]


async def link_of(office: Office, caught: CaughtMail, back: str = "/") -> str:
    await ask(office, ALINE, back)
    [(email, link, language)] = caught.links
    assert (email, language) == (ALINE, "fr")
    assert link.startswith(f"{ADDRESS}/sign-in/mail/")
    return link.removeprefix(ADDRESS)


async def click(office: Office, link: str) -> httpx.Response:
    page = await office.client.get(link, headers=HTML)
    token = _form_token(page) if page.is_success else ""
    return await office.client.post(link, data={"form_token": token}, headers=HTML)


async def test_whoever_was_invited_gets_in_and_back_to_where_they_wanted_to_be(
    office: Office, caught: CaughtMail, account: str
) -> None:
    link = await link_of(office, caught, "/?x=1")
    shown = await office.client.get(link, headers=HTML)
    assert "Aline Morel" in shown.text
    entered = await click(office, link)
    assert (entered.status_code, entered.headers["location"]) == (303, "/?x=1")
    assert (await office.client.get("/", headers=HTML)).status_code == 200


async def test_opening_a_link_changes_nothing_and_using_it_uses_it_up(
    office: Office, caught: CaughtMail, account: str
) -> None:
    link = await link_of(office, caught)
    for _ in range(3):
        assert (await office.client.get(link, headers=HTML)).status_code == 200
        assert SESSION not in office.client.cookies
    assert (await click(office, link)).status_code == 303
    office.client.cookies.clear()
    again = await office.client.get(link, headers=HTML)
    assert again.status_code == 410
    assert "Ce lien ne sert plus" in again.text


async def test_two_clicks_at_once_enter_once(office: Office, caught: CaughtMail, account: str) -> None:
    link = await link_of(office, caught)
    token = _form_token(await office.client.get(link, headers=HTML))
    first = await office.client.post(link, data={"form_token": token}, headers=HTML)
    assert first.status_code == 303
    assert len(await office.rows("SELECT id FROM signed_in")) == 1
    assert await office.rows("SELECT token_digest FROM sign_in_links") == []


async def test_a_link_ends_after_a_quarter_of_an_hour(
    office: Office, caught: CaughtMail, account: str, app: FastAPI
) -> None:
    link = await link_of(office, caught)
    app.state.clock = lambda: NOW + timedelta(minutes=15)
    assert (await office.client.get(link, headers=HTML)).status_code == 410


async def test_a_link_of_somebody_let_go_is_over(office: Office, caught: CaughtMail, account: str) -> None:
    link = await link_of(office, caught)
    await office.ask("DELETE", f"/api/v1/accounts/{account}", OPERATOR)
    assert (await office.client.get(link, headers=HTML)).status_code == 410


async def test_known_and_unknown_addresses_get_the_same_answer(
    office: Office, caught: CaughtMail, account: str
) -> None:
    known, unknown = await ask(office, ALINE), await ask(office, "nobody@francetravail.example")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert [email for email, _, _ in caught.links] == [ALINE]


async def test_the_answer_leaves_before_it_is_looked_up_who_is_known(
    office: Office, caught: CaughtMail, account: str, app: FastAPI
) -> None:
    """So the time that it takes tells nobody anything."""
    page = await office.client.get("/sign-in", headers=HTML)
    form = httpx.Request("POST", ADDRESS, data={"email": ALINE, "next": "/", "form_token": _form_token(page)})
    cookies = "; ".join(f"{name}={value}" for name, value in office.client.cookies.items())
    headers = {**HTML, "host": "registration.test", "content-type": form.headers["content-type"], "cookie": cookies}
    mails_when_answered: list[int] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            mails_when_answered.append(len(caught.links))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": form.read(), "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/sign-in/mail",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    assert (mails_when_answered, len(caught.links)) == ([0], 1)


async def test_an_address_is_written_to_three_times_in_a_quarter_of_an_hour_known_or_not(
    office: Office, caught: CaughtMail, account: str
) -> None:
    for address in (ALINE, "nobody@francetravail.example"):
        answers = [(await ask(office, address)).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
    assert len(caught.links) == 3


async def test_what_is_no_address_is_asked_for_again_with_what_was_typed(office: Office, caught: CaughtMail) -> None:
    page = await ask(office, "aline.morel")
    assert page.status_code == 422
    assert 'value="aline.morel"' in page.text
    assert "Écrivez-la en entier" in page.text
    assert caught.links == []


async def test_only_a_digest_of_a_link_is_kept(office: Office, caught: CaughtMail, account: str) -> None:
    link = await link_of(office, caught)
    kept = repr(await office.rows("SELECT t::text AS row FROM sign_in_links t"))
    assert link.rpartition("/")[2] not in kept


@pytest.mark.parametrize("token", ["x", "%00", "é" * 40])
async def test_a_link_that_nobody_sent_is_over(office: Office, token: str) -> None:
    assert (await office.client.get(f"/sign-in/mail/{token}", headers=HTML)).status_code in (404, 410, 422)


async def test_a_form_of_another_site_uses_no_link(office: Office, caught: CaughtMail, account: str) -> None:
    link = await link_of(office, caught)
    assert (await office.client.post(link, data={"form_token": "x"}, headers=HTML)).status_code == 403
    assert (await click(office, link)).status_code == 303
