"""An operation joins a venue, workshops and a meetup, and tells how many people it was about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, OPERATOR, Office
from tests.services.registration.use_cases.importing.exports import MEETUP, WORKSHOP, written

O = "/api/v1/operations"  # noqa: E741 - as short as the address it stands for

ROW = {
    "identifiant": "O1",
    "nom": "Automne",
    "lieu": "Louvre-Lens",
    "commune": "Lens",
    "date_debut": "07/09/2026",
    "date_fin": "01/12/2026",
    "agence": "Agence de Lens",
}


async def venue_of(office: Office, **changes: Any) -> str:
    return str((await office.post("/api/v1/venues", bodies.venue(**changes)))["id"])


async def operation_of_lens(office: Office, **changes: Any) -> str:
    venue = await venue_of(office, name=changes.get("name", "Louvre-Lens"))
    return str((await office.post(O, bodies.operation(venue, **changes)))["id"])


async def shown(office: Office, operation: str) -> dict[str, Any]:
    answer = await office.ask("GET", f"{O}/{operation}")
    assert answer.status_code == 200, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


async def test_an_operation_is_shown_with_what_names_it(office: Office) -> None:
    operation = await operation_of_lens(office)
    workshops = [
        (await office.post("/api/v1/workshops", bodies.workshop(operation_id=operation)))["id"] for _ in range(2)
    ]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(operation_id=operation)))["id"]
    kept = await shown(office, operation)
    assert sorted(kept["workshops"]) == sorted(workshops)
    assert (kept["meetup_id"], kept["name"]) == (meetup, "L’Art d’accéder à l’emploi, Lens")
    for path, expected in (("workshops", set(workshops)), ("meetups", {meetup})):
        listed = (await office.ask("GET", f"/api/v1/{path}?operation={operation}")).json()["items"]
        assert {each["id"] for each in listed} == expected
        assert (await office.ask("GET", f"/api/v1/{path}?operation={office.lens}")).json()["items"] == []
    again = {name: kept[name] for name in kept if name != "identifier"}
    assert (await office.ask("PUT", f"{O}/{operation}", json=again)).json()["change"] == "unchanged"
    await office.ask("PATCH", f"/api/v1/workshops/{workshops[0]}", json={"operation_id": None})
    assert (await shown(office, operation))["workshops"] == [workshops[1]]


async def test_people_are_counted_once_however_often_they_came(office: Office) -> None:
    operation = await operation_of_lens(office)
    first, second, third, stranger = [
        (await office.post("/api/v1/participants", bodies.participant(last_name=name, email=None, phone=None)))["id"]
        for name in ("Brunel", "Haddad", "Zerbib", "Quatrepommes")
    ]
    for people in ((first, second), (first,)):
        workshop = (await office.post("/api/v1/workshops", bodies.workshop(operation_id=operation)))["id"]
        await office.enrol(workshop, *people)
    elsewhere = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(elsewhere, stranger)
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(operation_id=operation)))["id"]
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    for person in (first, third):
        await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
        await office.ask("PUT", f"/api/v1/meetups/{meetup}/attendance/{person}", json={"present": person == first})
    hired = {"participant_id": first, "need_id": need, "outcome": "hired"}
    assert (await office.ask("PUT", f"/api/v1/meetups/{meetup}/outcomes", json=hired)).is_success
    counted = {"enrolled": 3, "met": 1, "hired": 1}
    assert (await shown(office, operation))["people"] == counted
    for person in (office.adviser, MANAGER, OPERATOR):
        (listed,) = (await office.ask("GET", O, person)).json()["items"]
        assert (listed["id"], listed["people"]) == (operation, counted)
    assert (await office.ask("GET", O, office.other_adviser)).json()["items"] == []


async def test_records_of_one_person_that_were_merged_count_as_one(office: Office) -> None:
    operation = await operation_of_lens(office)
    first, second = [(await office.post("/api/v1/participants", bodies.participant()))["id"] for _ in range(2)]
    for person in (first, second):
        workshop = (await office.post("/api/v1/workshops", bodies.workshop(operation_id=operation)))["id"]
        await office.enrol(workshop, person)
    assert (await shown(office, operation))["people"]["enrolled"] == 2
    await office.post(f"/api/v1/participants/{first}/merges", {"merged_id": second})
    assert (await shown(office, operation))["people"]["enrolled"] == 1


async def test_an_operation_has_one_meetup_and_another_once_that_is_cancelled(office: Office) -> None:
    operation = await operation_of_lens(office)
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(operation_id=operation)))["id"]
    second = await office.ask("POST", "/api/v1/meetups", json=bodies.meetup(operation_id=operation))
    assert (second.status_code, second.json()["code"]) == (409, "operation-has-meetup")
    await office.ask("POST", f"/api/v1/meetups/{meetup}/cancel")
    instead = (await office.post("/api/v1/meetups", bodies.meetup(operation_id=operation)))["id"]
    assert (await shown(office, operation))["meetup_id"] == instead


async def test_what_joins_an_operation_is_of_its_agency(office: Office) -> None:
    operation = await operation_of_lens(office)
    venue = (await shown(office, operation))["venue_id"]
    for path, body in (("workshops", bodies.workshop), ("meetups", bodies.meetup)):
        theirs = body(operation_id=operation)
        refused = await office.ask("POST", f"/api/v1/{path}", office.other_adviser, json=theirs)
        assert (refused.status_code, refused.json()["code"]) == (422, "operation-of-other-agency")
        unknown = await office.ask("POST", f"/api/v1/{path}", json=body(operation_id=venue))
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown-operation")
    await office.post("/api/v1/workshops", bodies.workshop(operation_id=operation))
    moved = await office.ask("PATCH", f"{O}/{operation}", OPERATOR, json={"agency_id": str(office.lille)})
    assert (moved.status_code, moved.json()["code"]) == (409, "operation-in-use")


@pytest.mark.parametrize(
    ("said", "path", "code"),
    [
        ({"ends_on": "2026-10-01"}, "ends_on", "bad-period"),
        ({"venue_id": "00000000-0000-7000-8000-000000000000"}, "venue_id", "unknown-venue"),
    ],
)
async def test_an_operation_that_cannot_be_is_refused(
    office: Office, said: dict[str, str], path: str, code: str
) -> None:
    body = {**bodies.operation(await venue_of(office)), **said}
    refused = await office.ask("POST", O, json=body)
    assert refused.status_code == 422
    assert [(each["path"], each["code"]) for each in refused.json()["errors"]] == [(path, code)]


async def test_operations_are_found_by_name_venue_and_time(office: Office) -> None:
    autumn = await operation_of_lens(office, name="Automne")
    spring = await operation_of_lens(office, name="Printemps", starts_on="2027-03-01", ends_on="2027-04-01")
    venue = (await shown(office, spring))["venue_id"]
    for query, found in (
        ("", [spring, autumn]),
        ("?q=autom", [autumn]),
        (f"?venue={venue}", [spring]),
        ("?after=2026-12-02", [spring]),
        ("?before=2027-03-01", [autumn]),
        (f"?agency={office.lille}", []),
    ):
        listed = (await office.ask("GET", O + query)).json()["items"]
        assert [each["id"] for each in listed] == found, query


async def test_operations_are_imported_with_what_joins_them_and_keep_a_venue_that_is_new(office: Office) -> None:
    files = {
        "rencontres.csv": written([{**MEETUP, "operation": "O1"}]),
        "ateliers.csv": written(
            [{**WORKSHOP, "operation": "O1"}, {**WORKSHOP, "identifiant": "AT2", "operation": "O9"}]
        ),
        "operations.csv": written([ROW, {**ROW, "identifiant": "O2", "date_fin": "01/01/2026"}]),
    }
    report = await office.import_files(files)
    assert {(each["file"], each["code"], each["column"]) for each in report["findings"]} == {
        ("operations.csv", "bad-period", "date_fin"),
        ("ateliers.csv", "unknown-operation", "operation"),
    }
    [operation] = await office.rows(
        "SELECT operations.id, venues.name FROM operations JOIN venues ON venue_id = venues.id"
    )
    assert operation["name"] == "Louvre-Lens"
    kept = await shown(office, str(operation["id"]))
    assert (len(kept["workshops"]), kept["meetup_id"] is not None) == (1, True)
    files["ateliers.csv"] = written([{**WORKSHOP, "operation": "O1"}])
    again = await office.import_files({**files, "operations.csv": written([ROW])})
    assert all(each["unchanged"] == each["read"] for each in again["files"].values()), again
    second = await office.import_files(
        {"rencontres.csv": written([{**MEETUP, "identifiant": "R2", "operation": "O1"}])}
    )
    assert [(each["code"], each["column"]) for each in second["findings"]] == [("operation-has-meetup", "operation")]


@pytest.mark.parametrize("name", ["operations (2).csv", "operations_2026.csv"])
async def test_a_list_of_operations_is_no_list_of_workshops_whatever_its_name(office: Office, name: str) -> None:
    report = await office.import_files({name: written([ROW])})
    assert report["findings"] == []
    assert len(await office.rows("SELECT id FROM operations")) == 1
