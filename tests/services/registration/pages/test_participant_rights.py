"""What somebody may ask of the programme, on their page: object, be told apart, be forgotten."""

from __future__ import annotations

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor


async def test_an_objection_is_noted_and_lifted_with_a_reason_alone(office: Office, adviser: Visitor) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    await adviser.open(f"/participants/{person}")
    page = await adviser.send("Noter l’opposition")
    assert "s’y oppose" in page.text
    form = adviser.form("Lever l’opposition")
    page = await adviser.post(form, form.filled({"reason": " "}, "Lever"))
    assert "Lever l’opposition" in page.text
    page = await adviser.send("Lever l’opposition", {"reason": "Elle veut revenir."})
    assert "Décision notée" in page.text
    assert "Lever l’opposition" not in page.text
    (objection,) = (await office.ask("GET", f"/api/v1/participants/{person}/objections")).json()["items"]
    assert objection["lifted_because"] == "Elle veut revenir."


async def test_erasing_says_first_what_it_does_and_then_hands_a_receipt(office: Office, adviser: Visitor) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    page = await adviser.open(f"/participants/{person}/erase")
    assert "ne peut pas être défait" in page.text
    assert len(await office.rows("SELECT id FROM participants")) == 1
    page = await adviser.send("Tout effacer")
    assert "Tout est effacé" in page.text, page.text
    assert await office.rows("SELECT id FROM participants") == []
    assert (await adviser.open(f"/participants/{person}")).status_code == 404


async def test_a_merge_is_undone_on_the_page_of_whoever_goes_on(office: Office, adviser: Visitor) -> None:
    first = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    second = (await office.post("/api/v1/participants", bodies.participant(identifier=None)))["id"]
    await office.post(f"/api/v1/participants/{first}/merges", {"merged_id": second})
    page = await adviser.open(f"/participants/{second}")
    assert "Fiches réunies" in page.text
    page = await adviser.send("Ce sont deux personnes")
    assert "Fiches réunies" not in page.text
    assert await office.rows("SELECT id FROM participants WHERE merged_into IS NOT NULL") == []


@pytest.mark.parametrize(
    ("role", "status"), [("adviser", 200), ("other", 404), ("mediator", 403), ("manager", 403), ("operator", 200)]
)
async def test_each_role_erases_as_it_may(office: Office, role: str, status: int) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    page = await visitor_as(office, somebody(office, role)).open(f"/participants/{person}/erase")
    assert page.status_code == status
