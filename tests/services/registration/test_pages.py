"""The pages: sign in for a demonstration, and what each role sees first."""

import re

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from services.registration.settings import Settings
from services.registration.web import create_app
from shared.database import Sessions
from shared.web.cookies import SESSION
from tests.services.registration import bodies
from tests.services.registration.office import ADDRESS, OPERATOR, SECRET, Office, token_of

HTML = {"accept": "text/html"}


async def _sign_in(office: Office, choice: str, back: str = "/") -> httpx.Response:
    page = await office.client.get("/sign-in", headers=HTML, params={"next": back})
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None, page.text
    next_ = re.search(r'name="next" value="([^"]*)"', page.text)
    assert next_ is not None
    form = {"person": choice, "next": next_[1], "form_token": token[1]}
    return await office.client.post("/sign-in", data=form, headers=HTML)


async def test_nobody_is_sent_to_sign_in_and_comes_back(office: Office) -> None:
    asked = await office.client.get("/?x=1", headers=HTML)
    assert asked.status_code == 303
    assert asked.headers["location"] == "/sign-in?next=%2F%3Fx%3D1"
    signed_in = await _sign_in(office, "manager", "/?x=1")
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/?x=1")
    cookie = signed_in.headers["set-cookie"].lower()
    assert cookie.startswith("__host-vernissage_session=")
    assert all(word in cookie for word in ("; httponly", "; samesite=lax", "; secure", "; path=/"))
    assert "domain" not in cookie
    home = await office.client.get("/", headers=HTML)
    assert home.status_code == 200
    assert "Aucune rencontre à venir" in home.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
async def test_nobody_is_sent_to_another_site(office: Office, elsewhere: str) -> None:
    assert (await _sign_in(office, "operator", elsewhere)).headers["location"] == "/"


async def test_an_adviser_and_a_mediator_of_the_records_can_be_chosen_and_see_what_is_theirs(office: Office) -> None:
    await office.post("/api/v1/workshops", bodies.workshop())
    await office.post("/api/v1/meetups", bodies.meetup())
    await office.post("/api/v1/meetups", bodies.meetup(title="Rencontre à Lille"), office.other_adviser)
    staff = {row["role"]: str(row["id"]) for row in await office.rows("SELECT id, role FROM staff")}
    await _sign_in(office, staff["adviser"])
    home = await office.client.get("/", headers=HTML)
    assert "Rencontre à la galerie, Lens" in home.text
    assert "mardi 1er décembre 2026" in home.text.replace("\u00a0", " ")
    assert "Rencontre à Lille" not in home.text
    office.client.cookies.clear()
    await _sign_in(office, staff["mediator"])
    home = await office.client.get("/", headers={**HTML, "accept-language": "en"})
    assert "Your workshops" in home.text
    assert "Louvre-Lens" in home.text


async def test_whoever_was_invited_is_one_click_away_as_what_the_invitation_says(office: Office) -> None:
    for role in ("adviser", "mediator"):
        invited = {"email": f"{role}.invited@agence.example", "role": role, "agency_id": str(office.lens)}
        await office.post("/api/v1/accounts", invited, OPERATOR)
    page = await office.client.get("/sign-in", headers=HTML)
    for words in ("Conseil – adviser.invited", "Médiation – mediator.invited"):
        assert words in page.text, words


async def test_signing_out_ends_the_session(office: Office) -> None:
    await _sign_in(office, "operator")
    page = await office.client.get("/sign-in", headers=HTML)
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None
    cookie = office.client.cookies["__Host-vernissage_session"]
    await office.client.post("/sign-out", data={"form_token": token[1]}, headers=HTML)
    assert "__Host-vernissage_session" not in office.client.cookies
    office.client.cookies.set("__Host-vernissage_session", cookie, domain="registration.test")
    assert (await office.client.get("/", headers=HTML)).status_code == 303


async def test_a_form_of_another_site_signs_nobody_in(office: Office) -> None:
    forged = await office.client.post("/sign-in", data={"person": "operator", "form_token": "x"}, headers=HTML)
    assert forged.status_code == 403
    assert SESSION not in forged.headers.get("set-cookie", "")


@pytest.mark.parametrize("choice", ["", "service", "nobody", "00000000-0000-0000-0000-000000000001"])
async def test_somebody_who_is_not_on_the_list_cannot_be_chosen(office: Office, choice: str) -> None:
    assert (await _sign_in(office, choice)).status_code == 404


async def test_without_the_demonstration_nobody_enters_with_one_click(settings: Settings, sessions: Sessions) -> None:
    app: FastAPI = create_app(settings.model_copy(update={"demo_sign_in": False}))
    app.state.sessions = sessions
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
        page = await client.get("/sign-in", headers=HTML)
        assert "démonstration" not in page.text
        assert (await client.post("/sign-in", data={"person": "operator"}, headers=HTML)).status_code == 405


def test_the_demonstration_refuses_to_listen_beyond_this_machine(database_url: str) -> None:
    with pytest.raises(ValidationError, match="loopback"):
        Settings.model_validate(
            {"database_url": database_url, "seal_secret": SECRET, "demo_sign_in": True, "host": "0.0.0.0"}  # noqa: S104
        )


async def test_pages_are_small_and_not_kept(office: Office) -> None:
    for number in range(40):
        await office.post("/api/v1/meetups", bodies.meetup(title=f"Rencontre {number}"))
    page = await office.client.get("/", headers={**HTML, "authorization": f"Bearer {token_of(office.adviser)}"})
    assert page.headers["cache-control"] == "no-store"
    assert len(page.content) < 50_000
