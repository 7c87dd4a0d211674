"""An agency vouches for each employer and need: others see what they need, and propose what should change."""

from __future__ import annotations

import importlib.util
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from services.registration.settings import Settings
from services.registration.worker import keep_no_longer
from shared.contracts.employers import EmployerChanged, NeedChanged
from shared.database import unit_of_work
from shared.identity import Person, Role
from shared.revisions import migrations_folder
from shared.sql import run
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, NOW, OPERATOR, Office
from tests.services.registration.use_cases.importing.exports import EMPLOYER, NEED, PARTICIPANT, written

ELSEWHERE = {"email": "ailleurs@entreprise.example"}


async def employer_of_lens(office: Office) -> str:
    return str((await office.post("/api/v1/employers", bodies.employer(identifier="E1")))["id"])


async def is_expected(office: Office, employer: str) -> str:
    """A need of the employer is invited to a meetup ahead; gives the meetup."""
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    meetup = str((await office.post("/api/v1/meetups", bodies.meetup()))["id"])
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    return meetup


async def contact_of(office: Office, employer: str, person: Person = OPERATOR) -> Any:
    return (await office.ask("GET", f"/api/v1/employers/{employer}", person)).json().get("email")


async def test_nobody_redirects_the_shortlist_of_another_agency(office: Office) -> None:
    employer = await employer_of_lens(office)
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    stranger = office.other_adviser
    answers = [
        await office.ask("PUT", f"/api/v1/employers/{employer}", stranger, json=bodies.employer(**ELSEWHERE)),
        await office.ask("PATCH", f"/api/v1/employers/{employer}", stranger, json=ELSEWHERE),
        await office.ask("PUT", "/api/v1/employers/by-identifier/E1", stranger, json=bodies.employer(**ELSEWHERE)),
        await office.ask("PATCH", f"/api/v1/needs/{need}", stranger, json={"title": "Autre chose"}),
        await office.ask("POST", f"/api/v1/needs/{need}/close", stranger),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "other-agency")}
    report = await office.import_files(
        {"employeurs.csv": written([{**EMPLOYER, "courriel": "x@evil.example"}])}, stranger
    )
    assert [finding["code"] for finding in report["findings"]] == ["other-agency"]
    assert await contact_of(office, employer) == "recrutement@entreprise.example"
    assert await office.events(EmployerChanged, NeedChanged) == []


async def test_others_see_an_employer_without_whom_to_talk_to(office: Office) -> None:
    employer = await employer_of_lens(office)
    for person, sees in ((office.adviser, True), (office.other_adviser, False), (MANAGER, False), (OPERATOR, True)):
        shown = (await office.ask("GET", f"/api/v1/employers/{employer}", person)).json()
        (listed,) = (await office.ask("GET", "/api/v1/employers", person)).json()["items"]
        for each in (shown, listed):
            assert each["name"] == "Rossi"
            assert {name for name in ("contact_name", "email", "phone") if name in each} == (
                {"contact_name", "email", "phone"} if sees else set()
            )


async def test_an_agency_accepts_what_another_proposes_or_refuses_it(office: Office) -> None:
    employer = await employer_of_lens(office)
    meetup = await is_expected(office, employer)
    path = f"/api/v1/employers/{employer}/proposals"
    first = (await office.post(path, ELSEWHERE, office.other_adviser))["id"]
    second = (await office.post(path, {"name": "Rossi et fille"}, office.other_adviser))["id"]
    assert await contact_of(office, employer) == "recrutement@entreprise.example"
    waiting = (await office.ask("GET", "/api/v1/proposals?open=true")).json()["items"]
    assert {each["id"]: each["changes"] for each in waiting} == {first: ELSEWHERE, second: {"name": "Rossi et fille"}}
    assert {each["proposed_by"] for each in waiting} == {str(office.other_adviser.id)}

    own = await office.ask("POST", f"/api/v1/proposals/{first}/accept", office.other_adviser)
    assert (own.status_code, own.json()["code"]) == (404, "unknown-proposal")
    accepted = await office.ask("POST", f"/api/v1/proposals/{first}/accept")
    assert (accepted.status_code, accepted.json()["change"]) == (200, "changed")
    assert (await office.ask("POST", f"/api/v1/proposals/{second}/refuse")).status_code == 204
    again = await office.ask("POST", f"/api/v1/proposals/{second}/accept")
    assert (again.status_code, again.json()["code"]) == (409, "proposal-settled")
    shown = (await office.ask("GET", f"/api/v1/employers/{employer}")).json()
    assert (shown["name"], shown["email"]) == ("Rossi", "ailleurs@entreprise.example")
    settled = (await office.ask("GET", "/api/v1/proposals?open=false", office.other_adviser)).json()["items"]
    assert {each["id"]: each["is_accepted"] for each in settled} == {first: True, second: False}
    assert meetup


