"""Many records in one request: each gets its answer in order, and one that is refused leaves the others alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.registration.intake.bulk_bodies import MOST_AT_ONCE
from shared.contracts.participants import ParticipantRegistered
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, OPERATOR, Office

P, O, N = (f"/api/v1/{name}/bulk" for name in ("participants", "observations", "needs"))  # noqa: E741


async def send(office: Office, path: str, *items: Any, **how: Any) -> httpx.Response:
    """What is answered to many items."""
    return await office.ask("POST", path, json={"items": items}, **how)


def statuses(answer: httpx.Response) -> list[int]:
    """The status of each item, which stands in its place."""
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [each["item"] for each in items] == list(range(len(items)))
    return [each["status"] for each in items]


async def test_each_is_answered_in_order_and_a_bad_one_stops_no_other(office: Office) -> None:
    answer = await send(
        office,
        P,
        bodies.participant(identifier="P1"),
        bodies.participant(identifier="P2", commune="Lievinn"),
        bodies.participant(identifier="P1"),
        {"identifier": "P3", "nom": "Brunel"},
        "nobody",
        bodies.participant(identifier="P4", agency_id=str(office.lille)),
        bodies.participant(identifier="P5"),
    )
    assert statuses(answer) == [201, 422, 409, 422, 422, 403, 201]
    items = answer.json()["items"]
    assert [each["problem"] and each["problem"]["code"] for each in items] == [
        None,
        "unknown-commune",
        "duplicate-identifier",
        "invalid-request",
        "invalid-request",
        "not-allowed",
        None,
    ]
    assert {(each["path"], each["code"]) for each in items[3]["problem"]["errors"]} >= {("nom", "extra-forbidden")}
    assert "Lievinn" not in answer.text
    kept = {row["identifier"]: str(row["id"]) for row in await office.rows("SELECT id, identifier FROM participants")}
    assert kept == {"P1": items[0]["saved"]["id"], "P5": items[6]["saved"]["id"]}
    told = [str(getattr(event, event.key)) for event in await office.events(ParticipantRegistered)]
    assert told == [kept["P1"], kept["P5"]]


async def test_the_audit_names_what_was_kept_alone(office: Office) -> None:
    async def lines() -> list[Any]:
        asked = "/api/v1/audit?kind=participants&what=insert&size=200"
        return list((await office.ask("GET", asked, OPERATOR)).json()["items"])

    before = await lines()
    answer = await send(office, P, bodies.participant(), bodies.participant(commune="Lievinn"))
    one = answer.json()["items"][0]["saved"]["id"]
    new = [(each["participant_id"], each["route"]) for each in await lines() if each not in before]
    assert new == [(one, "POST /api/v1/participants/bulk")]


async def test_all_are_kept_once_under_their_key(office: Office) -> None:
    items = [bodies.participant(email=None), bodies.participant(commune="Lievinn")]
    key = {"Idempotency-Key": "evening-1"}
    first = await send(office, P, *items, headers=key)
    second = await send(office, P, *items, headers={**key, "accept-language": "en"})
    assert statuses(second) == statuses(first) == [201, 422]
    assert first.json()["items"][0]["saved"]["id"] == second.json()["items"][0]["saved"]["id"]
    assert (await office.counts())["participants"] == 1
    told = [answer.json()["items"][1]["problem"]["title"] for answer in (first, second)]
    assert told == ["Données incorrectes", "Data not right"]
    warned = [answer.json()["items"][0]["saved"]["warnings"][0]["message"] for answer in (first, second)]
    assert warned[0] != warned[1]
    other = await send(office, P, items[0], headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


async def test_whoever_is_erased_goes_from_the_answer_that_was_kept(office: Office) -> None:
    key = {"Idempotency-Key": "evening-2"}
    items = [bodies.participant(), bodies.participant()]
    one, other = [each["saved"]["id"] for each in (await send(office, P, *items, headers=key)).json()["items"]]
    await office.ask("DELETE", f"/api/v1/participants/{one}")
    again = (await send(office, P, *items, headers=key)).json()["items"]
    assert [(each["item"], each["saved"]["id"]) for each in again] == [(1, other)]


@pytest.mark.parametrize("count", [0, MOST_AT_ONCE + 1])
async def test_there_are_some_and_not_too_many(office: Office, count: int) -> None:
    answer = await send(office, P, *[bodies.participant()] * count)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "items")
    assert (await office.counts())["participants"] == 0


async def test_as_many_as_may_be_are_kept(office: Office) -> None:
    many = [bodies.participant(identifier=f"P{number}") for number in range(MOST_AT_ONCE)]
    assert statuses(await send(office, P, *many)) == [201] * MOST_AT_ONCE


async def test_people_are_enrolled_and_seen_and_needs_are_published_together(office: Office) -> None:
    registered = await send(office, P, bodies.participant(), bodies.participant())
    one, other = [each["saved"]["id"] for each in registered.json()["items"]]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    enrolling = f"/api/v1/workshops/{workshop}/participants"
    people = [{"participant_id": each} for each in (one, workshop, other, one)]
    enrolled = await send(office, enrolling, *people)
    assert statuses(enrolled) == [200, 422, 200, 200]
    changes = [each["saved"] and each["saved"]["change"] for each in enrolled.json()["items"]]
    assert changes == ["new", None, "new", "unchanged"]
    notes = [bodies.observation(workshop, each) for each in (one, other)]
    assert statuses(await send(office, O, notes[0], {**notes[1], "skill": "rien"}, notes[0], notes[1])) == [
        201,
        422,
        200,
        201,
    ]
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    assert statuses(await send(office, N, bodies.need(employer), bodies.need(workshop))) == [201, 422]


async def test_of_what_is_refused_half_way_nothing_stays(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    by_somebody_new = bodies.observation(workshop, person, observer="somebody.new@musees.example")
    refused = await send(office, O, by_somebody_new)
    assert statuses(refused) == [422], refused.text
    assert await office.rows("SELECT 1 FROM staff WHERE email LIKE 'somebody.new%'") == []
    await office.enrol(workshop, person)
    assert statuses(await send(office, O, by_somebody_new)) == [201]
    assert len(await office.rows("SELECT 1 FROM staff WHERE email LIKE 'somebody.new%'")) == 1


async def test_an_unknown_workshop_is_none_for_all(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    answer = await send(office, f"/api/v1/workshops/{person}/participants", {"participant_id": person})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-workshop")


async def test_whoever_may_not_register_one_registers_not_many(office: Office) -> None:
    assert (await send(office, P, bodies.participant(), person=MANAGER)).status_code == 403
