"""Asking twice: by an idempotency key, and by the external identifier."""

import asyncio

from shared.contracts.employers import EmployerRegistered
from shared.contracts.meetups import MeetupChanged
from shared.contracts.participants import ParticipantChanged, ParticipantRegistered
from tests.services.registration import bodies
from tests.services.registration.office import OPERATOR, Office


async def test_the_same_request_with_the_same_key_is_carried_out_once(office: Office) -> None:
    headers = {"Idempotency-Key": "tablet-17"}
    first = await office.ask("POST", "/api/v1/employers", json=bodies.employer(), headers=headers)
    second = await office.ask("POST", "/api/v1/employers", json=bodies.employer(), headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(await office.events(EmployerRegistered)) == 1


async def test_two_equal_requests_at_once_are_carried_out_once(office: Office) -> None:
    headers = {"Idempotency-Key": "tablet-18"}
    answers = await asyncio.gather(
        *(office.ask("POST", "/api/v1/employers", json=bodies.employer(), headers=headers) for _ in range(3))
    )
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await office.events(EmployerRegistered)) == 1


async def test_a_key_serves_one_request_of_one_person(office: Office) -> None:
    headers = {"Idempotency-Key": "tablet-19"}
    await office.ask("POST", "/api/v1/employers", json=bodies.employer(), headers=headers)
    other = await office.ask("POST", "/api/v1/employers", json=bodies.employer(name="Blondel"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    somebody_else = await office.ask("POST", "/api/v1/employers", OPERATOR, json=bodies.employer(), headers=headers)
    assert somebody_else.status_code == 201
    assert len(await office.events(EmployerRegistered)) == 2


async def test_a_refused_request_leaves_its_key_free(office: Office) -> None:
    headers = {"Idempotency-Key": "tablet-20"}
    wrong = await office.ask("POST", "/api/v1/employers", json=bodies.employer(siret="1"), headers=headers)
    right = await office.ask("POST", "/api/v1/employers", json=bodies.employer(), headers=headers)
    assert (wrong.status_code, right.status_code) == (422, 201)


async def test_putting_by_identifier_makes_changes_or_leaves_alone(office: Office) -> None:
    path = "/api/v1/participants/by-identifier/P0001"
    changes = []
    for commune in ("Lens", "Lens", "Arras"):
        response = await office.ask("PUT", path, json=bodies.participant(commune=commune))
        changes.append((response.status_code, response.json()["change"]))
    assert changes == [(201, "new"), (200, "unchanged"), (200, "changed")]
    assert len(await office.events(ParticipantRegistered)) == 1
    assert len(await office.events(ParticipantChanged)) == 1


async def test_each_kind_can_be_put_by_identifier(office: Office) -> None:
    employer = (await office.ask("PUT", "/api/v1/employers/by-identifier/E1", json=bodies.employer())).json()["id"]
    for path, body in (
        ("employers", bodies.employer()),
        ("needs", bodies.need(employer)),
        ("workshops", bodies.workshop()),
        ("meetups", bodies.meetup()),
    ):
        await office.ask("PUT", f"/api/v1/{path}/by-identifier/E1", json=body)
        again = await office.ask("PUT", f"/api/v1/{path}/by-identifier/E1", json=body)
        assert again.json()["change"] == "unchanged", path
    moved = bodies.meetup(starts_at="2026-12-02T09:30:00+01:00")
    assert (await office.ask("PUT", "/api/v1/meetups/by-identifier/E1", json=moved)).json()["change"] == "changed"
    assert len(await office.events(MeetupChanged)) == 1


async def test_two_registrations_of_one_identifier_at_once_make_one_participant(office: Office) -> None:
    body = bodies.participant(identifier="P0001")
    answers = await asyncio.gather(*(office.ask("POST", "/api/v1/participants", json=body) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(await office.events(ParticipantRegistered)) == 1