async def test_a_change_of_a_need_is_proposed_too_and_a_wrong_one_is_told_at_once(office: Office) -> None:
    employer = await employer_of_lens(office)
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    path = f"/api/v1/needs/{need}/proposals"
    wrong = await office.ask("POST", path, office.other_adviser, json={"commune": "Nullepart-sur-Rien"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown-commune")
    proposed = (await office.post(path, {"posts": 7}, office.other_adviser))["id"]
    assert (await office.ask("POST", f"/api/v1/proposals/{proposed}/accept")).json()["change"] == "changed"
    assert (await office.ask("GET", f"/api/v1/needs/{need}")).json()["posts"] == 7


async def test_where_shortlists_go_is_the_own_agencys_to_say_while_a_meetup_is_ahead(office: Office) -> None:
    employer = await employer_of_lens(office)
    meetup = await is_expected(office, employer)

    async def change(person: Person, body: dict[str, Any]) -> httpx.Response:
        return await office.ask("PATCH", f"/api/v1/employers/{employer}", person, json=body)

    refused = await change(OPERATOR, ELSEWHERE)
    assert (refused.status_code, refused.json()["code"]) == (409, "contact-in-use")
    report = await office.import_files({"employeurs.csv": written([{**EMPLOYER, "courriel": "x@y.example"}])})
    assert [(finding["code"], finding["column"]) for finding in report["findings"]] == [("contact-in-use", "courriel")]
    assert (await change(OPERATOR, {"name": "Rossi et fille"})).json()["change"] == "changed"
    assert (await change(office.adviser, {"phone": "03 21 00 00 00"})).json()["change"] == "changed"
    await office.ask("POST", f"/api/v1/meetups/{meetup}/cancel")
    assert (await change(OPERATOR, ELSEWHERE)).json()["change"] == "changed"


async def test_what_is_imported_belongs_to_whoever_imports_or_is_named_or_to_the_departement(office: Office) -> None:
    rows = [EMPLOYER, {**EMPLOYER, "identifiant": "E2", "agence": "Agence de Lille"}]
    await office.import_files({"participants.csv": written([PARTICIPANT]), "employeurs.csv": written(rows[:1])})
    await office.import_files({"employeurs.csv": written(rows[1:]), "besoins.csv": written([NEED])})
    await office.import_files({"employeurs.csv": written([{**EMPLOYER, "identifiant": "E3"}])}, office.other_adviser)
    foreign = {**EMPLOYER, "identifiant": "E4", "agence": "Agence de Lens"}
    report = await office.import_files({"employeurs.csv": written([foreign])}, office.other_adviser)
    assert [finding["code"] for finding in report["findings"]] == ["other-agency"]
    kept = await office.rows(
        "SELECT identifier, agency_id FROM employers UNION SELECT identifier, agency_id FROM needs ORDER BY identifier"
    )
    assert {row["identifier"]: row["agency_id"] for row in kept} == {
        "B1": office.lens,
        "E1": office.lens,
        "E2": office.lille,
        "E3": office.lille,
    }


async def test_what_was_there_before_belongs_to_whoever_met_it_or_to_an_agency_near(office: Office) -> None:
    met = await employer_of_lens(office)
    near = (await office.post("/api/v1/employers", bodies.employer(commune="Roubaix")))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(met)))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(), office.other_adviser))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", office.other_adviser, json={})
    path = migrations_folder("registration") / "versions" / "0006_vouching.py"
    spec = importlib.util.spec_from_file_location("vouching", path)
    assert spec is not None
    assert spec.loader is not None
    version = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(version)
    async with unit_of_work(office.sessions) as session:
        for statement in ("UPDATE employers SET agency_id = NULL", "UPDATE needs SET agency_id = NULL"):
            await run(session, text(statement))
        for statement in (version.OF_EMPLOYERS, version.OF_NEEDS):
            await run(session, text(statement))
    kept = {str(row["id"]): row["agency_id"] for row in await office.rows("SELECT id, agency_id FROM employers")}
    assert kept == {met: office.lille, near: office.lille}
    assert [row["agency_id"] for row in await office.rows("SELECT agency_id FROM needs")] == [office.lille]


async def test_a_note_shows_who_saw_it_and_who_wrote_it_down(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    (julien,) = [
        each for each in (await office.ask("GET", "/api/v1/staff")).json()["items"] if each["role"] == "mediator"
    ]
    noted = (await office.post("/api/v1/observations", bodies.observation(workshop, person)))["id"]
    (listed,) = (await office.ask("GET", "/api/v1/observations")).json()["items"]
    shown = (await office.ask("GET", f"/api/v1/observations/{noted}")).json()
    for each in (listed, shown):
        assert (each["rater_id"], each["written_by"]) == (julien["id"], str(office.adviser.id))
    mediator = Person(UUID(julien["id"]), Role.MEDIATOR, office.lens)
    await office.ask("PUT", f"/api/v1/observations/{noted}", mediator, json={"level": 1})
    assert (await office.ask("GET", f"/api/v1/observations/{noted}")).json()["written_by"] == julien["id"]


async def test_how_an_employer_was_reached_before_and_who_changed_it_is_seen_for_a_while(
    office: Office, settings: Settings
) -> None:
    employer = await employer_of_lens(office)
    await office.ask("PATCH", f"/api/v1/employers/{employer}", json={"name": "Rossi et fille"})
    await office.ask("PATCH", f"/api/v1/employers/{employer}", json=ELSEWHERE)
    path = f"/api/v1/employers/{employer}/former-contacts"
    (former,) = (await office.ask("GET", path)).json()["items"]
    assert (former["email"], former["contact_name"]) == ("recrutement@entreprise.example", "Audrey Jacob")
    assert former["changed_by"] == str(office.adviser.id)
    assert (await office.ask("GET", path, office.other_adviser)).json()["code"] == "other-agency"
    await keep_no_longer(office.sessions, settings, lambda: NOW + timedelta(days=61))
    assert len((await office.ask("GET", path)).json()["items"]) == 1
    await keep_no_longer(office.sessions, settings, lambda: NOW + timedelta(days=63))
    assert (await office.ask("GET", path)).json()["items"] == []
