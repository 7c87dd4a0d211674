"""Employers on pages: found, registered, changed; their contacts and sites."""

from __future__ import annotations

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor

FIRM = {
    "name": "Rossi",
    "commune": "Béthune",
    "siret": "123 883 456 25821",
    "contact_name": "Audrey Jacob",
    "email": "recrutement@entreprise.example",
    "phone": "03 37 20 74 61",
}


async def test_an_adviser_registers_an_employer_and_finds_it(office: Office, adviser: Visitor) -> None:
    assert "Aucun employeur n’est encore enregistré" in (await adviser.open("/employers")).text
    await adviser.open("/employers/new")
    page = await adviser.send("Enregistrer l’employeur", FIRM)
    assert "Employeur enregistré" in page.text, page.text
    for words in ("Rossi", "Béthune (62)", "Audrey Jacob", "contact principal", "Aucun besoin n’est encore connu"):
        assert words in page.text, words
    (kept,) = await office.rows("SELECT agency_id FROM employers")
    assert kept["agency_id"] == office.lens
    await adviser.open("/employers")
    assert "Rossi" in (await adviser.send("Chercher", {"q": "ross"})).text
    assert "Aucun employeur ne porte ce nom" in (await adviser.send("Chercher", {"q": "dupont"})).text


async def test_an_operator_says_which_agency_looks_after_a_new_employer(office: Office) -> None:
    visitor = visitor_as(office, somebody(office, "operator"))
    await visitor.open("/employers/new")
    await visitor.send("Enregistrer l’employeur", {**FIRM, "agency_id": str(office.lille)})
    (kept,) = await office.rows("SELECT agency_id FROM employers")
    assert kept["agency_id"] == office.lille


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(office: Office, adviser: Visitor) -> None:
    await adviser.open("/employers/new")
    page = await adviser.send("Enregistrer l’employeur", {**FIRM, "commune": "Nulle-Part", "siret": "123"})
    assert page.status_code == 422
    for name in ("commune", "siret"):
        assert f'id="error-{name}"' in page.text, name
    assert ("contact_name", "Audrey Jacob") in adviser.form("Enregistrer").fields
    assert await office.rows("SELECT id FROM employers") == []


async def test_a_form_sent_twice_registers_one(office: Office, adviser: Visitor) -> None:
    await adviser.open("/employers/new")
    form = adviser.form("Enregistrer l’employeur")
    pages = [await adviser.post(form, form.filled(FIRM, "Enregistrer")) for _ in range(2)]
    assert len({str(page.url) for page in pages}) == 1
    assert len(await office.rows("SELECT id FROM employers")) == 1


async def test_what_is_kept_stands_in_the_form_and_only_what_is_typed_changes(office: Office, adviser: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer(identifier="E1")))["id"]
    before = (await office.ask("GET", f"/api/v1/employers/{employer}")).json()
    await adviser.open(f"/employers/{employer}/edit")
    page = await adviser.send("Enregistrer", {"phone": "06 11 22 33 44"})
    assert "Employeur enregistré" in page.text, page.text
    after = (await office.ask("GET", f"/api/v1/employers/{employer}")).json()
    assert after == {**before, "phone": "+33611223344", "revision": before["revision"] + 1}


