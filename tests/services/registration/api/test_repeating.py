"""Asking twice: by an idempotency key, and by the external identifier."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

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


KEY = {"Idempotency-Key": "agenda-1"}
FILES = {"participants.csv": "identifiant;nom;prénom\nP1;Brunel;Maurice\n"}


async def two_people(office: Office) -> list[str]:
    """Somebody, and somebody else."""
    names = ({"last_name": "Brunel"}, {"last_name": "Rossi"})
    return [(await office.post("/api/v1/participants", bodies.participant(**each)))["id"] for each in names]


async def account_wanted(_office: Office) -> tuple[str, dict[str, Any]]:
    return "/api/v1/accounts", {"email": "noe@agence.example", "role": "operator"}


async def merge_wanted(office: Office) -> tuple[str, dict[str, Any]]:
    one, other = await two_people(office)
    return f"/api/v1/participants/{one}/merges", {"merged_id": other}


async def objection_wanted(office: Office) -> tuple[str, dict[str, Any]]:
    one, _ = await two_people(office)
    return f"/api/v1/participants/{one}/objections", {"purpose": "contact"}


async def change_proposed(office: Office) -> tuple[str, dict[str, Any]]:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    return f"/api/v1/employers/{employer}/proposals", {"phone": "03 37 20 74 61"}


async def site_proposed(office: Office) -> tuple[str, dict[str, Any]]:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    return "/api/v1/sites/proposals", bodies.site(employer)


async def export_wanted(_office: Office) -> tuple[str, dict[str, Any]]:
    return "/api/v1/exports", {"lists": ["participants"]}


Wanted = Callable[[Office], Awaitable[tuple[str, dict[str, Any]]]]


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ("accounts", account_wanted),
        ("merges", merge_wanted),
        ("objections", objection_wanted),
        ("proposals", change_proposed),
        ("proposals", site_proposed),
        ("exports", export_wanted),
    ],
)
async def test_whatever_is_made_is_made_once_under_its_key(office: Office, table: str, wanted: Wanted) -> None:
    path, body = await wanted(office)
    first, second = [await office.ask("POST", path, OPERATOR, json=body, headers=KEY) for _ in range(2)]
    assert first.status_code in {201, 202}, first.text
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    for name in ("etag", "location"):
        assert second.headers.get(name) == first.headers.get(name)
    assert (await office.rows(f"SELECT count(*) AS rows FROM {table}"))[0]["rows"] == 1  # noqa: S608 - of our own
    other = await office.ask("POST", "/api/v1/venues", OPERATOR, json=bodies.venue(), headers=KEY)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


async def test_files_are_handed_in_once_however_their_form_is_written(office: Office) -> None:
    async def hand_in(text: str, query: str = "") -> Any:
        files = [("files", (name, content + text)) for name, content in FILES.items()]
        return await office.ask("POST", f"/api/v1/imports{query}", files=files, headers=KEY)

    first, second = await hand_in(""), await hand_in("")
    assert first.request.headers["content-type"] != second.request.headers["content-type"]
    assert (second.status_code, second.json()) == (202, first.json())
    assert second.headers["location"] == first.headers["location"]
    assert len(await office.rows("SELECT id FROM imports")) == 1
    for other in (await hand_in("P2;Rossi;Anna\n"), await hand_in("", "?dry_run=true")):
        assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


async def test_a_secret_is_not_told_again(office: Office) -> None:
    first, second = [
        await office.ask("POST", "/api/v1/credentials", OPERATOR, json=bodies.credential(), headers=KEY)
        for _ in range(2)
    ]
    made, again = first.json(), second.json()
    assert (second.status_code, again["code"], again["credential_id"]) == (409, "secret-given", made["id"])
    assert len(await office.rows("SELECT id FROM credentials")) == 1
    assert made["secret"] not in str(await office.rows("SELECT * FROM idempotency_keys"))
