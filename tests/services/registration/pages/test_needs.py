"""Needs on pages: published with their skills, shown, changed and closed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor

PERSEVERANCE, AUTONOMY = "6D109", "6D102"
POST = {
    "title": "Vendeur en boulangerie",
    "occupation": "boulanger",
    "commune": "Béthune",
    "posts": "2",
    "hours": ["day", "weekend"],
    "licences": "B",
    f"asked.{PERSEVERANCE}.level": "2",
    f"asked.{PERSEVERANCE}.points": "60",
    f"asked.{AUTONOMY}.level": "3",
    f"asked.{AUTONOMY}.points": "40",
}


async def test_a_need_is_published_from_its_employers_page(office: Office, adviser: Visitor) -> None:
    employer = await _employer(office)
    page = await adviser.open(f"/employers/{employer}/needs/new")
    assert len(page.content) < 50_000
    page = await adviser.send("Enregistrer le besoin", POST)
    assert "Besoin enregistré" in page.text, page.text
    for words in ("Vendeur en boulangerie", "Béthune (62)", "60 points sur 100", "en journée, le week-end"):
        assert words in page.text.replace("\u00a0", " "), words
    (need,) = (await office.ask("GET", f"/api/v1/needs?employer={employer}")).json()["items"]
    kept = (await office.ask("GET", f"/api/v1/needs/{need['id']}")).json()
    asked = {each["skill"]: (each["level"], each["weight"]) for each in kept["skills"]}
    assert asked == {PERSEVERANCE: (2, 0.6), AUTONOMY: (3, 0.4)}
    assert (kept["posts"], kept["seats"], kept["licences"]) == (2, 5, ["B"])
    assert "ouvert" in (await adviser.open(f"/employers/{employer}")).text


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({f"asked.{AUTONOMY}.points": "20"}, None, "font 80"),
        ({f"asked.{AUTONOMY}.points": ""}, f"asked.{AUTONOMY}.points", "obligatoire"),
        ({f"asked.{AUTONOMY}.level": ""}, f"asked.{AUTONOMY}.level", "obligatoire"),
        ({f"asked.{AUTONOMY}.points": "beaucoup"}, f"asked.{AUTONOMY}.points", "nombre"),
        ({"occupation": "Vendeur en boulangerie"}, "occupation", "Vouliez-vous dire"),
        ({"commune": ""}, "commune", ""),
        ({"posts": "0"}, "posts", ""),
    ],
)
async def test_what_is_wrong_is_said_where_it_was_typed_and_all_of_it_stays(
    office: Office, adviser: Visitor, typed: dict[str, str], field: str | None, words: str
) -> None:
    employer = await _employer(office)
    await adviser.open(f"/employers/{employer}/needs/new")
    page = await adviser.send("Enregistrer le besoin", {**POST, **typed})
    assert page.status_code == 422, page.text
    assert words in page.text
    assert field is None or f'id="error-{field}"' in page.text
    fields = adviser.form("Enregistrer").fields
    assert (f"asked.{PERSEVERANCE}.level", "2") in fields
    assert (f"asked.{PERSEVERANCE}.points", "60") in fields
    assert await office.rows("SELECT id FROM needs") == []


async def test_a_need_without_skills_is_refused_in_words(office: Office, adviser: Visitor) -> None:
    employer = await _employer(office)
    await adviser.open(f"/employers/{employer}/needs/new")
    typed = {name: value for name, value in POST.items() if not name.startswith("asked.")}
    page = await adviser.send("Enregistrer le besoin", typed)
    assert page.status_code == 422
    assert "Un besoin demande au moins un savoir-être." in page.text


async def test_a_form_sent_twice_publishes_one(office: Office, adviser: Visitor) -> None:
    employer = await _employer(office)
    await adviser.open(f"/employers/{employer}/needs/new")
    form = adviser.form("Enregistrer le besoin")
    pages = [await adviser.post(form, form.filled(POST, "Enregistrer")) for _ in range(2)]
    assert len({str(page.url) for page in pages}) == 1
    assert len(await office.rows("SELECT id FROM needs")) == 1


@pytest.mark.parametrize("framework", ["rome-4", "savoir-etre-2018"])
async def test_what_is_kept_stands_in_the_form_and_only_what_is_typed_changes(
    office: Office, adviser: Visitor, framework: str
) -> None:
    employer = await _employer(office)
    site = (await office.post("/api/v1/sites", bodies.site(employer)))["id"]
    thirds = [{"skill": skill, "level": 2, "weight": 100 / 3} for skill in ("autonomie", "persévérance", "réactivité")]
    body = bodies.need(employer, identifier="B1", site_id=site, framework=framework, skills=thirds, licences=["B"])
    before = await _need(office, (await office.post("/api/v1/needs", {**body, "commune": None}))["id"])
    await adviser.open(f"/needs/{before['id']}/edit")
    page = await adviser.send("Enregistrer", {"title": "Autre intitulé"})
    assert "Besoin enregistré" in page.text, page.text
    assert await _need(office, before["id"]) == {
        **before,
        "title": "Autre intitulé",
        "revision": before["revision"] + 1,
    }


async def test_a_need_goes_where_its_site_is_and_leaves_it(office: Office, adviser: Visitor) -> None:
    employer = await _employer(office)
    site = (await office.post("/api/v1/sites", bodies.site(employer)))["id"]
    await adviser.open(f"/employers/{employer}/needs/new")
    page = await adviser.send("Enregistrer le besoin", {**POST, "site_id": site, "commune": ""})
    need = str(page.url).rpartition("/")[2].partition("?")[0]
    kept = await _need(office, need)
    assert (kept["site_id"], kept["commune"], kept["access"]) == (site, "62510", "Bus 10, arrêt Mairie")
    await adviser.open(f"/needs/{need}/edit")
    await adviser.send("Enregistrer", {"site_id": "", "commune": "Lens", "access": ""})
    kept = await _need(office, need)
    assert (kept["site_id"], kept["commune"], kept["access"]) == (None, "62498", None)


async def test_two_who_change_the_same_see_both_versions(office: Office, adviser: Visitor) -> None:
    need = (await office.post("/api/v1/needs", bodies.need(await _employer(office))))["id"]
    await adviser.open(f"/needs/{need}/edit")
    colleague = visitor_as(office, office.adviser)
    await colleague.open(f"/needs/{need}/edit")
    await colleague.send("Enregistrer", {"posts": "7"})
    page = await adviser.send("Enregistrer", {"posts": "3"})
    assert page.status_code == 412
    assert "Maintenant : 7" in page.text
    await adviser.send("Enregistrer")
    assert (await _need(office, need))["posts"] == 3


async def test_closing_says_first_what_it_does(office: Office, adviser: Visitor) -> None:
    employer = await _employer(office)
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    assert "aucun message ne part" in (await adviser.open(f"/needs/{need}/close")).text
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    assert "invité à une rencontre à venir" in (await adviser.open(f"/needs/{need}/close")).text
    assert (await _need(office, need))["is_open"]
    assert "Besoin clos" in (await adviser.send("Clore le besoin")).text
    assert not (await _need(office, need))["is_open"]
    assert "clos" in (await adviser.open(f"/employers/{employer}")).text


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/employers/{employer}/needs/new", (200, 200, 403, 403, 200)),
        ("/needs/{need}", (200, 200, 403, 200, 200)),
        ("/needs/{need}/edit", (200, 403, 403, 403, 200)),
        ("/needs/{need}/close", (200, 403, 403, 403, 200)),
    ],
)
async def test_each_role_sees_what_is_theirs(office: Office, path: str, statuses: tuple[int, ...]) -> None:
    employer = await _employer(office)
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    found = []
    for role in ("adviser", "other", "mediator", "manager", "operator"):
        visitor = visitor_as(office, somebody(office, role))
        found.append((await visitor.open(path.format(employer=employer, need=need))).status_code)
    assert tuple(found) == statuses


async def _employer(office: Office) -> str:
    employer: str = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    return employer


async def _need(office: Office, need_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await office.ask("GET", f"/api/v1/needs/{need_id}")).json()
    return shown
