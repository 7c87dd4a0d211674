"""What the API refuses: a clear answer with the field's path and a stable code, and nothing half-done."""

from typing import Any
from uuid import uuid4

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import OPERATOR, Office

PLANTED = "Zzyzx"


def _errors(answer: dict[str, Any]) -> set[tuple[str, str]]:
    return {(error["path"], error["code"]) for error in answer["errors"]}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"last_name": ""}, ("last_name", "string-too-short")),
        ({"last_name": 12}, ("last_name", "string-type")),
        ({"last_name": "x" * 201}, ("last_name", "string-too-long")),
        ({"first_name": "a\x00b"}, ("first_name", "control-character")),
        ({"email": "zoe@@x"}, ("email", "bad-email")),
        ({"phone": "12"}, ("phone", "bad-phone")),
        ({"commune": "Lanse-sur-Rien"}, ("commune", "unknown-commune")),
        ({"commune": "Saint-Denis"}, ("commune", "ambiguous-commune")),
        ({"travel_limit_km": 0}, ("travel_limit_km", "greater-than")),
        ({"travel_limit_km": "loin"}, ("travel_limit_km", "float-type")),
        ({"transport": "fusée"}, ("transport", "literal-error")),
        ({"available_from": "2026-02-31"}, ("available_from", "date-from-datetime-parsing")),
        ({"hours": []}, ("hours", "too-short")),
        ({"hours": ["day", "dawn"]}, ("hours.1", "literal-error")),
        ({"licences": ["B", "permis de pêche"]}, ("licences.1", "unknown-licence")),
        ({"wishes": ["dompteuse de licornes"]}, ("wishes.0", "unknown-wish")),
        ({"protected": {"born_on": "2025-01-01"}}, ("protected.born_on", "unlikely-birth-date")),
        ({"protected": {"publics": ["GENS"]}}, ("protected.publics.0", "literal-error")),
        ({"age": 33}, ("age", "extra-forbidden")),
        ({"agency_id": str(uuid4())}, ("agency_id", "unknown-agency")),
    ],
)
async def test_a_participant_with_a_wrong_field_is_refused_by_its_path(
    office: Office, changes: dict[str, Any], error: tuple[str, str]
) -> None:
    before = await office.counts()
    body = {**bodies.participant(agency_id=str(office.lens)), **changes}
    response = await office.ask("POST", "/api/v1/participants", OPERATOR, json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert error in _errors(response.json())
    assert await office.counts() == before


async def test_every_wrong_field_is_named_at_once_and_no_value_repeated(office: Office) -> None:
    body = bodies.participant(commune=PLANTED, email=f"{PLANTED}@@", wishes=["N1103", PLANTED])
    answer = await office.ask("POST", "/api/v1/participants", json=body)
    assert _errors(answer.json()) == {
        ("commune", "unknown-commune"),
        ("email", "bad-email"),
        ("wishes.1", "unknown-wish"),
    }
    wrong_types = bodies.participant(last_name=[PLANTED], transport=PLANTED, hours=PLANTED)
    other = await office.ask("POST", "/api/v1/participants", json=wrong_types)
    assert other.status_code == 422
    assert PLANTED not in answer.text + other.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"level": 9}, ("level", "less-than-equal")),
        ({"level": -1}, ("level", "greater-than-equal")),
        ({"level": 2.5}, ("level", "int-type")),
        ({"skill": "beauté"}, ("skill", "unknown-skill")),
        ({"exercise": "le saut en longueur"}, ("exercise", "unknown-exercise")),
        ({"seen_on": "2026-11-23"}, ("seen_on", "date-in-the-future")),
        ({"participant_id": str(uuid4())}, ("participant_id", "unknown-participant")),
        ({"workshop_id": str(uuid4())}, ("workshop_id", "unknown-workshop")),
        ({"workshop_id": "AT-1"}, ("workshop_id", "uuid-parsing")),
        ({"observer": "Georges"}, ("observer", "bad-observer")),
    ],
)
async def test_a_wrong_observation_is_refused(office: Office, changes: dict[str, Any], error: tuple[str, str]) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    before = await office.counts()
    body = {**bodies.observation(workshop, person), **changes}
    response = await office.ask("POST", "/api/v1/observations", json=body)
    assert response.status_code == 422
    assert error in _errors(response.json())
    assert await office.counts() == before


