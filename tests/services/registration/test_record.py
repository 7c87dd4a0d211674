"""Somebody's whole record: all that an erasure would take is in it, or named with the reason why it is not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import SecretStr

from services.registration.adapters.records_elsewhere import RecordsOfServices, RecordUnavailable
from services.registration.settings import Settings
from services.registration.tables import Apart, Base
from services.registration.use_cases.record import UNTOLD
from shared.ids import new_id
from shared.travel.erasure import columns_of_documents, columns_of_people, columns_of_tombstones
from shared.whole_record import columns_told, documents_told
from tests.services.registration import bodies
from tests.services.registration.office import NOW, OPERATOR, SECRET, Office
from tests.support.tokens import SIGNERS


async def seen_somebody(office: Office) -> str:
    """Somebody of Lens who was noted in a workshop and is enrolled in a meetup."""
    person = str((await office.post("/api/v1/participants", bodies.participant()))["id"])
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    await office.post("/api/v1/observations", bodies.observation(workshop, person))
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    await office.ask("DELETE", f"/api/v1/participants/{person}/consents/contact")
    return person


async def record_of(office: Office, person: str) -> dict[str, Any]:
    answer = await office.ask("GET", f"/api/v1/participants/{person}/record")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_record_holds_everything_with_who_and_when_and_nobodys_name(office: Office) -> None:
    person = await seen_somebody(office)
    told = await record_of(office, person)
    here = told["services"]["registration"]["record"]
    assert here["participant_contacts"][0]["email"] == "maurice.brunel@courriel.example"
    assert (here["criteria"][0]["born_on"], here["criteria"][0]["publics"]) == ("1991-08-08", ["DELD"])
    [observed] = here["observations"]
    assert (observed["note"], observed["level"]) == ("Est allé au bout.", 3)
    rater = told["ids"][observed["rater_id"]]
    assert (rater["kind"], rater["role"]) == ("staff", "mediator")
    assert told["ids"][observed["workshop_id"]]["title"] == bodies.workshop()["title"]
    assert told["ids"][here["meetup_enrolments"][0]["meetup_id"]]["kind"] == "meetup"
    decided = [(each["purpose"], each["is_granted"], each["source"]) for each in here["consents"]]
    assert len(decided) >= 2
    assert ("contact", False, "person") in decided
    looks = told["services"]["registration"]["looks"]
    assert {look["role"] for look in looks} == {"adviser", "operator"}
    assert "georges.julien" not in str(told)
    assert set(told["services"]) == {"registration", "matching", "notification"}


async def test_nothing_of_somebody_else_stands_in_a_record(office: Office) -> None:
    person = await seen_somebody(office)
    other = str((await office.post("/api/v1/participants", bodies.participant(first_name="Zéphyrine")))["id"])
    told = str(await record_of(office, person))
    assert other not in told
    assert "Zéphyrine" not in told


async def test_handing_a_record_over_is_a_look(office: Office) -> None:
    person = await seen_somebody(office)
    await record_of(office, person)
    asked = {"participant": person, "kind": "records"}
    [line] = (await office.ask("GET", "/api/v1/audit", OPERATOR, params=asked)).json()["items"]
    assert (line["what"], line["person_id"]) == ("look", str(office.adviser.id))


async def test_a_record_that_would_not_be_whole_is_not_handed_over(office: Office) -> None:
    person = await seen_somebody(office)
    office.app.state.records_elsewhere.is_silent = True
    try:
        answer = await office.ask("GET", f"/api/v1/participants/{person}/record")
    finally:
        office.app.state.records_elsewhere.is_silent = False
    assert (answer.status_code, answer.json()["code"]) == (503, "record-not-whole")


async def test_nobody_of_another_agency_is_handed_a_record(office: Office) -> None:
    person = await seen_somebody(office)
    assert (await office.ask("GET", f"/api/v1/participants/{person}/record", office.other_adviser)).status_code == 404


def test_what_an_erasure_takes_is_told_or_named_with_its_reason() -> None:
    tables = Base.metadata.sorted_tables
    taken = {*columns_of_people(tables), *columns_of_tombstones(Base.metadata), *columns_of_documents(tables)}
    told = {
        column.table.name for column in (*columns_told(Base.metadata, UNTOLD), *documents_told(Base.metadata, UNTOLD))
    }
    named = {name.partition(".")[0] for name in UNTOLD}
    assert {column.table.name for column in taken} <= told | named
    assert all(reason for reason in UNTOLD.values())
    assert [name for name in UNTOLD if name.partition(".")[0] not in Base.metadata.tables] == []
    assert list(Apart.metadata.tables) == ["protected.criteria"]


async def test_the_others_are_asked_with_a_token_of_our_own_and_silence_is_told() -> None:
    elsewhere, asked = FastAPI(), []

    @elsewhere.get("/internal/participants/{participant_id}/record")
    async def record(participant_id: str, request: Request) -> dict[str, str]:
        asked.append(request.headers["authorization"].startswith("Bearer "))
        return {"of": participant_id}

    settings = Settings(database_url="postgresql+asyncpg://nobody@127.0.0.1/nothing", seal_secret=SecretStr(SECRET))
    answering, silent = httpx.ASGITransport(elsewhere), httpx.ASGITransport(FastAPI())
    person = new_id()
    for other, is_told in ((answering, True), (silent, False)):
        transports: Any = {"matching": answering, "notification": other}
        async with RecordsOfServices(settings, SIGNERS["registration"], lambda: NOW, transports) as records:
            if is_told:
                assert await records.of(person) == {service: {"of": str(person)} for service in transports}
                continue
            with pytest.raises(RecordUnavailable):
                await records.of(person)
    assert asked == [True] * 3
