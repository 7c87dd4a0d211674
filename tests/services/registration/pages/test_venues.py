"""Venues on pages: registered and changed."""

from __future__ import annotations

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor

MUSEUM = {"name": "Louvre-Lens", "commune": "Lens", "address": "99, rue Paul-Bert", "access": "Entrée par le parc."}


async def test_a_venue_is_registered_once_and_changed(office: Office, adviser: Visitor) -> None:
    assert "Aucun lieu" in (await adviser.open("/venues")).text
    await adviser.open("/venues/new")
    form = adviser.form("Enregistrer le lieu")
    for _ in range(2):
        page = await adviser.post(form, form.filled(MUSEUM, "Enregistrer"))
    assert "Lieu enregistré" in page.text, page.text
    (venue,) = (await office.ask("GET", "/api/v1/venues")).json()["items"]
    await adviser.open(f"/venues/{venue['id']}/edit")
    await adviser.send("Enregistrer", {"contact": "Accueil, 03 21 18 62 62"})
    (after,) = (await office.ask("GET", "/api/v1/venues")).json()["items"]
    assert after == {**venue, "contact": "Accueil, 03 21 18 62 62", "revision": 2}


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"commune": "Nulle-Part"}, "commune"), ({"name": ""}, "name"), ({"name": "Déjà là"}, "name")],
)
async def test_what_is_wrong_is_said_at_its_field(
    office: Office, adviser: Visitor, typed: dict[str, str], field: str
) -> None:
    await office.post("/api/v1/venues", bodies.venue(name="Déjà là"))
    await adviser.open("/venues/new")
    page = await adviser.send("Enregistrer le lieu", {**MUSEUM, **typed})
    assert page.status_code == 422
    assert f'id="error-{field}"' in page.text


async def test_two_who_change_the_same_see_both_versions(office: Office, adviser: Visitor) -> None:
    venue = (await office.post("/api/v1/venues", bodies.venue()))["id"]
    await adviser.open(f"/venues/{venue}/edit")
    colleague = visitor_as(office, office.other_adviser)
    await colleague.open(f"/venues/{venue}/edit")
    await colleague.send("Enregistrer", {"address": "1, rue Neuve"})
    page = await adviser.send("Enregistrer", {"access": "Bus 1"})
    assert page.status_code == 412
    assert "1, rue Neuve" in page.text


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/venues", (200, 200, 403, 200, 200)),
        ("/venues/new", (200, 200, 403, 403, 200)),
        ("/venues/{venue}/edit", (200, 200, 403, 403, 200)),
    ],
)
async def test_each_role_sees_what_is_theirs(office: Office, path: str, statuses: tuple[int, ...]) -> None:
    venue = (await office.post("/api/v1/venues", bodies.venue()))["id"]
    address = path.format(venue=venue)
    for role, status in zip(("adviser", "other", "mediator", "manager", "operator"), statuses, strict=True):
        page = await visitor_as(office, somebody(office, role)).open(address)
        assert page.status_code == status, role