async def test_two_who_change_the_same_see_both_versions(office: Office, adviser: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    await adviser.open(f"/employers/{employer}/edit")
    colleague = visitor_as(office, office.adviser)
    await colleague.open(f"/employers/{employer}/edit")
    await colleague.send("Enregistrer", {"name": "Rossi et fils"})
    page = await adviser.send("Enregistrer", {"name": "Rossi et filles"})
    assert page.status_code == 412
    assert "Maintenant : Rossi et fils" in page.text
    assert "Employeur enregistré" in (await adviser.send("Enregistrer")).text


async def test_contacts_come_take_the_first_place_and_go(office: Office, adviser: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    await adviser.open(f"/employers/{employer}/contacts/new")
    assert 'id="error-name"' in (await adviser.send("Enregistrer", {"function": "Chef"})).text
    form = adviser.form("Enregistrer")
    typed = form.filled({"name": "Nadia Lefebvre", "email": "nadia@entreprise.example"}, "Enregistrer")
    for _ in range(2):
        page = await adviser.post(form, typed)
    assert "Contact enregistré" in page.text
    contacts = (await office.ask("GET", f"/api/v1/employer-contacts?employer={employer}")).json()["items"]
    assert [(each["name"], each["is_main"]) for each in contacts] == [("Audrey Jacob", True), ("Nadia Lefebvre", False)]
    page = await adviser.send("En faire le contact principal")
    assert page.text.index("Nadia Lefebvre") < page.text.index("Audrey Jacob")
    audrey = contacts[0]["id"]
    await adviser.open(f"/employer-contacts/{audrey}/edit")
    await adviser.send("Enregistrer", {"function": "Directrice"})
    assert "Audrey Jacob</strong>, Directrice" in adviser.page.text  # type: ignore[union-attr]
    page = await adviser.open(f"/employer-contacts/{audrey}/remove")
    assert "iront au contact principal" in page.text
    page = await adviser.send("Retirer le contact")
    assert "Contact retiré" in page.text
    assert "Audrey Jacob" not in page.text


async def test_sites_come_and_change(office: Office, adviser: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    await adviser.open(f"/employers/{employer}/sites/new")
    assert 'id="error-commune"' in (await adviser.send("Enregistrer", {"name": "Nord", "commune": "Nulle-Part"})).text
    page = await adviser.send("Enregistrer", {"commune": "Liévin", "access": "Bus 10\r\narrêt Mairie"})
    assert "Site enregistré" in page.text
    (site,) = (await office.ask("GET", f"/api/v1/sites?employer={employer}")).json()["items"]
    assert site["access"] == "Bus 10\narrêt Mairie"
    await adviser.open(f"/sites/{site['id']}/edit")
    await adviser.send("Enregistrer", {"name": "Entrepôt nord"})
    after = (await office.ask("GET", f"/api/v1/sites/{site['id']}")).json()
    assert (after["name"], after["access"], after["revision"]) == ("Entrepôt nord", site["access"], 2)


async def test_contacts_are_shown_to_the_agency_that_vouches_alone(office: Office) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    for role, is_shown in (("adviser", True), ("operator", True), ("other", False), ("manager", False)):
        page = await visitor_as(office, somebody(office, role)).open(f"/employers/{employer}")
        assert ("Audrey Jacob" in page.text) is is_shown, role
        assert ("recrutement@entreprise.example" in page.text) is is_shown, role


async def test_pages_are_read_in_english(office: Office) -> None:
    visitor = visitor_as(office, office.adviser, "en")
    await visitor.open("/employers/new")
    page = await visitor.send("Save the employer", {"commune": "Lens"})
    assert "Name of the firm: This field is required." in page.text
    assert "obligatoire" not in page.text


ROLES = ("adviser", "other", "mediator", "manager", "operator")


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/employers", (200, 200, 403, 200, 200)),
        ("/employers/new", (200, 200, 403, 403, 200)),
        ("/employers/{employer}", (200, 200, 403, 200, 200)),
        ("/employers/{employer}/edit", (200, 403, 403, 403, 200)),
        ("/employers/{employer}/contacts/new", (200, 403, 403, 403, 200)),
        ("/employer-contacts/{contact}/edit", (200, 404, 403, 403, 200)),
        ("/employer-contacts/{contact}/remove", (200, 404, 403, 403, 200)),
        ("/employers/{employer}/sites/new", (200, 403, 403, 403, 200)),
        ("/sites/{site}/edit", (200, 403, 403, 403, 200)),
    ],
)
async def test_each_role_sees_what_is_theirs(office: Office, path: str, statuses: tuple[int, ...]) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    site = (await office.post("/api/v1/sites", bodies.site(employer)))["id"]
    contact = (await office.post("/api/v1/employer-contacts", bodies.contact(employer)))["id"]
    found = []
    for role in ROLES:
        visitor = visitor_as(office, somebody(office, role))
        found.append((await visitor.open(path.format(employer=employer, site=site, contact=contact))).status_code)
    assert tuple(found) == statuses
