"""Sessions of workshops: when they are, what is done, who came, and what notes are held against."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.registration import bodies
from tests.services.registration.merges import merged, registered, state, undone
from tests.services.registration.office import OPERATOR, Office

W = "/api/v1/workshops"


async def workshop_with(office: Office, *people: str) -> str:
    """A workshop in which these are enrolled."""
    workshop = str((await office.post(W, bodies.workshop()))["id"])
    await office.enrol(workshop, *people)
    return workshop


async def came(office: Office, workshop: str, session: str, person: str, present: bool | None) -> dict[str, Any]:
    """The answer to noting whether somebody came."""
    path = f"{W}/{workshop}/sessions/{session}/presences/{person}"
    answer: dict[str, Any] = (await office.ask("PUT", path, json={"present": present})).json()
    return answer


async def presences(office: Office, workshop: str, session: str) -> dict[str, bool | None]:
    """Who came, by id."""
    items = (await office.ask("GET", f"{W}/{workshop}/sessions/{session}/presences")).json()["items"]
    return {each["participant_id"]: each["present"] for each in items}


async def test_sessions_are_listed_by_day_and_hour_as_they_were_said(office: Office) -> None:
    workshop = await workshop_with(office)
    later = await office.plan_session(workshop, begins="14:00")
    whole = await office.post(f"{W}/{workshop}/sessions", bodies.workshop_session())
    assert whole["warnings"] == []
    items = (await office.ask("GET", f"{W}/{workshop}/sessions")).json()["items"]
    assert [each["id"] for each in items] == [whole["id"], later]
    told = bodies.workshop_session(exercise="dessin-dicte", identifier=None)
    assert items[0] == {**told, "id": whole["id"], "revision": 1, "workshop_id": workshop}
    assert (items[1]["exercise"], items[1]["ends"]) == (None, None)


async def test_a_session_is_replaced_by_whoever_saw_it_and_dropped(office: Office) -> None:
    workshop = await workshop_with(office)
    session = await office.plan_session(workshop)
    path = f"{W}/{workshop}/sessions/{session}"
    shown = (await office.ask("GET", path)).json()
    assert (await office.ask_blindly("PUT", path, json=shown)).status_code == 428
    headers = {"if-match": '"1"'}
    answer = await office.ask_blindly("PUT", path, json={**shown, "title": "Autre"}, headers=headers)
    assert answer.json()["change"] == "changed"
    stale = await office.ask_blindly("PUT", path, json={**shown, "title": "Encore"}, headers=headers)
    assert stale.status_code == 412
    assert (await office.ask_blindly("DELETE", path)).status_code == 204
    assert (await office.ask("GET", path)).json()["code"] == "unknown-session"


async def test_of_a_session_only_what_is_named_changes(office: Office) -> None:
    workshop = await workshop_with(office)
    session = (await office.post(f"{W}/{workshop}/sessions", bodies.workshop_session()))["id"]
    path = f"{W}/{workshop}/sessions/{session}"
    shown = (await office.ask("GET", path)).json()
    assert (await office.ask_blindly("PATCH", path, json={"title": None})).status_code == 428
    headers = {"if-match": '"1"'}
    answer = await office.ask_blindly("PATCH", path, json={"title": None, "begins": "10:00"}, headers=headers)
    assert (answer.json()["change"], answer.headers["etag"]) == ("changed", '"2"')
    now = (await office.ask("GET", path)).json()
    assert now == {**shown, "revision": 2, "title": None, "begins": "10:00"}
    assert (await office.ask_blindly("PATCH", path, json={"held_on": None}, headers=headers)).status_code == 422


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"begins": "12:00", "ends": "09:30"}, 422, "bad-hours"),
        ({"held_on": "2026-12-24"}, 201, "session-outside-workshop"),
        ({"begins": "25:00"}, 422, "invalid"),
        ({"exercise": "Le grand plongeon"}, 201, None),
    ],
)
async def test_what_is_odd_about_a_session_is_said(
    office: Office, changes: dict[str, str], status: int, code: str | None
) -> None:
    workshop = await workshop_with(office)
    answer = await office.ask("POST", f"{W}/{workshop}/sessions", json=bodies.workshop_session(**changes))
    assert answer.status_code == status, answer.text
    if code and code != "invalid":
        told = answer.json()
        assert code in [told.get("code"), *(each["code"] for each in told.get("warnings", ()))]


async def test_who_came_is_known_or_not_of_each_who_is_enrolled(office: Office) -> None:
    one, two, stranger = [await registered(office, f"P{number}") for number in range(3)]
    workshop = await workshop_with(office, one, two)
    session = await office.plan_session(workshop)
    assert await presences(office, workshop, session) == {one: None, two: None}
    assert (await came(office, workshop, session, one, True))["change"] == "new"
    assert (await came(office, workshop, session, one, True))["change"] == "unchanged"
    assert (await came(office, workshop, session, two, False))["change"] == "new"
    assert await presences(office, workshop, session) == {one: True, two: False}
    assert (await came(office, workshop, session, two, True))["change"] == "changed"
    assert (await came(office, workshop, session, one, None))["change"] == "changed"
    assert await presences(office, workshop, session) == {one: None, two: True}
    assert (await came(office, workshop, session, stranger, True))["code"] == "not-enrolled"


async def test_a_note_of_a_day_without_a_session_or_of_somebody_absent_is_taken_with_a_warning(office: Office) -> None:
    person = await registered(office, "P1")
    workshop = await workshop_with(office, person)

    async def warned(day: str, skill: str) -> list[str]:
        body = bodies.observation(workshop, person, seen_on=day, skill=skill)
        return [each["code"] for each in (await office.post("/api/v1/observations", body))["warnings"]]

    assert await warned("2026-11-03", "6D101") == [], "nothing is known of sessions"
    morning = await office.plan_session(workshop)
    assert await warned("2026-11-04", "6D102") == ["no-session-that-day"]
    await came(office, workshop, morning, person, False)
    assert await warned("2026-11-03", "6D103") == ["marked-absent"]
    afternoon = await office.plan_session(workshop, begins="14:00")
    await came(office, workshop, afternoon, person, True)
    assert await warned("2026-11-03", "6D104") == []


async def test_a_merge_takes_over_where_somebody_was_and_its_undoing_puts_it_back(office: Office) -> None:
    survivor, gone = await registered(office, "P1"), await registered(office, "P9")
    workshop = await workshop_with(office, survivor, gone)
    both, alone = await office.plan_session(workshop), await office.plan_session(workshop, held_on="2026-11-04")
    await came(office, workshop, both, survivor, True)
    await came(office, workshop, both, gone, False)
    await came(office, workshop, alone, gone, True)
    before = await state(office)
    made = await merged(office, survivor, gone)
    assert (await presences(office, workshop, both))[survivor] is True
    assert (await presences(office, workshop, alone))[survivor] is True
    await undone(office, survivor, made)
    assert await state(office) == before


async def test_where_somebody_was_stands_in_their_record_and_letter_and_goes_with_them(office: Office) -> None:
    person = await registered(office, "P1")
    workshop = await workshop_with(office, person)
    session = str((await office.post(f"{W}/{workshop}/sessions", bodies.workshop_session()))["id"])
    await came(office, workshop, session, person, True)
    record = (await office.ask("GET", f"/api/v1/participants/{person}/record")).json()
    (told,) = record["services"]["registration"]["record"]["workshop_presences"]
    assert told["is_present"] is True
    assert record["ids"][session]["kind"] == "workshop-session"
    page = await office.ask("GET", f"/participants/{person}/record?language=fr", headers={"accept": "text/html"})
    assert "Décrire une œuvre" in page.text
    lines = (await office.ask("GET", f"/api/v1/audit/participants/{person}", OPERATOR)).json()["items"]
    assert "workshop_presences" in {each["kind"] for each in lines}
    await office.ask("DELETE", f"/api/v1/participants/{person}")
    assert await office.rows("SELECT * FROM workshop_presences") == []
    assert len(await office.rows("SELECT * FROM workshop_sessions")) == 1
