"""Participants on pages: found, registered, changed, and what they agree to."""

from __future__ import annotations

import httpx
import pytest

from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor

SOMEBODY = {
    "first_name": "Maurice",
    "last_name": "Brunel",
    "commune": "Lens",
    "phone": "06 00 00 00 01",
    "consents.pairing": "yes",
    "consents.contact": "yes",
    "consents.way": "oral",
    "wishes": "D1507\nboulanger",
    "hours": ["day", "evening"],
    "travel_limit_km": "12,5",
    "available_from": "01/12/2026",
    "protected.access_needs": ["step-free"],
}


async def test_an_adviser_registers_somebody_and_finds_them(office: Office, adviser: Visitor) -> None:
    assert "Personne n’est encore inscrit" in (await adviser.open("/participants")).text
    await adviser.open("/participants/new")
    page = await adviser.send("Inscrire", SOMEBODY)
    assert page.status_code == 200, page.text
    for words in ("Personne inscrite", "Maurice Brunel", "06\u00a000\u00a000\u00a000\u00a001", "Lens (62)"):
        assert words in page.text, words
    assert page.text.count("Noter un non") == 2
    (kept,) = await office.rows("SELECT travel_limit_km, hours, wishes, available_from::text FROM participants")
    assert kept["travel_limit_km"] == 12.5
    assert kept["hours"] == ["day", "evening"]
    assert len(kept["wishes"]) == 2
    assert kept["available_from"] == "2026-12-01"
    await adviser.open("/participants")
    found = await adviser.send("Chercher", {"q": "brunel maur"})
    assert "Maurice Brunel" in found.text
    assert "Personne ne porte ce nom" in (await adviser.send("Chercher", {"q": "dupont"})).text


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(adviser: Visitor, office: Office) -> None:
    await adviser.open("/participants/new")
    page = await adviser.send("Inscrire", {**SOMEBODY, "first_name": "Maurice", "commune": "Nulle-Part", "phone": "12"})
    assert page.status_code == 422
    for name in ("commune", "phone"):
        assert f'href="#field-{name}"' in page.text, name
        assert f'id="error-{name}"' in page.text, name
    form = adviser.form("Inscrire")
    assert ("first_name", "Maurice") in form.fields
    assert ("commune", "Nulle-Part") in form.fields
    assert [value for name, value in form.fields if name == "hours"] == ["day", "evening"]
    assert await office.rows("SELECT id FROM participants") == []
    page = await adviser.send("Inscrire", {"last_name": "", "commune": "Lens", "phone": "0600000001"})
    assert 'id="error-last_name"' in page.text
    page = await adviser.send("Inscrire", {"last_name": "Brunel"})
    assert "Personne inscrite" in page.text


async def test_a_job_that_nobody_knows_is_met_with_those_that_are_near(adviser: Visitor) -> None:
    await adviser.open("/participants/new")
    page = await adviser.send("Inscrire", {**SOMEBODY, "wishes": "Vendeur en boulangerie"})
    assert "Vouliez-vous dire Vendeur / Vendeuse en boulangerie-pâtisserie" in page.text


async def test_what_is_wrong_is_said_in_english_to_whoever_reads_it(office: Office) -> None:
    visitor = visitor_as(office, office.adviser, "en")
    await visitor.open("/participants/new")
    page = await visitor.send("Register", {"last_name": "Brunel"})
    assert "First name: This field is required." in page.text
    assert "obligatoire" not in page.text


async def test_a_form_sent_twice_registers_one(office: Office, adviser: Visitor) -> None:
    await adviser.open("/participants/new")
    form = adviser.form("Inscrire")
    sent = form.filled(SOMEBODY, "Inscrire")
    pages = [await adviser.post(form, sent) for _ in range(2)]
    assert len({str(page.url) for page in pages}) == 1
    assert len(await office.rows("SELECT id FROM participants")) == 1


async def test_what_is_kept_stands_in_the_form_and_only_what_is_typed_changes(office: Office, adviser: Visitor) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    before = (await office.ask("GET", f"/api/v1/participants/{person}")).json()
    await adviser.open(f"/participants/{person}/edit")
    page = await adviser.send("Enregistrer", {"phone": "06 11 22 33 44"})
    assert "Fiche enregistrée" in page.text, page.text
    after = (await office.ask("GET", f"/api/v1/participants/{person}")).json()
    assert after == {**before, "phone": "+33611223344", "revision": before["revision"] + 1}


