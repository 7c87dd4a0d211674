"""Changing a record through the API: what is not said stays, and what somebody cannot see is not theirs to lose."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.contracts.participants import ConsentWithdrawn, ParticipantChanged
from tests.services.registration import bodies
from tests.services.registration.office import OPERATOR, Office

UNTOLD = ("revision", "change", "warnings")
NOTHING: Mapping[str, Any] = {"publics": [], "born_on": None, "sex": None, "access_needs": []}
"""Protected data of which nothing was said."""


async def _made(office: Office, kind: str) -> tuple[str, dict[str, Any]]:
    """The path of a new record with everything said, and how it is shown."""
    body: Mapping[str, Any] = {"participants": bodies.participant, "workshops": bodies.workshop}.get(kind, dict)()
    if kind == "employers":
        body = bodies.employer(identifier="E1", language="en")
    elif kind == "meetups":
        body = bodies.meetup(breaks=[3], address="99 rue Paul-Bert", access="Par la cour", front_tables=2)
    elif kind == "needs":
        employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
        body = bodies.need(employer, licences=["B"], starts_on="2027-01-04")
    path = f"/api/v1/{kind}/{(await office.post(f'/api/v1/{kind}', body))['id']}"
    return path, await _shown(office, path)


async def _shown(office: Office, path: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await office.ask("GET", path)).json()
    return {name: value for name, value in shown.items() if name not in UNTOLD}


@pytest.mark.parametrize(
    ("kind", "said", "shows"),
    [
        ("participants", {"phone": None}, {"phone": None}),
        ("participants", {"commune": "Arras"}, {"commune": "62041"}),
        ("participants", {"wishes": []}, {"wishes": []}),
        ("participants", {"hours": ["night"]}, {"hours": ["night"]}),
        ("participants", {"identifier": "P7"}, {"identifier": "P7"}),
        ("workshops", {"title": "Autre"}, {"title": "Autre"}),
        ("workshops", {"adviser": None}, {"adviser": None}),
        ("employers", {"email": None}, {"email": None}),
        ("employers", {"identifier": None}, {"identifier": None}),
        ("needs", {"seats": 9}, {"seats": 9}),
        ("needs", {"starts_on": None}, {"starts_on": None}),
        ("needs", {"licences": []}, {"licences": []}),
        ("meetups", {"access": "Par la rue"}, {"access": "Par la rue"}),
        ("meetups", {"breaks": []}, {"breaks": []}),
    ],
)
async def test_a_patch_changes_what_it_names_and_nothing_else(
    office: Office, kind: str, said: dict[str, Any], shows: dict[str, Any]
) -> None:
    path, before = await _made(office, kind)
    answered = await office.ask("PATCH", path, json=said)
    assert answered.json()["change"] == "changed", answered.text
    assert await _shown(office, path) == {**before, **shows}
    assert (await office.ask("PATCH", path, json=said)).json()["change"] == "unchanged"


@pytest.mark.parametrize("kind", ["participants", "workshops", "employers", "needs", "meetups"])
async def test_a_patch_that_says_nothing_changes_nothing(office: Office, kind: str) -> None:
    path, before = await _made(office, kind)
    events = await office.events()
    assert (await office.ask("PATCH", path, json={})).json()["change"] == "unchanged"
    assert await _shown(office, path) == before
    assert await office.events() == events


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("participants", {"first_name": None}, "first_name"),
        ("participants", {"available_from": None}, "available_from"),
        ("participants", {"travel_limit_km": None}, "travel_limit_km"),
        ("participants", {"hours": []}, "hours"),
        ("workshops", {"title": None}, "title"),
        ("workshops", {"ends_on": "2026-01-01"}, "ends_on"),
        ("employers", {"commune": None}, "commune"),
        ("needs", {"skills": None}, "skills"),
        ("needs", {"framework": "savoir-etre-2018"}, "skills"),
        ("meetups", {"slots": 2}, "breaks"),
        ("meetups", {"starts_at": None}, "starts_at"),
    ],
)
async def test_a_patch_does_not_empty_what_must_be_there_nor_break_what_belongs_together(
    office: Office, kind: str, said: dict[str, Any], field: str
) -> None:
    path, before = await _made(office, kind)
    refused = await office.ask("PATCH", path, json=said)
    assert refused.status_code == 422, refused.text
    assert [error["path"] for error in refused.json()["errors"]] == [field]
    assert await _shown(office, path) == before


async def test_a_level_is_corrected_without_its_words_and_words_without_their_level(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    noted = (await office.post("/api/v1/observations", bodies.observation(workshop, person)))["id"]
    for said, kept in (({"level": 1}, (1, "Est allé au bout.")), ({"note": "relu"}, (1, "relu"))):
        assert (await office.ask("PATCH", f"/api/v1/observations/{noted}", json=said)).json()["change"] == "changed"
        (row,) = await office.rows("SELECT level, note FROM observations")
        assert (row["level"], row["note"]) == kept


async def test_an_agency_is_reached_as_before_where_nothing_else_is_said(office: Office) -> None:
    path = f"/api/v1/agencies/{office.lens}/contact"
    await office.ask("PUT", path, json={"phone": "03 21 00 00 00", "email": "lens@agence.example"})
    await office.ask("PATCH", path, json={"phone": "03 21 00 00 01"})
    (agency,) = [each for each in (await office.ask("GET", "/api/v1/agencies")).json()["items"] if each["phone"]]
    assert (agency["phone"], agency["email"]) == ("+33321000001", "lens@agence.example")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_protected_data_survive_whoever_cannot_see_them(office: Office, method: str) -> None:
    path, before = await _made(office, "participants")
    body = bodies.participant(phone="06 11 22 33 44", agency_id=str(office.lens))
    del body["protected"]
    assert (await office.ask(method, path, OPERATOR, json=body)).json()["change"] == "changed"
    after = await _shown(office, path)
    assert (
        after["protected"]
        == before["protected"]
        == {**NOTHING, "publics": ["DELD"], "born_on": "1991-08-08", "sex": "M"}
    )
    assert after["phone"] == "+33611223344"
    named = {**body, "protected": {"sex": "F"}}
    await office.ask(method, path, OPERATOR, json=named)
    assert (await _shown(office, path))["protected"] == {**before["protected"], "sex": "F"}


async def test_by_its_identifier_too_a_record_keeps_what_a_system_cannot_see(office: Office) -> None:
    path, before = await _made(office, "participants")
    await office.ask("PATCH", path, json={"identifier": "P7"})
    body = bodies.participant(commune="Arras")
    del body["protected"]
    await office.ask("PUT", "/api/v1/participants/by-identifier/P7", OPERATOR, json=body)
    after = await _shown(office, path)
    assert (after["protected"], after["commune"]) == (before["protected"], "62041")


async def test_an_adviser_who_sees_protected_data_replaces_them(office: Office) -> None:
    path, _ = await _made(office, "participants")
    await office.ask("PUT", path, json=bodies.participant(protected={"publics": ["TH"]}))
    assert (await _shown(office, path))["protected"] == {**NOTHING, "publics": ["TH"]}
    await office.ask("PATCH", path, json={"protected": {"sex": "F"}})
    assert (await _shown(office, path))["protected"] == {**NOTHING, "publics": ["TH"], "sex": "F"}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_an_edit_that_names_no_consent_withdraws_none(office: Office, method: str) -> None:
    path, before = await _made(office, "participants")
    body = bodies.participant(commune="Arras")
    del body["consents"]
    await office.ask(method, path, json=body)
    assert (await _shown(office, path))["consents"] == before["consents"]
    assert await office.events(ConsentWithdrawn) == []
    assert len(await office.events(ParticipantChanged)) == 1


@pytest.mark.parametrize("kind", ["employers", "needs", "workshops", "meetups"])
async def test_the_identifier_by_which_a_system_knows_a_record_survives_a_replacement(
    office: Office, kind: str
) -> None:
    path, before = await _made(office, kind)
    await office.ask("PATCH", path, json={"identifier": "X1"})
    body = {
        "employers": bodies.employer(),
        "needs": bodies.need(str(before.get("employer_id"))),
        "workshops": bodies.workshop(),
        "meetups": bodies.meetup(),
    }[kind]
    await office.ask("PUT", path, json=body)
    assert (await _shown(office, path))["identifier"] == "X1"


async def test_what_was_read_can_be_sent_back_and_changes_nothing(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant(identifier="P1")))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    note = (await office.post("/api/v1/observations", bodies.observation(workshop, person)))["id"]
    venue = (await office.post("/api/v1/venues", bodies.venue()))["id"]
    for path in (
        f"/api/v1/participants/{person}",
        f"/api/v1/workshops/{workshop}",
        f"/api/v1/employers/{employer}",
        f"/api/v1/needs/{need}",
        f"/api/v1/meetups/{meetup}",
        f"/api/v1/observations/{note}",
        f"/api/v1/venues/{venue}",
    ):
        for asking in (office.adviser, OPERATOR):
            shown = (await office.ask("GET", path, asking)).json()
            sent_back = await office.ask("PUT", path, asking, json=shown)
            assert (sent_back.status_code, sent_back.json().get("change")) == (200, "unchanged"), (path, sent_back.text)
            assert (await office.ask("GET", path, asking)).json() == shown
    kept = (await office.ask("GET", f"/api/v1/participants/{person}")).json()["protected"]
    assert kept == {**NOTHING, "publics": ["DELD"], "born_on": "1991-08-08", "sex": "M"}


async def test_a_field_that_nobody_shows_is_still_refused(office: Office) -> None:
    misspelt = await office.ask("POST", "/api/v1/employers", json=bodies.employer(mail="x@y.example"))
    assert (misspelt.status_code, misspelt.json()["errors"][0]["code"]) == (422, "extra-forbidden")
