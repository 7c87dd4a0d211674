"""Agencies and staff on pages: what everything else begins with."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from shared.database import unit_of_work
from shared.sql import run
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor

EMAIL = "madeleine.henry@agence.example"


@pytest.fixture
def operator(office: Office) -> Visitor:
    """An operator."""
    return visitor_as(office, somebody(office, "operator"))


async def test_an_operator_adds_an_agency_and_is_led_to_its_staff(office: Office, operator: Visitor) -> None:
    await operator.open("/agencies/new")
    form = operator.form("Enregistrer l’agence")
    typed = form.filled({"name": "Agence d’Arras", "phone": "03 21 00 00 00"}, "Enregistrer")
    for _ in range(2):
        page = await operator.post(form, typed)
    assert "Agence enregistrée" in page.text, page.text
    assert 'href="/staff/new"' in page.text
    (kept,) = [each for each in await _agencies(office) if each["name"] == "Agence d’Arras"]
    assert (kept["department"], kept["phone"]) == ("62", "+33321000000")


async def test_an_operator_before_an_empty_programme_is_led_to_an_agency_and_on_to_its_staff(
    office: Office, operator: Visitor
) -> None:
    async with unit_of_work(office.sessions) as session:
        await run(session, text("DELETE FROM agencies"))
    assert 'href="/agencies/new"' in (await operator.open("/")).text
    assert 'href="/agencies"' in (await operator.open("/staff")).text
    await operator.open("/agencies/new")
    await operator.send("Enregistrer l’agence", {"name": "Agence de Lens"})
    assert "Invitez une première personne" in (await operator.open("/staff")).text


@pytest.mark.parametrize(
    ("typed", "status", "field"),
    [
        ({"name": ""}, 422, "name"),
        ({"name": "agence de LENS"}, 422, "name"),
        ({"name": "Agence de Saint-Denis"}, 422, "name"),
        ({"name": "Agence d’Arras", "phone": "12"}, 422, "phone"),
    ],
)
async def test_a_wrong_agency_is_told_at_its_field(
    office: Office, operator: Visitor, typed: dict[str, str], status: int, field: str
) -> None:
    before = await _agencies(office)
    await operator.open("/agencies/new")
    page = await operator.send("Enregistrer l’agence", typed)
    assert page.status_code == status, page.text
    assert f'id="error-{field}"' in page.text
    assert await _agencies(office) == before


async def test_an_agency_says_how_it_is_reached_and_nobody_is_overwritten(office: Office, adviser: Visitor) -> None:
    await adviser.open(f"/agencies/{office.lens}/edit")
    colleague = visitor_as(office, office.adviser)
    await colleague.open(f"/agencies/{office.lens}/edit")
    assert "Coordonnées enregistrées" in (await colleague.send("Enregistrer", {"phone": "03 21 00 00 00"})).text
    page = await adviser.send("Enregistrer", {"email": "lens@agence.example"})
    assert page.status_code == 412
    await adviser.send("Enregistrer", {"phone": "03 21 00 00 00"})
    kept = {each["id"]: each for each in await _agencies(office)}[str(office.lens)]
    assert (kept["phone"], kept["email"]) == ("+33321000000", "lens@agence.example")


async def test_an_operator_invites_an_adviser_moves_them_and_lets_them_go(office: Office, operator: Visitor) -> None:
    await operator.open("/staff/new")
    page = await operator.send("Inviter", {"email": EMAIL, "role": "adviser"})
    assert page.status_code == 422
    assert 'id="error-agency_id"' in page.text
    form = operator.form("Inviter")
    typed = form.filled({"agency_id": str(office.lens), "name": "Madeleine Henry"}, "Inviter")
    for _ in range(2):
        page = await operator.post(form, typed)
    assert "Invitation envoyée" in page.text
    assert "Madeleine Henry" in page.text
    assert len(await office.rows("SELECT id FROM owed_mails")) == 1
    assert "à nouveau" in (await operator.send("Envoyer l’invitation à nouveau")).text
    assert len(await office.rows("SELECT id FROM owed_mails")) == 2
    (account,) = await office.rows("SELECT staff_id FROM accounts")
    await operator.open(f"/staff/{account['staff_id']}/edit")
    assert "Rôle enregistré" in (await operator.send("Enregistrer", {"role": "manager", "agency_id": ""})).text
    assert (await office.rows("SELECT role FROM accounts"))[0]["role"] == "manager"
    await operator.open(f"/staff/{account['staff_id']}/remove")
    assert "Accès retiré" in (await operator.send("Retirer l’accès")).text
    assert "Madeleine Henry" not in (await operator.open("/staff")).text


async def test_an_adviser_invites_mediators_to_their_own_agency_alone(office: Office, adviser: Visitor) -> None:
    await adviser.open("/staff/new")
    form = adviser.form("Inviter")
    assert form.choices["role"] == {"mediator"}
    sent = [(name, value) for name, value in form.filled({"email": EMAIL}, "Inviter") if name != "role"]
    assert (await adviser.post(form, [*sent, ("role", "operator")])).status_code in (403, 422)
    assert await office.rows("SELECT staff_id FROM accounts") == []
    assert "Invitation envoyée" in (await adviser.post(form, [*sent, ("role", "mediator")])).text
    (kept,) = await office.rows("SELECT role, agency_id FROM accounts")
    assert (kept["role"], kept["agency_id"]) == ("mediator", office.lens)
    assert "Invitation envoyée à nouveau" in (await adviser.send("Envoyer l’invitation à nouveau")).text


async def test_an_address_that_is_none_is_told_at_its_field(adviser: Visitor) -> None:
    await adviser.open("/staff/new")
    page = await adviser.send("Inviter", {"email": "madeleine"})
    assert page.status_code == 422
    assert 'id="error-email"' in page.text


async def test_pages_are_read_in_english(office: Office) -> None:
    visitor = visitor_as(office, somebody(office, "operator"), "en")
    await visitor.open("/staff/new")
    page = await visitor.send("Invite", {"role": "manager"})
    assert "E-mail: This field is required." in page.text


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/agencies", (200, 200, 200, 200, 200)),
        ("/agencies/new", (403, 403, 403, 403, 200)),
        ("/agencies/{agency}/edit", (200, 403, 403, 403, 200)),
        ("/staff", (200, 200, 403, 200, 200)),
        ("/staff/new", (200, 200, 403, 200, 200)),
        ("/staff/{account}/edit", (200, 404, 403, 200, 200)),
        ("/staff/{account}/remove", (200, 404, 403, 200, 200)),
    ],
)
async def test_each_role_sees_what_is_theirs(office: Office, path: str, statuses: tuple[int, ...]) -> None:
    invited = {"email": EMAIL, "role": "mediator", "agency_id": str(office.lens)}
    account = (await office.post("/api/v1/accounts", invited))["id"]
    found = []
    for role in ("adviser", "other", "mediator", "manager", "operator"):
        visitor = visitor_as(office, somebody(office, role))
        found.append((await visitor.open(path.format(agency=office.lens, account=account))).status_code)
    assert tuple(found) == statuses


async def _agencies(office: Office) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await office.ask("GET", "/api/v1/agencies")).json()["items"]
    return items