async def test_two_who_change_the_same_see_both_versions_and_lose_nothing(office: Office, adviser: Visitor) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    await adviser.open(f"/participants/{person}/edit")
    colleague = visitor_as(office, office.adviser)
    await colleague.open(f"/participants/{person}/edit")
    await colleague.send("Enregistrer", {"phone": "06 11 22 33 44"})
    page = await adviser.send("Enregistrer", {"phone": "06 99 99 99 99", "first_name": "Autre"})
    assert page.status_code == 412
    assert "Maintenant : +33611223344" in page.text
    assert ("first_name", "Autre") in adviser.form("Enregistrer").fields
    assert "Fiche enregistrée" in (await adviser.send("Enregistrer")).text
    kept = (await office.ask("GET", f"/api/v1/participants/{person}")).json()
    assert (kept["first_name"], kept["phone"]) == ("Autre", "+33699999999")


async def test_a_decision_is_noted_and_shown_at_once(office: Office, adviser: Visitor) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant(consents={"pairing": True})))["id"]
    await adviser.open(f"/participants/{person}")
    page = await adviser.send("Noter un non")
    assert "Décision notée" in page.text
    decisions = (await office.ask("GET", f"/api/v1/participants/{person}/consents")).json()
    assert [(each["purpose"], each["granted"], each["way"]) for each in decisions][-1] == ("pairing", False, "oral")


async def test_a_page_without_matching_says_so_calmly_and_shows_its_own_part(office: Office, adviser: Visitor) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    page = await adviser.open(f"/participants/{person}")
    assert page.status_code == 200
    assert "Le profil ne peut pas être montré pour le moment" in page.text


@pytest.mark.parametrize(
    ("path", "role", "status"),
    [
        ("/participants", "adviser", 200),
        ("/participants", "operator", 200),
        ("/participants", "mediator", 200),
        ("/participants", "manager", 403),
        ("/participants/new", "adviser", 200),
        ("/participants/new", "operator", 200),
        ("/participants/new", "mediator", 403),
        ("/participants/new", "manager", 403),
        ("/participants/{id}", "adviser", 200),
        ("/participants/{id}", "other", 404),
        ("/participants/{id}", "mediator", 403),
        ("/participants/{id}", "manager", 403),
        ("/participants/{id}", "operator", 200),
        ("/participants/{id}/edit", "adviser", 200),
        ("/participants/{id}/edit", "other", 404),
        ("/participants/{id}/edit", "manager", 403),
    ],
)
async def test_each_role_sees_what_is_theirs(office: Office, path: str, role: str, status: int) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    page = await visitor_as(office, somebody(office, role)).open(path.format(id=person))
    assert page.status_code == status, page.text


async def test_a_form_that_waited_too_long_loses_nothing(office: Office, adviser: Visitor) -> None:
    await adviser.open("/participants/new")
    form = adviser.form("Inscrire")
    office.client.cookies.clear()
    page = await adviser.post(form, form.filled(SOMEBODY, "Inscrire"))
    assert page.status_code == 403
    assert "Rien n’est perdu" in page.text
    assert await office.rows("SELECT id FROM participants") == []
    assert "Personne inscrite" in (await adviser.send("Envoyer à nouveau")).text


async def test_whoever_was_signed_out_signs_in_and_sends_the_same(office: Office, adviser: Visitor) -> None:
    await adviser.open("/participants/new")
    form = adviser.form("Inscrire")
    signed_out = Visitor(office.client, {"accept-language": "fr"}, adviser.page)
    page = await signed_out.post(form, form.filled(SOMEBODY, "Inscrire"))
    assert page.status_code == 401
    assert 'href="/sign-in"' in page.text
    again = Visitor(office.client, adviser.headers, page)
    assert "Personne inscrite" in (await again.send("Envoyer à nouveau")).text
    assert "Maurice" in str(await office.rows("SELECT first_name FROM participant_contacts"))


async def test_a_list_goes_on_where_its_first_part_ends(office: Office, adviser: Visitor) -> None:
    for number in range(55):
        await office.post("/api/v1/participants", bodies.participant(last_name=f"Nom{number:02}", identifier=None))
    first = await adviser.open("/participants")
    assert "Nom00" in first.text
    assert "Nom54" not in first.text
    assert len(first.content) < 50_000
    second = await adviser.open(_next_of(first))
    assert "Nom54" in second.text
    assert "Nom00" not in second.text


def _next_of(page: httpx.Response) -> str:
    address = page.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    return f"/participants{address}"