def _skills(*asked: tuple[str, int, float]) -> dict[str, Any]:
    return {"skills": [{"skill": skill, "level": level, "weight": weight} for skill, level, weight in asked]}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        (_skills(("autonomie", 3, 100), ("curiosité", 2, 50)), ("skills", "weights-do-not-add-up")),
        (_skills(("autonomie", 9, 100)), ("skills.0.level", "less-than-equal")),
        (_skills(("autonomie", 0, 100)), ("skills.0.level", "greater-than-equal")),
        (_skills(("beauté", 3, 100)), ("skills.0.skill", "unknown-skill")),
        (_skills(("autonomie", 3, 50), ("6D108", 2, 50)), ("skills.1.skill", "skill-twice")),
        ({"skills": []}, ("skills", "too-short")),
        ({"occupation": "K22"}, ("occupation", "unknown-occupation")),
        ({"licences": ["permis de pêche"]}, ("licences.0", "unknown-required-licence")),
        ({"employer_id": str(uuid4())}, ("employer_id", "unknown-employer")),
        ({"framework": "astrologie"}, ("framework", "unknown-framework")),
        ({"seats": 0}, ("seats", "greater-than-equal")),
        ({"posts": 10**12}, ("posts", "less-than-equal")),
    ],
)
async def test_a_wrong_need_is_refused(office: Office, changes: dict[str, Any], error: tuple[str, str]) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    before = await office.counts()
    response = await office.ask("POST", "/api/v1/needs", json={**bodies.need(employer), **changes})
    assert response.status_code == 422
    assert error in _errors(response.json())
    assert await office.counts() == before


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"starts_at": "2025-12-01T09:30:00+01:00"}, ("starts_at", "meetup-in-the-past")),
        ({"starts_at": "2026-11-22T11:00:00+01:00"}, ("starts_at", "meetup-in-the-past")),
        ({"starts_at": "2026-12-01T09:30:00"}, ("starts_at", "timezone-aware")),
        ({"starts_at": "2026-12-01T23:30:00+01:00"}, ("slots", "meetup-too-long")),
        ({"slots": 0}, ("slots", "greater-than-equal")),
        ({"breaks": [10]}, ("breaks.0", "bad-slot")),
        ({"venue": "x" * 81}, ("venue", "string-too-long")),
    ],
)
async def test_a_wrong_meetup_is_refused(office: Office, changes: dict[str, Any], error: tuple[str, str]) -> None:
    before = await office.counts()
    response = await office.ask("POST", "/api/v1/meetups", json=bodies.meetup(**changes))
    assert response.status_code == 422
    assert error in _errors(response.json())
    assert await office.counts() == before


async def test_a_wrong_siret_and_a_workshop_that_ends_before_it_begins_are_refused(office: Office) -> None:
    siret = await office.ask("POST", "/api/v1/employers", json=bodies.employer(siret="12345678901234"))
    period = await office.ask("POST", "/api/v1/workshops", json=bodies.workshop(ends_on="2026-10-01"))
    assert _errors(siret.json()) == {("siret", "bad-siret")}
    assert _errors(period.json()) == {("ends_on", "bad-period")}


async def test_what_is_no_json_and_what_is_too_long_get_a_clear_answer(office: Office) -> None:
    broken = await office.ask(
        "POST", "/api/v1/employers", content=b'{"name": ', headers={"content-type": "application/json"}
    )
    assert broken.status_code == 422
    assert broken.json()["errors"][0]["code"] == "json-invalid"
    huge = await office.ask("POST", "/api/v1/employers", content=b" " * 50_000_000)
    assert huge.status_code == 413
    assert huge.json()["code"] == "body-too-large"


async def test_an_identifier_has_one_bearer_of_each_kind(office: Office) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer(identifier="X1")))["id"]
    await office.post("/api/v1/participants", bodies.participant(identifier="X1"))
    await office.post("/api/v1/needs", bodies.need(employer, identifier="X1"))
    await office.post("/api/v1/meetups", bodies.meetup(identifier="X1"))
    await office.post("/api/v1/workshops", bodies.workshop(identifier="X1"))
    for path, body in (
        ("/api/v1/employers", bodies.employer(identifier="X1")),
        ("/api/v1/participants", bodies.participant(identifier="X1")),
        ("/api/v1/needs", bodies.need(employer, identifier="X1")),
        ("/api/v1/meetups", bodies.meetup(identifier="X1")),
        ("/api/v1/workshops", bodies.workshop(identifier="X1")),
    ):
        response = await office.ask("POST", path, json=body)
        assert response.status_code == 409
        assert _errors(response.json()) == {("identifier", "duplicate-identifier")}


@pytest.mark.parametrize("kind", ["participants", "workshops", "employers", "needs", "meetups"])
async def test_what_an_address_names_and_is_not_there_is_not_found(office: Office, kind: str) -> None:
    response = await office.ask("GET", f"/api/v1/{kind}/{uuid4()}")
    assert response.status_code == 404
    assert response.json()["code"] == f"unknown-{kind.removesuffix('s')}"


async def test_a_page_outside_its_bounds_is_refused(office: Office) -> None:
    for query in ("cursor=0", "size=0", "size=100000", "cursor=x.y"):
        assert (await office.ask("GET", f"/api/v1/participants?{query}")).status_code == 422
